//! From checked queries and migrations to SQL text. It knows no connections.

mod ddl;
mod name;

pub use ddl::{Script, ScriptStatement};
pub use name::quote_name;
