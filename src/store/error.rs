//! What the database refuses, in words and in data.

use std::path::PathBuf;

use rusqlite::ffi;
use thiserror::Error;

use crate::store::DatabaseUrl;

/// A failure of the database. Values of rows are in none of the messages.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database URL is wrong.
    #[error("database URL \"{url}\": {message}")]
    Url {
        /// The URL as given.
        url: String,
        /// What is wrong with it.
        message: String,
    },
    /// The folder of the file is not there.
    #[error("cannot open database `{database}`: there is no folder `{}`", folder.display())]
    MissingFolder {
        /// The file.
        database: String,
        /// Its folder.
        folder: PathBuf,
    },
    /// The file cannot be opened: a folder, no permission, a link to nowhere.
    #[error("cannot open database `{database}`: {reason}")]
    CannotOpen {
        /// The file.
        database: String,
        /// Why.
        reason: String,
    },
    /// The file is something else.
    #[error("`{database}` is not a SQLite database")]
    NotADatabase {
        /// The file.
        database: String,
    },
    /// The file was a database once.
    #[error("database `{database}` is damaged: {reason}")]
    Damaged {
        /// The file.
        database: String,
        /// What SQLite found.
        reason: String,
    },
    /// The file, or its folder, may not be written.
    #[error("database `{database}` is read-only")]
    ReadOnly {
        /// The file.
        database: String,
    },
    /// Another connection kept a lock for longer than the busy time-out.
    #[error("database `{database}` is locked by another connection; waited {waited_ms} ms for it")]
    Locked {
        /// The file.
        database: String,
        /// The busy time-out.
        waited_ms: u64,
    },
    /// No room is left on the disk, or the database has reached its limit.
    #[error("database `{database}` is full: {reason}")]
    Full {
        /// The file.
        database: String,
        /// What SQLite says.
        reason: String,
    },
    /// Reading or writing the file failed.
    #[error("database `{database}`: {reason}")]
    Io {
        /// The file.
        database: String,
        /// What SQLite says.
        reason: String,
    },
    /// A statement has more values or conditions than SQLite takes.
    #[error("the request is too large for one statement: {reason}")]
    TooLarge {
        /// What SQLite says.
        reason: String,
    },
    /// The statement was stopped from outside.
    #[error("the statement was interrupted")]
    Interrupted,
    /// SQLite ended the open transaction by itself, and undid it.
    #[error("the transaction was rolled back by the database after an earlier error")]
    RolledBack,
    /// Commit or rollback without begin.
    #[error("no transaction is open")]
    NoTransaction,
    /// A row breaks a rule of its table.
    #[error("{}", .0.message)]
    Constraint(Box<ConstraintFault>),
    /// Any other failure.
    #[error("{}", .0.message)]
    Sqlite(Box<SqliteFault>),
}

/// A row that breaks a rule of its table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConstraintFault {
    /// The rule.
    pub kind: Constraint,
    /// The table, where SQLite names it.
    pub table: Option<String>,
    /// The columns, in the order of the key, where SQLite names them.
    pub columns: Vec<String>,
    /// The index or check constraint, where SQLite names it instead.
    pub name: Option<String>,
    /// SQLite's extended result code.
    pub code: i32,
    /// SQLite's message.
    pub message: String,
    /// The statement, without values.
    pub sql: Option<String>,
}

/// A rule of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Constraint {
    /// UNIQUE.
    Unique,
    /// PRIMARY KEY.
    PrimaryKey,
    /// FOREIGN KEY.
    ForeignKey,
    /// NOT NULL.
    NotNull,
    /// CHECK.
    Check,
    /// A trigger, a type, and what else there is.
    Other,
}

/// A failure that has no variant of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteFault {
    /// SQLite's extended result code; None for a failure on our side of it.
    pub code: Option<i32>,
    /// SQLite's message.
    pub message: String,
    /// The statement, without values.
    pub sql: Option<String>,
}

/// How SQLite's messages begin where a statement is beyond one of its limits, which have no code of their own.
const TOO_LARGE: [&str; 4] =
    ["too many SQL variables", "Expression tree is too large", "parser stack overflow", "too many terms in"];

impl StoreError {
    /// Returns SQLite's extended result code, where the variant does not say it all.
    pub fn code(&self) -> Option<i32> {
        match self {
            StoreError::Constraint(fault) => Some(fault.code),
            StoreError::Sqlite(fault) => fault.code,
            _ => None,
        }
    }

    /// Returns a stable readable name.
    pub fn name(&self) -> &'static str {
        match self {
            StoreError::Url { .. } => "database_url",
            StoreError::MissingFolder { .. } => "no_such_folder",
            StoreError::CannotOpen { .. } => "cannot_open_database",
            StoreError::NotADatabase { .. } => "not_a_database",
            StoreError::Damaged { .. } => "damaged_database",
            StoreError::ReadOnly { .. } => "read_only_database",
            StoreError::Locked { .. } => "database_locked",
            StoreError::Full { .. } => "database_full",
            StoreError::TooLarge { .. } => "statement_too_large",
            StoreError::Io { .. } => "database_io",
            StoreError::Interrupted => "interrupted",
            StoreError::RolledBack => "rolled_back",
            StoreError::NoTransaction => "no_transaction",
            StoreError::Constraint(_) => "constraint",
            StoreError::Sqlite(_) => "database",
        }
    }

    /// Returns a way out, where there is one.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            StoreError::MissingFolder { .. } => Some("make the folder, or correct the path"),
            StoreError::CannotOpen { .. } => Some("check the path, and the permissions of the file and its folder"),
            StoreError::NotADatabase { .. } => Some("name another file, or move this one away"),
            StoreError::Damaged { .. } => Some("restore the file from a backup"),
            StoreError::ReadOnly { .. } => Some("give write permission to the file and its folder"),
            StoreError::Locked { .. } => Some(
                "end the program that holds the lock, or wait longer with `?busy_timeout=` (ms) in the database URL",
            ),
            StoreError::Full { .. } => Some("make room on the disk"),
            StoreError::TooLarge { .. } => Some("put the values of one field in an `in` list, or ask in parts"),
            _ => None,
        }
    }

    /// Puts an error of SQLite in this module's words.
    pub(in crate::store) fn from_sqlite(error: rusqlite::Error, sql: Option<&str>, url: &DatabaseUrl) -> Self {
        let sql = sql.map(str::to_owned);
        let (code, message) = match error {
            rusqlite::Error::SqliteFailure(error, message) => {
                (error.extended_code, message.unwrap_or_else(|| ffi::code_to_str(error.extended_code).to_owned()))
            }
            rusqlite::Error::SqlInputError { error, msg, .. } => (error.extended_code, msg),
            other => {
                return StoreError::Sqlite(Box::new(SqliteFault { code: None, message: other.to_string(), sql }));
            }
        };
        let database = url.to_string();
        // The low byte is the primary code.
        match code & 0xff {
            ffi::SQLITE_NOTADB => StoreError::NotADatabase { database },
            ffi::SQLITE_CORRUPT => StoreError::Damaged { database, reason: message },
            ffi::SQLITE_READONLY => StoreError::ReadOnly { database },
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_PROTOCOL => {
                StoreError::Locked { database, waited_ms: url.busy_timeout.as_millis() as u64 }
            }
            ffi::SQLITE_CANTOPEN | ffi::SQLITE_PERM | ffi::SQLITE_AUTH => {
                StoreError::CannotOpen { database, reason: message }
            }
            ffi::SQLITE_FULL => StoreError::Full { database, reason: message },
            ffi::SQLITE_IOERR => StoreError::Io { database, reason: message },
            ffi::SQLITE_INTERRUPT => StoreError::Interrupted,
            ffi::SQLITE_TOOBIG => StoreError::TooLarge { reason: message },
            ffi::SQLITE_ERROR if TOO_LARGE.iter().any(|start| message.starts_with(start)) => {
                StoreError::TooLarge { reason: message }
            }
            ffi::SQLITE_CONSTRAINT => StoreError::Constraint(Box::new(ConstraintFault::new(code, message, sql))),
            _ => StoreError::Sqlite(Box::new(SqliteFault { code: Some(code), message, sql })),
        }
    }
}

impl ConstraintFault {
    /// Reads SQLite's message: `UNIQUE constraint failed: Like.userId, Like.postId`.
    fn new(code: i32, message: String, sql: Option<String>) -> Self {
        let kind = match code {
            ffi::SQLITE_CONSTRAINT_UNIQUE => Constraint::Unique,
            ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => Constraint::PrimaryKey,
            ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Constraint::ForeignKey,
            // SQLite carries out RESTRICT and its like with triggers of its own.
            ffi::SQLITE_CONSTRAINT_TRIGGER if message.starts_with("FOREIGN KEY") => Constraint::ForeignKey,
            ffi::SQLITE_CONSTRAINT_NOTNULL => Constraint::NotNull,
            ffi::SQLITE_CONSTRAINT_CHECK => Constraint::Check,
            _ => Constraint::Other,
        };
        let mut fault = Self { kind, table: None, columns: Vec::new(), name: None, code, message, sql };
        let Some((_, subject)) = fault.message.split_once(" constraint failed: ") else {
            return fault;
        };
        let subject = subject.to_owned();
        match kind {
            Constraint::Check => fault.name = Some(subject),
            Constraint::Unique | Constraint::PrimaryKey | Constraint::NotNull => {
                if let Some(index) = subject.strip_prefix("index '") {
                    fault.name = Some(index.trim_end_matches('\'').to_owned());
                } else if let Some((table, _)) = subject.split_once('.') {
                    // A column's name may hold a comma, so the table's name is what divides.
                    let prefix = format!("{table}.");
                    fault.columns = subject[prefix.len()..].split(&format!(", {prefix}")).map(str::to_owned).collect();
                    fault.table = Some(table.to_owned());
                }
            }
            Constraint::ForeignKey | Constraint::Other => {}
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_of_a_constraint_names_table_and_columns() {
        let fault = |code, message: &str| ConstraintFault::new(code, message.to_owned(), None);
        let unique = fault(ffi::SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: Like.userId, Like.postId");
        assert_eq!(unique.kind, Constraint::Unique);
        assert_eq!(unique.table.as_deref(), Some("Like"));
        assert_eq!(unique.columns, ["userId", "postId"]);
        let comma = fault(ffi::SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: T.a, b, T.c");
        assert_eq!(comma.columns, ["a, b", "c"]);
        let index = fault(ffi::SQLITE_CONSTRAINT_UNIQUE, "UNIQUE constraint failed: index 'lower_name'");
        assert_eq!((index.table, index.name.as_deref()), (None, Some("lower_name")));
        let null = fault(ffi::SQLITE_CONSTRAINT_NOTNULL, "NOT NULL constraint failed: T.a");
        assert_eq!((null.kind, null.columns), (Constraint::NotNull, vec!["a".to_owned()]));
        let key = fault(ffi::SQLITE_CONSTRAINT_FOREIGNKEY, "FOREIGN KEY constraint failed");
        assert_eq!((key.kind, key.table), (Constraint::ForeignKey, None));
        let check = fault(ffi::SQLITE_CONSTRAINT_CHECK, "CHECK constraint failed: positive");
        assert_eq!(check.name.as_deref(), Some("positive"));
    }
}
