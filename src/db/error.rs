//! What `db` answers when it refuses or fails.

use std::fmt;

use serde_json::{Map, Value as Json};

/// The error of a database operation, in Prisma's terms.
#[derive(Debug, Clone, PartialEq)]
pub struct DbError {
    /// Prisma's code (`P2002`), or for refused arguments a readable one (`unknown_field`); None where there is none.
    pub code: Option<String>,
    /// What sort of error it is.
    pub kind: ErrorKind,
    /// The model's name in the schema.
    pub model: Option<String>,
    /// The operation, such as `findMany`.
    pub operation: Option<String>,
    /// Prisma's `meta`: `target`, `modelName`, ...; for refused arguments `reason` and `path`.
    pub meta: Map<String, Json>,
    /// The whole message: model, operation, argument path, what was given, what was expected.
    pub message: String,
}

/// The sort of a [`DbError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// One of Prisma's codes.
    Known,
    /// The arguments were refused before any SQL ran.
    Validation,
    /// The database failed: disk, lock, corruption.
    Internal,
}

impl ErrorKind {
    /// Returns the name that scripts and the JSON door see.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Known => "known",
            ErrorKind::Validation => "validation",
            ErrorKind::Internal => "internal",
        }
    }
}

impl DbError {
    /// Makes an error of kind internal.
    pub fn internal(message: impl Into<String>) -> Self {
        Self {
            code: None,
            kind: ErrorKind::Internal,
            model: None,
            operation: None,
            meta: Map::new(),
            message: message.into(),
        }
    }
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DbError {}
