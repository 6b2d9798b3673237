//! The checked API over a database: one call from arguments to a result, the plan cache, and transactions.

mod error;

pub use error::{DbError, ErrorKind};

pub use crate::query::Action;
pub use crate::schema::{FieldId, ModelId, Schema};

use std::sync::Arc;

use crate::store::Store;
use crate::value::{Args, Rows, Value};

/// A database connection with its schema. One for each worker: it is not shared between threads.
pub struct Database {
    schema: Arc<Schema>,
    store: Store,
}

impl Database {
    /// Puts the checked API over an open store whose database has been brought to `schema`.
    pub fn new(store: Store, schema: Arc<Schema>) -> Self {
        Self { schema, store }
    }

    /// Returns the schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Returns the store below.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Runs one operation on a model and hands its result to `rows`.
    ///
    /// Nothing reached `rows` when it fails. A write is one transaction of its own, or part of the one that is open.
    pub fn run<R: Rows + ?Sized>(
        &self,
        _model: ModelId,
        _action: Action,
        _args: &dyn Args,
        _rows: &mut R,
    ) -> Result<(), DbError> {
        Err(DbError::internal("not there yet"))
    }

    /// Begins a transaction (BEGIN IMMEDIATE), or a savepoint inside the one that is open.
    pub fn begin(&self) -> Result<(), DbError> {
        Err(DbError::internal("not there yet"))
    }

    /// Commits the innermost transaction or savepoint.
    pub fn commit(&self) -> Result<(), DbError> {
        Err(DbError::internal("not there yet"))
    }

    /// Rolls the innermost transaction or savepoint back.
    pub fn rollback(&self) -> Result<(), DbError> {
        Err(DbError::internal("not there yet"))
    }

    /// Returns how many transactions and savepoints are open.
    pub fn depth(&self) -> usize {
        0
    }

    /// Runs one SQL statement of the caller's that answers rows (`db.queryRaw`): a list of objects.
    pub fn query_raw<R: Rows + ?Sized>(&self, _sql: &str, _params: &[Value], _rows: &mut R) -> Result<(), DbError> {
        Err(DbError::internal("not there yet"))
    }

    /// Runs one SQL statement of the caller's that answers no rows (`db.executeRaw`) and returns how many rows it changed.
    pub fn execute_raw(&self, _sql: &str, _params: &[Value]) -> Result<i64, DbError> {
        Err(DbError::internal("not there yet"))
    }
}
