//! What a script's failure looks like from Rust.

use std::fmt;

use crate::db::DbError;

/// A script failed, was refused, or was stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct LuaError {
    /// What sort of failure it is.
    pub kind: LuaErrorKind,
    /// What happened, without the file and line in front.
    pub message: String,
    /// The error's own `code` field, when a script or `db` raised a table that has one.
    pub code: Option<String>,
    /// The whole error of `db`, when it was `db` that refused.
    pub db: Option<Box<DbError>>,
    /// The script, as messages show it.
    pub file: Option<String>,
    /// The line in it, from 1.
    pub line: Option<u32>,
    /// Where the script was, innermost call first.
    pub traceback: Vec<Frame>,
}

/// What sort of failure a [`LuaError`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LuaErrorKind {
    /// The script raised an error.
    Script,
    /// An error of `db` that the script did not catch.
    Db,
    /// The script does not compile.
    Syntax,
    /// The script ran longer than it may.
    TimeLimit,
    /// The script used more memory than it may.
    MemoryLimit,
    /// The script printed or logged more than it may.
    OutputLimit,
    /// The host ended the script: what it was loading is wanted no more.
    Interrupted,
    /// There is no such package, operation, component or test.
    NotFound,
    /// The script is one of those that failed to load.
    Quarantined,
    /// A result that has no JSON form.
    Result,
    /// A fault of the host: the Lua state could not be made.
    Internal,
}

/// One level of the call stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The script, as messages show it.
    pub file: String,
    /// The line that was running, from 1.
    pub line: u32,
    /// The function's name, when Lua knows it.
    pub function: Option<String>,
}

impl LuaErrorKind {
    /// Returns the readable code of the kind, such as `lua` or `time_limit`.
    pub fn name(self) -> &'static str {
        match self {
            LuaErrorKind::Script => "lua",
            LuaErrorKind::Db => "db",
            LuaErrorKind::Syntax => "syntax",
            LuaErrorKind::TimeLimit => "time_limit",
            LuaErrorKind::MemoryLimit => "memory_limit",
            LuaErrorKind::OutputLimit => "output_limit",
            LuaErrorKind::Interrupted => "interrupted",
            LuaErrorKind::NotFound => "not_found",
            LuaErrorKind::Quarantined => "quarantined",
            LuaErrorKind::Result => "bad_result",
            LuaErrorKind::Internal => "internal",
        }
    }
}

impl LuaError {
    /// Makes an error without a place.
    pub fn new(kind: LuaErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), code: None, db: None, file: None, line: None, traceback: Vec::new() }
    }
}

impl fmt::Display for LuaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let (Some(file), Some(line)) = (&self.file, self.line) {
            write!(f, "{file}:{line}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for LuaError {}
