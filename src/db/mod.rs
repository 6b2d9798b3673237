//! The checked API over a database: one call from arguments to a result, the plan cache, and transactions.
//!
//! A call is: walk the arguments, look the plan up by their shape, convert the values, run. Only a shape that was not seen before is
//! checked and compiled.

mod cache;
mod error;

pub use error::{DbError, ErrorKind};

pub use crate::query::Action;
pub use crate::schema::{FieldId, ModelId, Schema};
pub use crate::store::SnapshotWatch;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use rustc_hash::FxHashMap;

use crate::db::cache::PlanCache;
use crate::query;
use crate::query::convert::convert;
use crate::query::input::{self, Node, Raw, Shape};
use crate::schema::Model;
use crate::sql::{self, Plan};
use crate::store::{RunError, Store, StoreError};
use crate::value::{Args, Rows, Sentinel, Value};

/// A database connection with its schema. One for each worker: it is not shared between threads.
pub struct Database {
    schema: Arc<Schema>,
    store: Rc<Store>,
    plans: RefCell<PlanCache>,
    shape: RefCell<Shape>,
    /// Room for the values of a call, kept from call to call.
    values: RefCell<Vec<Value>>,
    /// Whether the rows of a model's table have numbers, once it was asked for.
    numbered: RefCell<FxHashMap<ModelId, bool>>,
    sweep: RefCell<Option<SweepGuard>>,
}

/// Decides whether all rows of a model may be deleted.
pub type SweepGuard = Box<dyn Fn(&Model) -> bool>;

impl Database {
    /// Puts the checked API over an open store whose database has been brought to `schema`.
    pub fn new(store: Store, schema: Arc<Schema>) -> Self {
        Self::sharing(Rc::new(store), schema)
    }

    /// Puts the checked API over a store that another one uses as well, so that both see one connection and its transactions.
    pub fn sharing(store: Rc<Store>, schema: Arc<Schema>) -> Self {
        Self {
            schema,
            store,
            plans: RefCell::default(),
            shape: RefCell::default(),
            values: RefCell::default(),
            numbered: RefCell::default(),
            sweep: RefCell::default(),
        }
    }

    /// Returns the schema.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Returns the store below.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Returns the store below, to be shared.
    pub fn shared_store(&self) -> Rc<Store> {
        self.store.clone()
    }

    /// Returns how many calls had to be checked and compiled, as their shape was new or forgotten.
    pub fn compiled_plans(&self) -> u64 {
        self.plans.borrow().total()
    }

    /// Returns how many plans are kept for calls of the same shape.
    pub fn kept_plans(&self) -> usize {
        self.plans.borrow().len()
    }

    /// Runs one operation on a model and hands its result to `rows`.
    ///
    /// What reached `rows` before it fails is to be thrown away. A write is one transaction of its own, or a savepoint of the one that
    /// is open: when it fails, it has changed nothing.
    pub fn run<R: Rows>(&self, model: ModelId, action: Action, args: &dyn Args, rows: &mut R) -> Result<(), DbError> {
        if action == Action::DeleteMany {
            self.confirm_sweep(model, args)?;
        }
        let (mut shape, mut values) = (self.shape.take(), self.values.take());
        let outcome = self.run_shaped(model, action, args, &mut shape, &mut values, rows);
        values.clear();
        (*self.shape.borrow_mut(), *self.values.borrow_mut()) = (shape, values);
        outcome.map_err(|error| self.explain(error, model, action))
    }

    /// Asks `guard` before `deleteMany` with `where = db.all` runs; None asks nobody. What is not allowed is refused with the code
    /// `declined`.
    pub fn on_sweep(&self, guard: Option<SweepGuard>) {
        *self.sweep.borrow_mut() = guard;
    }

    fn confirm_sweep(&self, model: ModelId, args: &dyn Args) -> Result<(), DbError> {
        let guard = self.sweep.borrow();
        let Some(guard) = &*guard else { return Ok(()) };
        // What is wrong with the arguments, the call itself says.
        let Ok(Node::Object { entries, .. }) = input::tree(&self.schema, model, args) else { return Ok(()) };
        let is_all = |node: &Node| matches!(node, Node::Value { raw: Raw::Sentinel(Sentinel::All), .. });
        if !entries.iter().any(|(key, node)| &**key == "where" && is_all(node)) {
            return Ok(());
        }
        let model = self.schema.model(model);
        if guard(model) {
            return Ok(());
        }
        let message = format!("db.{}.deleteMany: declined, and nothing was deleted", model.accessor);
        let mut error = DbError::internal(message);
        error.kind = ErrorKind::Validation;
        error.code = Some("declined".to_owned());
        error.model = Some(model.name.clone());
        error.operation = Some(Action::DeleteMany.name().to_owned());
        Err(error)
    }

    /// Checks the arguments of an operation and runs nothing.
    pub fn check(&self, model: ModelId, action: Action, args: &dyn Args) -> Result<(), DbError> {
        let tree = input::tree(&self.schema, model, args).map_err(Fault::from);
        let query = tree.and_then(|tree| Ok(query::check(&self.schema, model, action, &tree)?));
        query.map(drop).map_err(|error| self.explain(error, model, action))
    }

    fn run_shaped<R: Rows>(
        &self,
        model: ModelId,
        action: Action,
        args: &dyn Args,
        shape: &mut Shape,
        values: &mut Vec<Value>,
        rows: &mut R,
    ) -> Result<(), Fault> {
        let is_whole = input::shape(&self.schema, model, action, args, PlanCache::LONGEST, shape)?;
        let known = if is_whole { self.plans.borrow_mut().get(&shape.shape) } else { None };
        if let Some(plan) = known
            && self.convert(&plan, &shape.values, values)
        {
            return Ok(self.store.run(&plan, values, rows)?);
        }
        // An unknown shape, or a value that does not fit: the checker knows which argument it is.
        let tree = input::tree(&self.schema, model, args)?;
        let query = query::check(&self.schema, model, action, &tree)?;
        let plan = Rc::new(sql::compile(&self.schema, &query, action.changes_one() && self.is_numbered(model)));
        if !is_whole {
            shape.values.clear();
            input::values(tree, &mut shape.values);
        }
        if !self.convert(&plan, &shape.values, values) {
            return Err(Fault::Internal("the checker let a value pass that cannot be converted".to_owned()));
        }
        self.plans.borrow_mut().put(is_whole.then_some(shape.shape.as_slice()), Rc::clone(&plan));
        Ok(self.store.run(&plan, values, rows)?)
    }

    /// Tells whether the rows of a model's table have numbers; see [`Store::is_numbered`].
    fn is_numbered(&self, model: ModelId) -> bool {
        let ask = || self.store.is_numbered(&self.schema.model(model).table);
        *self.numbered.borrow_mut().entry(model).or_insert_with(ask)
    }

    /// Converts raw values to those of a plan's slots; false when one does not fit.
    fn convert(&self, plan: &Plan, raw: &[Raw], values: &mut Vec<Value>) -> bool {
        values.clear();
        for (slot, raw) in plan.slots.iter().zip(raw) {
            match convert(&self.schema, slot, raw) {
                Ok(value) => values.push(value),
                Err(_) => return false,
            }
        }
        values.len() == plan.slots.len()
    }

    /// Ends what runs when this time has come; None for never. See [`Store::set_deadline`].
    pub fn set_deadline(&self, deadline: Option<Instant>) {
        self.store.set_deadline(deadline);
    }

    /// Begins a transaction (BEGIN IMMEDIATE), or a savepoint inside the one that is open.
    pub fn begin(&self) -> Result<(), DbError> {
        self.store.begin().map_err(DbError::from_store)
    }

    /// Begins to read one snapshot with several operations; see [`Store::begin_read`].
    pub fn begin_read(&self) -> Result<(), DbError> {
        self.store.begin_read().map_err(DbError::from_store)
    }

    /// Commits the innermost transaction or savepoint.
    pub fn commit(&self) -> Result<(), DbError> {
        self.store.commit().map_err(DbError::from_store)
    }

    /// Rolls the innermost transaction or savepoint back.
    pub fn rollback(&self) -> Result<(), DbError> {
        self.store.rollback().map_err(DbError::from_store)
    }

    /// Returns how many transactions and savepoints are open.
    pub fn depth(&self) -> usize {
        self.store.depth()
    }

    /// Runs one SQL statement of the caller's that answers rows (`db.queryRaw`): a list of objects.
    pub fn query_raw<R: Rows>(&self, sql: &str, params: &[Value], rows: &mut R) -> Result<(), DbError> {
        self.store.query_raw(sql, params, rows).map_err(|error| DbError::raw(error, "queryRaw"))
    }

    /// Runs one SQL statement of the caller's that answers no rows (`db.executeRaw`) and returns how many rows it changed.
    pub fn execute_raw(&self, sql: &str, params: &[Value]) -> Result<i64, DbError> {
        self.store.execute_raw(sql, params).map_err(|error| DbError::raw(error, "executeRaw"))
    }

    fn explain(&self, fault: Fault, model: ModelId, action: Action) -> DbError {
        let model = self.schema.model(model);
        match fault {
            Fault::Args(errors) => DbError::refused(&errors, model, action),
            Fault::Run(error) => DbError::from_run(error, model, action),
            Fault::Internal(message) => DbError::internal(message),
        }
    }
}

/// Why a call failed, before it is put in Prisma's terms.
enum Fault {
    Args(query::ArgErrors),
    Run(RunError),
    Internal(String),
}

impl From<query::ArgErrors> for Fault {
    fn from(errors: query::ArgErrors) -> Self {
        Fault::Args(errors)
    }
}

impl From<RunError> for Fault {
    fn from(error: RunError) -> Self {
        Fault::Run(error)
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        Fault::Run(error.into())
    }
}
