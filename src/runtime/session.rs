//! A dialogue with a runtime: entry after entry in one Lua environment, on one connection.

use std::rc::Rc;
use std::sync::{Arc, Mutex};

use serde::de::DeserializeOwned;

use crate::db::SweepGuard;
use crate::error::{Error, Result};
use crate::lua::{Interrupt, Shown};
use crate::runtime::worker::{died, lock};
use crate::runtime::world::World;
use crate::runtime::{Runtime, door};

/// Decides whether all rows of a model go: its name, and how many there are.
type Confirm = Arc<dyn Fn(&str, i64) -> bool + Send + Sync>;

/// A dialogue: what one entry sets as a global, the next one sees.
///
/// It runs in the first worker of its runtime, where `db` is a global. A reload begins with new globals.
///
/// ```
/// use mbl::lua::Shown;
/// use mbl::runtime::Session;
///
/// let runtime = mbl::Runtime::builder().packages("packages").in_memory().build()?;
/// let session = Session::new(runtime);
/// session.enter("x = db.forumCategory.count()")?;
/// assert!(session.is_unfinished("for i = 1, x do")?);
/// assert_eq!(session.enter("x + 1, _")?, [Shown::Integer(4), Shown::Nil]);
/// # Ok::<(), mbl::Error>(())
/// ```
pub struct Session {
    runtime: Runtime,
    confirm: Option<Confirm>,
    /// The generation whose environment has been set up.
    prepared: Mutex<u64>,
    /// What ends the entry that runs.
    current: Arc<Mutex<Option<Arc<Interrupt>>>>,
}

/// Ends the entry that runs in a [`Session`], from any thread. While none runs it does nothing.
#[derive(Clone)]
pub struct Interrupter {
    current: Arc<Mutex<Option<Arc<Interrupt>>>>,
    statement: Arc<dyn Fn() + Send + Sync>,
}

impl Interrupter {
    /// Ends what runs: the script, and what it asks of the database.
    pub fn interrupt(&self) {
        if let Some(interrupt) = &*lock(&self.current) {
            interrupt.end("it was interrupted");
            (self.statement)();
        }
    }
}

impl Session {
    /// Begins a dialogue.
    pub fn new(runtime: Runtime) -> Self {
        Self { runtime, confirm: None, prepared: Mutex::new(0), current: Arc::default() }
    }

    /// Asks before `deleteMany` with `where = db.all` deletes: `confirm(model, rows)`. It is called on the worker's thread.
    pub fn confirm(mut self, confirm: impl Fn(&str, i64) -> bool + Send + Sync + 'static) -> Self {
        self.confirm = Some(Arc::new(confirm));
        self
    }

    /// Returns the runtime.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// Runs an expression or statements, and returns the values; the first is `_` for the next entry.
    pub fn enter(&self, text: &str) -> Result<Vec<Shown>> {
        self.enter_as("repl", text)
    }

    /// The same, under a name that messages show.
    pub fn enter_as(&self, name: &str, text: &str) -> Result<Vec<Shown>> {
        let (name, text, context) = (name.to_owned(), text.to_owned(), self.runtime.context().clone());
        let interrupt = Arc::new(Interrupt::default());
        *lock(&self.current) = Some(interrupt.clone());
        let values = self.on_first(move |world| {
            world.enter(&context)?;
            Ok(world.vm.enter(&name, &text, &context, interrupt)?)
        });
        *lock(&self.current) = None;
        values
    }

    /// The same, with the first value as JSON.
    pub fn eval<R: DeserializeOwned>(&self, text: &str) -> Result<R> {
        let (text, context) = (text.to_owned(), self.runtime.context().clone());
        let value = self.on_first(move |world| {
            world.enter(&context)?;
            Ok(world.vm.eval(&text, &context)?)
        })?;
        Ok(serde_json::from_value(value)?)
    }

    /// Tells whether a text is only the beginning of an entry.
    pub fn is_unfinished(&self, text: &str) -> Result<bool> {
        let text = text.to_owned();
        self.on_first(move |world| Ok(world.vm.is_unfinished(&text)))
    }

    /// Returns the names in the table that a path such as `string` leads to, sorted, and whether each is a function; the globals for
    /// an empty path.
    pub fn members(&self, path: &[&str]) -> Result<Vec<(String, bool)>> {
        let path: Vec<String> = path.iter().map(|name| (*name).to_owned()).collect();
        self.on_first(move |world| Ok(world.vm.members(&path.iter().map(String::as_str).collect::<Vec<_>>())))
    }

    /// Returns what stops the entry that runs. After a reload another one is needed.
    pub fn interrupter(&self) -> Result<Interrupter> {
        let current = self.current.clone();
        self.on_first(move |world| {
            Ok(Interrupter { current, statement: Arc::new(world.database.store().interrupter()) })
        })
    }

    /// Begins a transaction that lasts over entries, or a savepoint in it. Other calls that the first worker takes are part of it.
    pub fn begin(&self) -> Result<()> {
        self.on_first(|world| {
            world.database.begin()?;
            world.hold();
            Ok(())
        })
    }

    /// Commits the innermost transaction or savepoint.
    pub fn commit(&self) -> Result<()> {
        self.on_first(|world| {
            let committed = world.database.commit();
            world.hold();
            Ok(committed?)
        })
    }

    /// Rolls the innermost transaction or savepoint back.
    pub fn rollback(&self) -> Result<()> {
        self.on_first(|world| {
            let undone = world.database.rollback();
            world.hold();
            Ok(undone?)
        })
    }

    /// Returns how many transactions and savepoints are open.
    pub fn depth(&self) -> Result<usize> {
        self.on_first(|world| Ok(world.database.depth()))
    }

    /// Does a job in the first worker, whose environment is set up before.
    fn on_first<T: Send + 'static>(&self, job: impl FnOnce(&mut World) -> Result<T> + Send + 'static) -> Result<T> {
        let live = self.runtime.shared.live();
        if live.workers.is_one() {
            return Err(Error::Reentrant);
        }
        let number = live.generation.number();
        let mut prepared = lock(&self.prepared);
        if *prepared != number {
            let confirm = self.confirm.clone();
            let answer = live.workers.ask(0, move |world| prepare(world, confirm))?;
            answer.wait().unwrap_or_else(|| Err(died()))?;
            *prepared = number;
        }
        drop(prepared);
        live.workers.ask(0, job)?.wait().unwrap_or_else(|| Err(died()))
    }
}

fn prepare(world: &mut World, confirm: Option<Confirm>) -> Result<()> {
    world.vm.define("db")?;
    world.database.on_sweep(confirm.map(|confirm| confirm_rows(world, confirm)));
    Ok(())
}

/// Makes a guard that counts the rows first.
fn confirm_rows(world: &World, confirm: Confirm) -> SweepGuard {
    // The database holds the guard.
    let database = Rc::downgrade(&world.database);
    Box::new(move |model| {
        let rows = database.upgrade().and_then(|database| door::count(&database, &model.name).ok());
        confirm(&model.name, rows.unwrap_or_default())
    })
}
