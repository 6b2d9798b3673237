//! From checked queries and migrations to SQL text. It knows no connections.

mod change;
mod compile;
mod convert;
mod ddl;
mod filter;
mod name;
pub mod plan;
mod read;
mod write;

pub use change::TableChange;
pub(crate) use change::{is_none_of, stand_in};
pub use compile::plan as compile;
pub use convert::Conversion;
pub use ddl::{Script, ScriptStatement};
pub use name::quote_name;
pub use plan::{Plan, Statement};
