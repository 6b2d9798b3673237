//! The runtime: packages loaded and installed, calls, reloads, tests; with `error` the library's public face.
//!
//! A [`Runtime`] owns worker threads. Each of them owns a Lua state and a database connection, and takes calls from one queue, so a
//! runtime may be used from many threads at once. What runs is a [`Generation`]; a reload puts another one in its place while calls go
//! on. Nothing here prints or ends the process.

mod builder;
mod door;
mod event;
#[cfg(feature = "watch")]
mod follow;
mod reload;
mod session;
mod test;
mod worker;
mod world;

pub use builder::RuntimeBuilder;
pub use door::{Door, answer};
pub use event::{Event, Reload};
#[cfg(feature = "watch")]
pub use follow::{Watch, WatchOptions};
pub use session::Session;
pub use test::{Outcome, TestEvent, TestOptions, TestReport, TestResult};
pub use world::{DatabaseReport, Opened};

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::db::Database;
use crate::diag::{Diagnostics, closest};
use crate::error::{Error, Result};
use crate::lua::Context;
use crate::package::{Package, PackageSet};
use crate::runtime::worker::{Workers, answered, died, lock};
use crate::runtime::world::{Recipe, World};

/// A running world of packages over one database.
///
/// It is `Send` and `Sync`. Dropping it waits for the calls that are under way.
pub struct Runtime {
    shared: Arc<Shared>,
}

/// What a runtime is, for all threads that use it.
struct Shared {
    builder: RuntimeBuilder,
    context: Context,
    live: RwLock<Arc<Live>>,
    /// Held by whoever builds the next generation.
    reloading: Mutex<()>,
    /// The workers of generations before, some of which may still be at a call.
    retired: Mutex<Vec<Arc<Workers>>>,
    stopped: AtomicBool,
}

/// What takes calls at the moment.
struct Live {
    workers: Arc<Workers>,
    generation: Arc<Generation>,
}

/// One consistent world of packages: what their folders said, and what opening it did.
///
/// It owns its texts: what is loaded later comes from them, whatever has become of the files.
pub struct Generation {
    number: u64,
    packages: Arc<PackageSet>,
    opened: Opened,
    recipe: Recipe,
}

/// On whose behalf a call runs, and how long it may.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// The caller.
    pub context: Context,
    /// How long the call may run; None for as long as the builder said.
    pub timeout: Option<Duration>,
}

impl Runtime {
    /// Begins to describe a runtime.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    /// Calls an operation, `package.operation`, as the runtime's own caller.
    ///
    /// A tuple or a list is the list of arguments; anything else is the one argument, and `()` none.
    pub fn call<R: DeserializeOwned>(&self, name: &str, args: impl Serialize) -> Result<R> {
        let options = CallOptions { context: self.shared.context.clone(), timeout: None };
        self.call_with(&options, name, args)
    }

    /// Calls an operation, `package.operation`, for someone, within a time.
    pub fn call_with<R: DeserializeOwned>(&self, options: &CallOptions, name: &str, args: impl Serialize) -> Result<R> {
        let args = match serde_json::to_value(args)? {
            Json::Null => Vec::new(),
            Json::Array(args) => args,
            arg => vec![arg],
        };
        let (package, operation) = name.split_once('.').unwrap_or((name, ""));
        Ok(serde_json::from_value(self.call_json(options.clone(), package, operation, args)?)?)
    }

    /// Calls an operation for someone else: another tenant, user or level.
    pub fn call_as(&self, context: &Context, package: &str, operation: &str, args: Vec<Json>) -> Result<Json> {
        self.call_json(CallOptions { context: context.clone(), timeout: None }, package, operation, args)
    }

    fn call_json(&self, options: CallOptions, package: &str, operation: &str, args: Vec<Json>) -> Result<Json> {
        let (package, operation) = (package.to_owned(), operation.to_owned());
        self.shared.run(move |world| {
            world.known(&package)?;
            if !world.vm.has_operation(&package, &operation) {
                let operations = world.vm.operations(&package);
                let near = closest(&operation, operations.iter().map(String::as_str)).map(str::to_owned);
                return Err(Error::UnknownOperation { package, operation, near, operations });
            }
            world.enter(&options.context)?;
            let Some(timeout) = options.timeout else {
                return Ok(world.vm.call(&package, &operation, &args, &options.context)?);
            };
            let before = world.vm.set_call_timeout(Some(timeout));
            let result = world.vm.call(&package, &operation, &args, &options.context);
            world.vm.set_call_timeout(before);
            Ok(result?)
        })
    }

    /// Runs a package's `main(ctx, args)`; None when it has none.
    pub fn main(&self, package: &str, args: &[String]) -> Result<Option<Json>> {
        let (package, args, context) = (package.to_owned(), args.to_owned(), self.shared.context.clone());
        self.shared.run(move |world| {
            world.known(&package)?;
            match world.vm.has(&package, "main") {
                true => {
                    world.enter(&context)?;
                    Ok(Some(world.vm.main(&package, &args, &context)?))
                }
                false => Ok(None),
            }
        })
    }

    /// Runs a script that belongs to no package. `name` is what messages call it.
    pub fn exec(&self, name: &str, text: &[u8], args: &[String]) -> Result<()> {
        let (name, text, args, context) =
            (name.to_owned(), text.to_owned(), args.to_owned(), self.shared.context.clone());
        self.shared.run(move |world| {
            world.enter(&context)?;
            Ok(world.vm.exec(&name, &text, &args, &context)?)
        })
    }

    /// Runs a piece of a script that belongs to no package, an expression or statements with a `return`, and returns its value.
    ///
    /// ```
    /// let runtime = mbl::Runtime::builder().packages("packages").in_memory().build()?;
    /// let count: i64 = runtime.eval("#require('forum_forge').listCategories('default')")?;
    /// assert_eq!(count, 3);
    /// # Ok::<(), mbl::Error>(())
    /// ```
    pub fn eval<R: DeserializeOwned>(&self, text: &str) -> Result<R> {
        let (text, context) = (text.to_owned(), self.shared.context.clone());
        let value = self.shared.run(move |world| {
            world.enter(&context)?;
            Ok(world.vm.eval(&text, &context)?)
        })?;
        Ok(serde_json::from_value(value)?)
    }

    /// Uses the checked database API without Lua, on a worker.
    pub fn with_database<R: Send + 'static>(&self, job: impl FnOnce(&Database) -> R + Send + 'static) -> Result<R> {
        self.shared.run(move |world| Ok(job(&world.database)))
    }

    /// Returns the names of a package's operations, sorted.
    pub fn operations(&self, package: &str) -> Result<Vec<String>> {
        let package = package.to_owned();
        self.shared.run(move |world| {
            world.known(&package)?;
            Ok(world.vm.operations(&package))
        })
    }

    /// Tells how many rows each model has that a package owns, in the order of its schema.
    pub fn row_counts(&self, package: &str) -> Result<Vec<(String, i64)>> {
        let models = self.generation().known_package(package)?.models.clone();
        self.shared.run(move |world| {
            models.into_iter().map(|model| Ok((model.clone(), door::count(&world.database, &model)?))).collect()
        })
    }

    /// Runs a package's `on_uninstall` and forgets that it was installed, for every tenant. Its tables stay, with their rows.
    ///
    /// The package runs on until the runtime ends; the next one that loads it installs it anew.
    pub fn uninstall(&self, package: &str) -> Result<()> {
        let package = package.to_owned();
        self.shared.run(move |world| {
            world.known(&package)?;
            world.uninstall(&package)
        })
    }

    /// Returns the generation that runs now.
    pub fn generation(&self) -> Arc<Generation> {
        self.shared.live().generation.clone()
    }

    /// Returns the packages as their folders describe them, with everything that was found wrong in them.
    pub fn packages(&self) -> Arc<PackageSet> {
        self.generation().packages.clone()
    }

    /// Returns everything wrong with the packages that were asked for, sorted by file and place.
    pub fn check(&self) -> Diagnostics {
        self.generation().check()
    }

    /// Returns the caller on whose behalf calls run that name none.
    pub fn context(&self) -> &Context {
        &self.shared.context
    }

    /// Runs the specs of the packages that were asked for, each in a new database in memory, each test rolled back.
    pub fn test(&self, options: &TestOptions, on_event: &mut dyn FnMut(&TestEvent)) -> Result<TestReport> {
        test::run(&self.generation(), options, &|package| package.wanted, on_event)
    }

    /// Reads the packages again and puts a new generation in the place of the one that runs.
    ///
    /// It is built beside the one that runs; calls go on meanwhile. Once it is whole, it takes every further call, and calls under way
    /// end on the generation that they began with. Anything wrong, even one broken script, is an error, and the generation that runs goes
    /// on as if nothing had happened.
    ///
    /// ```
    /// let runtime = mbl::Runtime::builder().packages("packages").in_memory().build()?;
    /// let reload = runtime.reload()?;
    /// assert_eq!((reload.generation, reload.files.len()), (2, 0));
    /// # Ok::<(), mbl::Error>(())
    /// ```
    pub fn reload(&self) -> Result<Reload> {
        self.shared.reload(None, false)
    }

    /// Takes no more calls, waits for those that are under way, and ends the workers.
    ///
    /// Every call after it is [`Error::Stopped`]. Dropping the runtime does the same.
    pub fn shutdown(&self) {
        self.shared.shutdown();
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.shared.shutdown();
    }
}

impl Generation {
    /// Returns its number: 1 for the first, one more for each reload that worked.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the packages as their folders described them.
    pub fn packages(&self) -> &Arc<PackageSet> {
        &self.packages
    }

    /// Returns what opening did: the database, what was installed, what loading refused.
    pub fn opened(&self) -> &Opened {
        &self.opened
    }

    /// Returns everything wrong with the packages that were asked for, sorted by file and place.
    pub fn check(&self) -> Diagnostics {
        let mut diagnostics = self.packages.diagnostics.clone();
        diagnostics.extend(self.opened.diagnostics.clone());
        diagnostics.sort(&self.packages.sources);
        diagnostics
    }

    /// Finds a loaded package.
    fn known_package(&self, id: &str) -> Result<&Package> {
        let loaded = || self.packages.packages.iter().filter(|package| !self.opened.refused.contains(&package.id));
        loaded().find(|package| package.id == id).ok_or_else(|| Error::UnknownPackage {
            package: id.to_owned(),
            near: closest(id, loaded().map(|package| package.id.as_str())).map(str::to_owned),
        })
    }
}

impl Shared {
    /// Runs a job on a worker of the generation that is live when it is queued.
    fn run<T: Send + 'static>(&self, job: impl FnOnce(&World) -> Result<T> + Send + 'static) -> Result<T> {
        let (mut job, receiver) = answered(move |world: &mut World| job(world));
        loop {
            let live = self.live();
            if live.workers.is_one() {
                return Err(Error::Reentrant);
            }
            match live.workers.push(job) {
                Ok(()) => return receiver.recv().unwrap_or_else(|_| Err(died())),
                Err(_) if self.stopped.load(Ordering::Acquire) => return Err(Error::Stopped),
                // Another generation took over in between.
                Err(back) => job = back,
            }
        }
    }

    fn live(&self) -> Arc<Live> {
        self.live.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn shutdown(&self) {
        self.stopped.store(true, Ordering::Release);
        // A reload that is under way comes to its end first.
        let _last = lock(&self.reloading);
        let live = self.live();
        live.workers.close(Some(World::unload));
        live.workers.join();
        for workers in lock(&self.retired).drain(..) {
            workers.join();
        }
    }
}
