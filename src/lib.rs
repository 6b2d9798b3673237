//! `mbl`, a Lua-first embeddable scripting runtime.

pub mod db;
pub mod diag;
mod error;
pub mod id;
pub mod json;
pub mod lua;
pub mod migrate;
pub mod package;
pub mod query;
pub mod runtime;
pub mod schema;
pub mod sql;
pub mod store;
pub mod value;

pub use db::{Database, DbError};
pub use error::{Error, Findings, Result};
pub use runtime::{Runtime, RuntimeBuilder};
