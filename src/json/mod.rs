//! JSON text to and from values; a strict reader that keeps the place of every part.
//!
//! `serde_json` forgets positions, and a fault in a file that a person wrote deserves its line and column.
//! This module knows nothing of what the documents mean.

mod args;
mod read;
mod rows;
mod strict;

pub use args::JsonArgs;
pub use read::{DEPTH_LIMIT, Member, Node, NodeKind, read};
pub use rows::JsonRows;
pub use strict::{is_too_deep, parse};

/// Returns how messages name a kind of value.
pub(crate) fn kind_of(value: &serde_json::Value) -> &'static str {
    use serde_json::Value;
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
