//! Runs plans on SQLite: connections, transactions, kept statements.
//!
//! The one module that names `rusqlite`. It knows plans and scripts, and nothing of queries, arguments or Lua.

/// An open SQLite database.
pub struct Store {}
