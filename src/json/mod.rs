//! json.

mod args;

pub use args::JsonArgs;
