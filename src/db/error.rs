//! What `db` answers when it refuses or fails.

use std::fmt;

use serde_json::{Map, Value as Json, json};

use crate::query::{Action, ArgErrors};
use crate::schema::Model;
use crate::sql::plan::Failure;
use crate::store::{Constraint, ConstraintFault, RunError, StoreError};

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

/// Seldom read: who gives a result up says why.
const ABANDONED: &str = "the result was not taken";

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

    /// Makes the error of refused arguments.
    pub(super) fn refused(errors: &ArgErrors, model: &Model, action: Action) -> Self {
        // Prisma refuses what it cannot read before it looks at what goes together.
        let first = errors.0.iter().find(|error| !error.code.starts_with('P')).or(errors.0.first());
        let code = first.map_or("invalid", |error| error.code);
        let mut meta = Map::new();
        // Prisma checks the type of a referenced field only when it runs the query, and answers with a code of its own.
        let known = code.starts_with('P');
        meta.insert("modelName".to_owned(), json!(model.name));
        if !known {
            meta.insert("reason".to_owned(), json!(code));
            meta.insert("path".to_owned(), json!(first.map_or("", |error| &error.path)));
        }
        Self {
            code: Some(code.to_owned()),
            kind: if known { ErrorKind::Known } else { ErrorKind::Validation },
            meta,
            ..named(model, action, errors.to_string())
        }
    }

    /// Makes the error of a plan that failed.
    pub(super) fn from_run(error: RunError, model: &Model, action: Action) -> Self {
        match error {
            RunError::Failure(failure) => from_failure(failure, model, action),
            RunError::Value(message) => {
                known("P2023", vec![("modelName", json!(model.name))], named(model, action, message))
            }
            RunError::Abandoned => Self::internal(ABANDONED),
            RunError::Store(StoreError::Constraint(fault)) => from_constraint(&fault, model, action),
            RunError::Store(error @ StoreError::TooLarge { .. }) => {
                let help = error.help().map(|help| format!("\n  = help: {help}")).unwrap_or_default();
                let meta = vec![("modelName", json!(model.name))];
                known("P2029", meta, named(model, action, format!("{error}{help}")))
            }
            RunError::Store(StoreError::Sqlite(fault)) if fault.code.is_some() => {
                known("P2039", vec![("modelName", json!(model.name))], named(model, action, fault.message))
            }
            RunError::Store(error) => {
                let code = Some(error.name().to_owned());
                DbError { code, ..named(model, action, error.to_string()) }
            }
        }
    }

    /// Makes the error of a transaction's own statements.
    pub(super) fn from_store(error: StoreError) -> Self {
        Self { code: Some(error.name().to_owned()), ..Self::internal(error.to_string()) }
    }

    /// Makes the error of a raw statement.
    pub(super) fn raw(error: RunError, operation: &str) -> Self {
        let message = match error {
            RunError::Store(error) => error.to_string(),
            RunError::Failure(failure) => failure.message,
            RunError::Value(message) => message,
            RunError::Abandoned => ABANDONED.to_owned(),
        };
        let plain = Self {
            operation: Some(operation.to_owned()),
            ..Self::internal(format!("db.{operation}: the statement failed: {message}"))
        };
        known("P2010", vec![("message", json!(message))], plain)
    }
}

fn named(model: &Model, action: Action, message: String) -> DbError {
    DbError {
        model: Some(model.name.clone()),
        operation: Some(action.name().to_owned()),
        ..DbError::internal(format!("db.{}.{}: {message}", model.accessor, action.name()))
    }
}

fn known(code: &str, meta: Vec<(&str, Json)>, error: DbError) -> DbError {
    DbError {
        code: Some(code.to_owned()),
        kind: ErrorKind::Known,
        meta: meta.into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        ..error
    }
}

fn from_failure(failure: Failure, model: &Model, action: Action) -> DbError {
    let mut meta = vec![("modelName", json!(model.name))];
    meta.extend(failure.meta.iter().map(|(key, value)| (*key, json!(value))));
    known(failure.code, meta, named(model, action, failure.message))
}

fn from_constraint(fault: &ConstraintFault, model: &Model, action: Action) -> DbError {
    let table = fault.table.as_deref().unwrap_or(&model.table);
    let columns = fault.columns.iter().map(|column| format!("`{column}`")).collect::<Vec<_>>().join(", ");
    let mut meta = vec![("modelName", json!(model.name))];
    let (code, message) = match fault.kind {
        Constraint::Unique | Constraint::PrimaryKey => {
            meta.push(("target", json!(fault.columns)));
            ("P2002", format!("a record with the same {columns} already exists in `{table}`"))
        }
        Constraint::ForeignKey => (
            "P2003",
            "a foreign key would lead nowhere: a record that this one refers to is not there, or records still refer to this one"
                .to_owned(),
        ),
        Constraint::NotNull => {
            meta.push(("target", json!(fault.columns)));
            ("P2011", format!("{columns} in `{table}` must not be null"))
        }
        Constraint::Check | Constraint::Other => ("P2004", fault.message.clone()),
    };
    known(code, meta, named(model, action, message))
}

impl fmt::Display for DbError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for DbError {}
