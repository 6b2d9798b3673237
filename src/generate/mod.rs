//! Files that are made from a schema and packages: LuaLS definitions for editors, JSON Schemas of a package's own files, new packages.
//!
//! Everything here is text from values, the same bytes each time; nothing touches the disk.

mod json_schema;
mod lua;
mod package;

pub use json_schema::json_schemas;
pub use lua::lua;
pub use package::package;

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generated {
    /// Its path below the folder that it is for, with `/`.
    pub name: String,
    /// Its whole text.
    pub text: String,
}
