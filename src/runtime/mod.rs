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
mod render;
mod session;
mod test;
mod untrusted;
mod worker;
mod world;

pub use builder::RuntimeBuilder;
pub use door::{Door, answer};
pub use event::{Event, Reload};
#[cfg(feature = "watch")]
pub use follow::{Watch, WatchOptions};
pub use session::{Interrupter, Session};
pub use test::{Outcome, TestEvent, TestOptions, TestReport, TestResult};
pub use untrusted::worker_main;
pub use world::{DatabaseReport, Opened};

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::db::{Database, DbError};
use crate::diag::{Diagnostics, closest};
use crate::error::{Error, Result};
use crate::lua::{CallLimits, Context, Interrupt, LoadedModule};
use crate::package::{Package, PackageSet};
use crate::runtime::worker::{Answer, Workers, answered, died, lock};
use crate::runtime::world::{Recipe, World};
use crate::sandbox::{Outcome as SandboxOutcome, Untrusted};

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
    /// How long the first generation took.
    #[cfg_attr(not(feature = "watch"), allow(dead_code))]
    built_in: Duration,
    live: RwLock<Arc<Live>>,
    /// Held by whoever builds the next generation.
    reloading: Mutex<()>,
    /// The workers of generations before, some of which may still be at a call.
    retired: Mutex<Vec<Arc<Workers>>>,
    /// Ends the building of the next generation, while one is built.
    building: Mutex<Option<Arc<Interrupt>>>,
    /// Whether the last reload failed, so that the files are not those of the generation that runs.
    has_failed: AtomicBool,
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

/// On whose behalf a call runs, and what it may take.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// The caller.
    pub context: Context,
    /// How long the call may run; None for as long as the builder said.
    pub timeout: Option<Duration>,
    /// How much more memory the worker's Lua state may take for it; None for what the builder left the state.
    pub memory_bytes: Option<usize>,
    /// How much it may print and log; None for as much as the builder said.
    pub output_bytes: Option<usize>,
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
        self.call_with(&self.own_options(), name, args)
    }

    /// Calls an operation, `package.operation`, for someone, within limits of its own.
    ///
    /// ```
    /// use mbl::lua::Context;
    /// use mbl::runtime::CallOptions;
    ///
    /// let runtime = mbl::Runtime::builder().packages("packages").in_memory().build()?;
    /// let options = CallOptions {
    ///     context: Context { tenant: Some("acme".into()), user: Some("ann".into()), level: Some(2), now: None },
    ///     timeout: Some(std::time::Duration::from_secs(2)),
    ///     memory_bytes: Some(64 << 20),
    ///     ..CallOptions::default()
    /// };
    /// let categories: Vec<serde_json::Value> = runtime.call_with(&options, "forum_forge.listCategories", ("acme",))?;
    /// assert_eq!(categories.len(), 3);
    /// # Ok::<(), mbl::Error>(())
    /// ```
    pub fn call_with<R: DeserializeOwned>(&self, options: &CallOptions, name: &str, args: impl Serialize) -> Result<R> {
        let (package, operation) = name.split_once('.').unwrap_or((name, ""));
        read(self.queue_call(options.clone(), package, operation, arguments(args)?)?.wait())
    }

    /// Calls an operation for someone else: another tenant, user or level.
    pub fn call_as(&self, context: &Context, package: &str, operation: &str, args: Vec<Json>) -> Result<Json> {
        let options = CallOptions { context: context.clone(), ..CallOptions::default() };
        read(self.queue_call(options, package, operation, args)?.wait())
    }

    /// Calls an operation as [`call`](Self::call) does, without a thread that waits: the result is a future, of no executor in
    /// particular. The call is queued before this returns, and goes on when the future is dropped.
    ///
    /// ```
    /// let runtime = mbl::Runtime::builder().packages("packages").in_memory().build()?;
    /// let list = |tenant| runtime.call_async::<Vec<serde_json::Value>>("forum_forge.listCategories", (tenant,));
    /// let (one, other) = (list("default"), list("default"));
    /// let found = pollster::block_on(async { Ok::<_, mbl::Error>((one.await?, other.await?)) })?;
    /// assert_eq!((found.0.len(), found.1.len()), (3, 3));
    /// # Ok::<(), mbl::Error>(())
    /// ```
    pub fn call_async<R: DeserializeOwned>(&self, name: &str, args: impl Serialize) -> Call<R> {
        self.call_async_with(&self.own_options(), name, args)
    }

    /// Calls an operation as [`call_with`](Self::call_with) does; see [`call_async`](Self::call_async).
    pub fn call_async_with<R: DeserializeOwned>(
        &self,
        options: &CallOptions,
        name: &str,
        args: impl Serialize,
    ) -> Call<R> {
        let (package, operation) = name.split_once('.').unwrap_or((name, ""));
        let queued = arguments(args).and_then(|args| self.queue_call(options.clone(), package, operation, args));
        Call { queued: Some(queued), of: PhantomData }
    }

    /// Returns on whose behalf calls run that name nobody.
    fn own_options(&self) -> CallOptions {
        CallOptions { context: self.shared.context.clone(), ..CallOptions::default() }
    }

    /// Queues a call. Its result crosses as one text, to be read where it is wanted: what is made on one thread and freed on another
    /// has both wait for the allocator, and costs several times what the call does.
    fn queue_call(
        &self,
        options: CallOptions,
        package: &str,
        operation: &str,
        args: Vec<Json>,
    ) -> Result<Answer<Result<String>>> {
        let name = format!("{package}.{operation}");
        let (package, operation) = (package.to_owned(), operation.to_owned());
        let job = move |world: &World| {
            world.known(&package)?;
            if !world.vm.has_operation(&package, &operation) {
                let operations = world.vm.operations(&package);
                let near = closest(&operation, operations.iter().map(String::as_str)).map(str::to_owned);
                return Err(Error::UnknownOperation { package, operation, near, operations });
            }
            world.enter(&options.context)?;
            let limits = CallLimits {
                timeout: options.timeout,
                memory_bytes: options.memory_bytes,
                output_bytes: options.output_bytes,
            };
            Ok(world.vm.limited(&limits, |vm| vm.call_text(&package, &operation, &args, &options.context))?)
        };
        self.shared.queue(job, Some(&name))
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

    /// Runs untrusted code, apart from everything but what it is granted, and hands on what it prints; see
    /// [`RuntimeBuilder::sandbox_program`].
    ///
    /// ```
    /// use mbl::sandbox::Untrusted;
    ///
    /// let runtime = mbl::Runtime::builder().in_memory().build()?;
    /// let outcome = runtime.run_untrusted(&Untrusted::new("script", "return 6 * 7"), |_| ());
    /// assert_eq!(outcome.result, 42);
    /// let outcome = runtime.run_untrusted(&Untrusted::new("script", "os.exit()"), |_| ());
    /// assert!(outcome.error.is_some_and(|error| error.message.contains("global 'os'")));
    /// # Ok::<(), mbl::Error>(())
    /// ```
    pub fn run_untrusted(&self, code: &Untrusted, mut output: impl FnMut(&[u8])) -> SandboxOutcome {
        (self.generation().recipe.sandbox())(code, &mut output)
    }

    /// Returns the checked database API, without Lua.
    ///
    /// ```
    /// use serde_json::json;
    ///
    /// let runtime = mbl::Runtime::builder().packages("packages").in_memory().build()?;
    /// let database = runtime.database();
    /// let names: Vec<serde_json::Value> = database.run(
    ///     "forumCategory",
    ///     "findMany",
    ///     json!({ "select": { "name": true }, "orderBy": { "name": "asc" }, "take": 1 }),
    /// )?;
    /// assert_eq!(names, [json!({ "name": "Feedback" })]);
    /// # Ok::<(), mbl::Error>(())
    /// ```
    pub fn database(&self) -> RuntimeDatabase<'_> {
        RuntimeDatabase { runtime: self }
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

    /// Runs every script of a package, specs apart, as if something had required it; says of each how that went.
    pub fn load_modules(&self, package: &str) -> Result<Vec<LoadedModule>> {
        let (package, context) = (package.to_owned(), self.shared.context.clone());
        self.shared.run(move |world| {
            world.known(&package)?;
            Ok(world.vm.load_modules(&package, &context)?)
        })
    }

    /// Runs the specs of the packages that were asked for, each in a new database in memory, each test rolled back.
    pub fn test(&self, options: &TestOptions, on_event: &mut dyn FnMut(&TestEvent)) -> Result<TestReport> {
        test::run(&self.generation(), options, None, on_event)
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

/// The checked database API of a [`Runtime`], without Lua; see [`Runtime::database`].
///
/// Each request runs on a worker, with its connection, under the schema of the generation that is live then.
pub struct RuntimeDatabase<'a> {
    runtime: &'a Runtime,
}

impl RuntimeDatabase<'_> {
    /// Runs an operation on a model, `findMany` on `auditLog`, with Prisma's arguments.
    ///
    /// Numbers come as numbers, whatever their width; a DateTime as ISO text, a Decimal as its digits, Bytes as base64.
    pub fn run<R: DeserializeOwned>(&self, model: &str, action: &str, args: impl Serialize) -> Result<R> {
        let (model, action, args) = (model.to_owned(), action.to_owned(), serde_json::to_value(args)?);
        let text = self.runtime.shared.run(move |world| Ok(door::plain(&world.database, &model, &action, &args)?))?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Uses the database of a worker. What is left open there is rolled back.
    pub fn with<R: Send + 'static>(&self, job: impl FnOnce(&Database) -> R + Send + 'static) -> Result<R> {
        self.runtime.shared.run(move |world| Ok(job(&world.database)))
    }

    /// Uses the database of a worker inside a transaction, which is committed when `job` succeeds, and else rolled back.
    ///
    /// ```
    /// use mbl::json::{JsonArgs, JsonRows};
    /// use mbl::query::Action;
    /// use serde_json::json;
    ///
    /// let runtime = mbl::Runtime::builder().packages("packages").in_memory().build()?;
    /// let rename = |name: &'static str| {
    ///     runtime.database().transaction(move |database| {
    ///         let model = database.schema().model_named("ForumCategory").expect("the forum has it");
    ///         let args = json!({ "where": { "name": "General" }, "data": { "name": name } });
    ///         database.run(model, Action::UpdateMany, &JsonArgs(&args), &mut JsonRows::new())?;
    ///         database.run(model, Action::FindFirstOrThrow, &JsonArgs(&json!({ "where": { "name": "x" } })), &mut JsonRows::new())
    ///     })
    /// };
    /// assert!(rename("y").is_err());
    /// assert_eq!(runtime.database().run::<i64>("forumCategory", "count", json!({ "where": { "name": "General" } }))?, 1);
    /// rename("x")?;
    /// # Ok::<(), mbl::Error>(())
    /// ```
    pub fn transaction<R: Send + 'static>(
        &self,
        job: impl FnOnce(&Database) -> std::result::Result<R, DbError> + Send + 'static,
    ) -> Result<R> {
        self.runtime.shared.run(move |world| {
            world.database.begin()?;
            let result = job(&world.database)?;
            world.database.commit()?;
            Ok(result)
        })
    }
}

/// A call that was queued, as a future of its result; see [`Runtime::call_async`].
#[must_use = "a future is awaited"]
pub struct Call<R> {
    /// None once the result was taken.
    queued: Option<Result<Answer<Result<String>>>>,
    of: PhantomData<fn() -> R>,
}

impl<R: DeserializeOwned> Future for Call<R> {
    type Output = Result<R>;

    /// # Panics
    ///
    /// When it is polled after it was ready, as futures may.
    fn poll(mut self: Pin<&mut Self>, context: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let value = match &self.queued {
            Some(Ok(answer)) => match answer.poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(text) => read(text),
            },
            _ => Err(Error::Stopped),
        };
        let queued = self.queued.take().expect("a future is not polled after it was ready");
        Poll::Ready(queued.and(value))
    }
}

/// Reads the result of a call.
fn read<R: DeserializeOwned>(text: Option<Result<String>>) -> Result<R> {
    Ok(serde_json::from_str(&text.unwrap_or_else(|| Err(died()))?)?)
}

/// Makes the list of arguments of a call.
fn arguments(args: impl Serialize) -> Result<Vec<Json>> {
    Ok(match serde_json::to_value(args)? {
        Json::Null => Vec::new(),
        Json::Array(args) => args,
        arg => vec![arg],
    })
}

impl Shared {
    /// Runs a job on a worker of the generation that is live when it is queued.
    fn run<T: Send + 'static>(&self, job: impl FnOnce(&World) -> Result<T> + Send + 'static) -> Result<T> {
        self.queue(job, None)?.wait().unwrap_or_else(|| Err(died()))
    }

    /// Queues a job for a worker of the generation that is live now; see [`Workers::push`].
    fn queue<T: Send + 'static>(
        &self,
        job: impl FnOnce(&World) -> Result<T> + Send + 'static,
        name: Option<&str>,
    ) -> Result<Answer<Result<T>>> {
        let (mut job, answer) = answered(move |world: &mut World| job(world));
        loop {
            let live = self.live();
            if live.workers.is_one() {
                return Err(Error::Reentrant);
            }
            match live.workers.push(job, name) {
                Ok(()) => return Ok(answer),
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
        // A reload that is under way comes to its end first, which it would not wait for.
        self.give_up("the runtime is being shut down");
        let _last = lock(&self.reloading);
        let live = self.live();
        live.workers.close(Some(World::unload));
        live.workers.join();
        for workers in lock(&self.retired).drain(..) {
            workers.join();
        }
    }
}
