//! Describes a runtime, and builds it.

use std::fmt::Display;
#[cfg(feature = "watch")]
use std::path::Path;
use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::thread::{Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::diag::{Diagnostic, Diagnostics, Severity, Sources, Span};
use crate::error::{Error, Findings, Result};
use crate::files::Files;
use crate::lua::{Context, HostModule, LogRecord, PackageScripts, Script, TimeGuard};
use crate::package::{Levels, LoadOptions, Package, PackageSet, Wanted, load, read_annotations};
use crate::runtime::untrusted::Place;
use crate::runtime::worker::{STACK_BYTES, Workers};
use crate::runtime::world::{Base, Ingredient, LogSink, PrintSink, Recipe, StatementSink, World};
use crate::runtime::{Event, Generation, Live, Runtime, Shared};
use crate::schema::Schema;
use crate::store::{DatabaseUrl, InstalledPackage, Location, Store};

/// Tells whether a package gets a capability: the package's name, then the capability's.
type Grants = Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

/// What a [`Runtime`] is to be. Without packages it has none; without a database it has one in memory.
#[derive(Clone)]
pub struct RuntimeBuilder {
    roots: Vec<PathBuf>,
    wanted: Vec<Wanted>,
    base: Option<PathBuf>,
    url: Option<String>,
    files: Option<PathBuf>,
    /// What is kept beside a database in memory: it goes from one generation to the next.
    memory_files: Files,
    schema: Option<Arc<Schema>>,
    context: Context,
    workers: usize,
    load_timeout: Option<Duration>,
    call_timeout: Option<Duration>,
    memory_bytes: Option<usize>,
    modules: Vec<HostModule>,
    output_bytes: Option<usize>,
    database_bytes: Option<u64>,
    time_guard: TimeGuard,
    sandbox: Place,
    grants: Grants,
    print: PrintSink,
    log: LogSink,
    event: EventSink,
    statement: Option<StatementSink>,
}

/// Takes what happens in a runtime.
type EventSink = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

impl Default for RuntimeBuilder {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            wanted: Vec::new(),
            base: None,
            url: None,
            files: None,
            memory_files: Files::memory(),
            schema: None,
            context: Context::default(),
            workers: 1,
            load_timeout: Some(Duration::from_secs(10)),
            call_timeout: None,
            memory_bytes: None,
            modules: Vec::new(),
            output_bytes: None,
            database_bytes: None,
            time_guard: TimeGuard::default(),
            sandbox: Place::default(),
            grants: Arc::new(|_, _| true),
            print: Arc::new(|_| {}),
            log: Arc::new(|_| {}),
            event: Arc::new(|_| {}),
            statement: None,
        }
    }
}

impl RuntimeBuilder {
    /// Adds a folder of packages: all of them are loaded, unless [`only`](Self::only) names some.
    pub fn packages(mut self, root: impl Into<PathBuf>) -> Self {
        self.roots.push(root.into());
        self
    }

    /// Loads this package and what it needs. May be said several times.
    pub fn only(mut self, wanted: Wanted) -> Self {
        self.wanted.push(wanted);
        self
    }

    /// Shows paths in messages relative to this folder, where they lie in it.
    pub fn base(mut self, folder: impl Into<PathBuf>) -> Self {
        self.base = Some(folder.into());
        self
    }

    /// Opens this database: a path, `file:app.db?synchronous=normal`, `:memory:`.
    pub fn database(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    /// Uses a new database in memory.
    pub fn in_memory(self) -> Self {
        self.database(":memory:")
    }

    /// Sets the folder in which packages keep bytes outside of the database, each in a folder of its own; see the module `files`.
    ///
    /// Without it, it is the database's path with `.files` behind it; beside a database in memory they are in memory.
    pub fn files(mut self, folder: impl Into<PathBuf>) -> Self {
        self.files = Some(folder.into());
        self
    }

    /// Takes this as the whole schema, instead of the core's and the packages'.
    pub fn schema(mut self, schema: Arc<Schema>) -> Self {
        self.schema = Some(schema);
        self
    }

    /// Sets on whose behalf packages are installed and calls run that name nobody else.
    pub fn context(mut self, context: Context) -> Self {
        self.context = context;
        self
    }

    /// Sets the tenant; see [`context`](Self::context).
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.context.tenant = Some(tenant.into());
        self
    }

    /// Sets how many calls may run at once: each worker has a Lua state and a connection of its own. 1 by default; a database in memory
    /// has one.
    ///
    /// With more than one, operations that are known to write take all of them but one at a time, so that no reader waits for a writer.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers.max(1);
        self
    }

    /// Stops a package that takes longer than this to load; None never does. 10 s by default.
    pub fn load_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.load_timeout = timeout;
        self
    }

    /// Stops a call that takes longer than this; None, the default, never does.
    pub fn call_timeout(mut self, timeout: Option<Duration>) -> Self {
        self.call_timeout = timeout;
        self
    }

    /// Bounds the memory of each Lua state; None, the default, at 2 GiB, and 0 does not.
    pub fn memory_bytes(mut self, bytes: Option<usize>) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Stops a call that prints and logs more than this; None, the default, never does.
    pub fn output_bytes(mut self, bytes: Option<usize>) -> Self {
        self.output_bytes = bytes;
        self
    }

    /// Bounds the size of the database, which in memory is memory besides [`memory_bytes`](Self::memory_bytes); None, the default, does
    /// not. A write that would need more fails.
    pub fn database_bytes(mut self, bytes: Option<u64>) -> Self {
        self.database_bytes = bytes;
        self
    }

    /// Sets how scripts learn that their time is over: by a signal of a thread that watches, or by a hook that looks at the clock.
    pub fn time_guard(mut self, guard: TimeGuard) -> Self {
        self.time_guard = guard;
        self
    }

    /// Runs untrusted code in processes of their own, started from this program: `std::env::current_exe()` for a host that calls
    /// [`worker_main`](crate::worker_main) first of all, or the path of `mbl`.
    ///
    /// Without it, untrusted code runs in a thread of this process. That holds as well, but for a few functions of C that no limit
    /// interrupts, and for faults in Lua itself. Elsewhere than on Unix there is only the thread.
    pub fn sandbox_program(mut self, program: impl Into<PathBuf>) -> Self {
        self.sandbox = Place::of(program.into());
        self
    }

    /// Decides which of the capabilities that a package's metadata asks for, such as `db.raw`, it gets: `grants(package, capability)`.
    /// Without it, it gets all. What is not granted is absent.
    pub fn grant(mut self, grants: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        self.grants = Arc::new(grants);
        self
    }

    /// Takes what scripts `print`: one line with its line end. Without it, it is dropped.
    pub fn on_print(mut self, sink: impl Fn(&[u8]) + Send + Sync + 'static) -> Self {
        self.print = Arc::new(sink);
        self
    }

    /// Takes what scripts write with `log`. Without it, it is dropped.
    pub fn on_log(mut self, sink: impl Fn(LogRecord) + Send + Sync + 'static) -> Self {
        self.log = Arc::new(sink);
        self
    }

    /// Takes what happens: a generation loaded, reloaded or refused, a line of a script's log. Without it, it is dropped.
    ///
    /// It is called on the thread where it happens, and must not call the runtime.
    pub fn on_event(mut self, sink: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.event = Arc::new(sink);
        self
    }

    /// Takes each statement that was asked of the database, when it has ended, and its time; the text holds no values. Without it,
    /// nothing is measured.
    ///
    /// It is called on the thread where it happens, and must not call the runtime.
    pub fn on_statement(mut self, sink: impl Fn(&str, Duration) + Send + Sync + 'static) -> Self {
        self.statement = Some(Arc::new(sink));
        self
    }

    /// Gives a module to all scripts; one of the same name that was given before keeps its other functions.
    pub fn module(mut self, module: HostModule) -> Self {
        match self.modules.iter_mut().find(|known| known.name() == module.name()) {
            Some(known) => known.merge(module),
            None => self.modules.push(module),
        }
        self
    }

    /// Gives a function to all scripts: `mail.send` is `require('mail').send`; see [`HostModule::function`].
    pub fn function<A, R, E>(
        self,
        name: &str,
        function: impl Fn(A) -> std::result::Result<R, E> + Send + Sync + 'static,
    ) -> Self
    where
        A: DeserializeOwned,
        R: Serialize,
        E: Display,
    {
        let (module, name) = name.rsplit_once('.').unwrap_or(("host", name));
        self.module(HostModule::new(module).function(name, function))
    }

    /// Reads and checks the packages, without opening a database or running anything.
    pub fn read(&self) -> Result<PackageSet> {
        self.read_without(Vec::new())
    }

    /// Returns where the database lies.
    pub fn database_url(&self) -> Result<DatabaseUrl> {
        Ok(DatabaseUrl::parse(self.url.as_deref().unwrap_or(":memory:"))?)
    }

    /// Returns the packages that the database has a record of, by id; none where there is no database yet.
    pub fn installed(&self) -> Result<Vec<InstalledPackage>> {
        let url = self.database_url()?;
        match &url.location {
            Location::File(path) if path.exists() => Ok(Store::open(&url)?.installed()?),
            _ => Ok(Vec::new()),
        }
    }

    /// Turns an installed package on or off, and tells whether it was the other way before. What is off is not loaded.
    ///
    /// ```no_run
    /// mbl::Runtime::builder().database("app.db").set_enabled("forum_forge", false)?;
    /// # Ok::<(), mbl::Error>(())
    /// ```
    pub fn set_enabled(&self, package: &str, enabled: bool) -> Result<bool> {
        Ok(Store::open(&self.database_url()?)?.set_enabled(package, enabled)?)
    }

    /// Forgets that a package was installed, without running its `on_uninstall`; see [`Runtime::uninstall`].
    pub fn forget(&self, package: &str) -> Result<()> {
        Ok(Store::open(&self.database_url()?)?.forget(package)?)
    }

    /// Loads the packages, opens the database, brings it to their schema and installs what is new.
    ///
    /// A broken package is refused and the others go on; [`Runtime::check`] names every fault. Fails when no package that was asked
    /// for is left.
    pub fn build(&self) -> Result<Runtime> {
        let begun = Instant::now();
        let (packages, url) = self.gather()?;
        let recipe = self.recipe(&packages, packages.packages.iter(), url, false);
        let mut workers = Workers::new();
        let mut opened = workers.start({
            let recipe = recipe.clone();
            move || World::open(&recipe)
        })?;
        opened.diagnostics.sort(&packages.sources);
        let in_memory = recipe.url.location == Location::Memory;
        for _ in 1..if in_memory { 1 } else { self.workers } {
            let mut recipe = recipe.clone();
            recipe.packages.retain(|package| !opened.refused.contains(&package.scripts.id));
            workers.start(move || World::open(&recipe))?;
        }
        let generation = Arc::new(Generation { number: 1, packages: Arc::new(packages), opened, recipe });
        let shared = Shared {
            builder: self.clone(),
            context: self.context.clone(),
            built_in: begun.elapsed(),
            live: RwLock::new(Arc::new(Live { workers: Arc::new(workers), generation })),
            reloading: Default::default(),
            retired: Default::default(),
            building: Default::default(),
            has_failed: Default::default(),
            stopped: Default::default(),
        };
        self.tell(&Event::Loaded { generation: 1 });
        Ok(Runtime { shared: Arc::new(shared) })
    }

    /// Tells the host what happened.
    pub(super) fn tell(&self, event: &Event<'_>) {
        (self.event)(event);
    }

    /// Returns the folders that were named: those of packages, and those that hold packages.
    #[cfg(feature = "watch")]
    pub(super) fn named_folders(&self) -> impl Iterator<Item = &Path> {
        let wanted = self.wanted.iter().filter_map(|wanted| match wanted {
            Wanted::Path(path) => Some(path),
            Wanted::Id(_) => None,
        });
        self.roots.iter().chain(wanted).map(PathBuf::as_path)
    }

    /// Reads the packages that can be loaded into the database. Fails when none is left of those that were asked for.
    pub(super) fn gather(&self) -> Result<(PackageSet, DatabaseUrl)> {
        let url = self.database_url()?;
        let loads = !self.roots.is_empty() || !self.wanted.is_empty();
        // What is turned off is known before a package is read.
        let installed = if loads { self.installed()? } else { Vec::new() };
        let disabled: Vec<String> =
            installed.into_iter().filter(|package| !package.enabled).map(|package| package.id).collect();
        let mut packages = match loads {
            true => self.read_without(disabled.clone())?,
            false => nothing(),
        };
        if loads && !packages.packages.iter().any(|package| package.wanted) {
            if !packages.diagnostics.has_errors() {
                for id in disabled {
                    let message = format!("package `{id}` is disabled in `{url}`, and nothing else is left to load");
                    packages.diagnostics.push(
                        Diagnostic::error("disabled_package", message).help(format!("`mbl enable {id}` turns it on")),
                    );
                }
            }
            let findings = Findings { diagnostics: packages.diagnostics, sources: packages.sources };
            return Err(Error::Invalid(Box::new(findings)));
        }
        Ok((packages, url))
    }

    /// Finds all that is wrong with the packages and can be known without running them. What was found stands in the set.
    ///
    /// Scripts are compiled, and run as far as they define things, over an empty database in memory. What their texts say is looked
    /// at with the feature `lint` only.
    pub fn check(&self) -> Result<PackageSet> {
        let mut set = self.read()?;
        let recipe = self.recipe(&set, set.packages.iter(), DatabaseUrl::memory(), true);
        let (read, rehearsed) = std::thread::scope(|scope| {
            let read = on_thread(scope, || self.lint(&set))?;
            let rehearsed = on_thread(scope, || World::rehearse(&recipe))?;
            let [read, rehearsed] = [read, rehearsed].map(|thread| {
                thread.join().unwrap_or_else(|_| Err(Error::Internal("a check failed in the middle".into())))
            });
            Ok::<_, Error>((read?, rehearsed?))
        })?;
        let rehearsed: Vec<Diagnostic> =
            rehearsed.into_iter().filter(|found| !is_said(found, &read, &set.sources)).collect();
        set.diagnostics.extend(read);
        for found in rehearsed {
            set.diagnostics.push(found);
        }
        set.diagnostics.sort(&set.sources);
        Ok(set)
    }

    /// Checks what the scripts' texts say.
    #[cfg(feature = "lint")]
    fn lint(&self, set: &PackageSet) -> Result<Diagnostics> {
        let compiler = crate::lua::Compiler::new()?;
        let options = crate::lint::Options {
            compile: &|script| {
                let compiled = compiler.compile(&lua_script(set, script));
                compiled.map_err(|(line, message)| crate::lint::Refusal { line, message })
            },
            standard: crate::lua::standard_modules(),
            host_modules: self.modules.iter().map(HostModule::name).collect(),
            stack_bytes: STACK_BYTES,
        };
        Ok(crate::lint::check(set, &options))
    }

    /// Texts are not looked at without the feature.
    #[cfg(not(feature = "lint"))]
    fn lint(&self, _: &PackageSet) -> Result<Diagnostics> {
        Ok(Diagnostics::new())
    }

    fn read_without(&self, disabled: Vec<String>) -> Result<PackageSet> {
        let options = LoadOptions { base: self.base.clone(), disabled, ..LoadOptions::default() };
        Ok(load(&self.roots, &self.wanted, &options)?)
    }

    /// Makes the recipe of a world with these packages of `set`.
    pub(super) fn recipe<'a>(
        &self,
        set: &PackageSet,
        packages: impl Iterator<Item = &'a Package>,
        url: DatabaseUrl,
        with_tests: bool,
    ) -> Recipe {
        let files = match (&self.files, &url.location) {
            (Some(folder), _) => Files::Folder(folder.clone()),
            (None, Location::Memory) => self.memory_files.clone(),
            (None, Location::File(path)) => {
                let mut folder = path.clone().into_os_string();
                folder.push(".files");
                Files::Folder(folder.into())
            }
        };
        Recipe {
            files,
            packages: packages.map(|package| ingredient(set, package, with_tests, &self.grants)).collect(),
            sources: set.sources.clone(),
            url,
            base: match &self.schema {
                Some(schema) => Base::Given(schema.clone()),
                None => Base::Joint { schema: set.schema.clone(), core: set.core_source },
            },
            modules: self.modules.clone().into(),
            context: self.context.clone(),
            load_timeout: self.load_timeout,
            call_timeout: self.call_timeout,
            memory_bytes: self.memory_bytes,
            output_bytes: self.output_bytes,
            database_bytes: self.database_bytes,
            time_guard: self.time_guard,
            sandbox: self.sandbox.clone(),
            interrupt: None,
            print: self.print.clone(),
            statement: self.statement.clone(),
            log: {
                let (log, event) = (self.log.clone(), self.event.clone());
                Arc::new(move |record: LogRecord| {
                    event(&Event::Log(&record));
                    log(record);
                })
            },
        }
    }
}

/// Runs a job on a thread with the stack of a worker's.
fn on_thread<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    job: impl FnOnce() -> Result<T> + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, Result<T>>> {
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, job);
    thread.map_err(|error| Error::Internal(format!("no thread could be started: {error}")))
}

/// Tells whether what loading found has been said: by what was read off the same line, or where the broken module itself is.
fn is_said(found: &Diagnostic, read: &Diagnostics, sources: &Sources) -> bool {
    if found.code == "broken_module" {
        return true;
    }
    let Some(span) = found.span else { return false };
    let line = |span: Span| sources.get(span.source).position(span.start).0;
    read.iter().any(|other| {
        other.severity == Severity::Error
            && other.span.is_some_and(|place| {
                place.source == span.source
                    && (other.code == found.code || other.code == "syntax" || line(place) == line(span))
            })
    })
}

/// Returns a set without packages and without the core's models.
fn nothing() -> PackageSet {
    PackageSet {
        packages: Vec::new(),
        refused: Vec::new(),
        sources: Sources::new(),
        diagnostics: Default::default(),
        schema: Arc::new(Schema::default()),
        core_source: None,
    }
}

/// Takes from a package what a world needs.
fn ingredient(set: &PackageSet, package: &Package, with_tests: bool, grants: &Grants) -> Ingredient {
    // What lies beside the specs outside of `scripts` is theirs to require.
    let scripts = package.scripts.iter().filter(|script| with_tests || !script.is_test);
    let (mut signatures, mut classes) = (FxHashMap::default(), Vec::new());
    for script in package.scripts.iter().filter(|script| script.in_scripts && !script.is_test) {
        let source = set.sources.get(script.source);
        let annotations = read_annotations(&source.text);
        let found = annotations.signatures().into_iter();
        signatures.extend(found.map(|signature| ((source.name.clone(), signature.line), signature.parameters)));
        classes.extend(annotations.class_types());
    }
    Ingredient {
        scripts: Arc::new(PackageScripts {
            id: package.id.clone(),
            version: package.version.to_string(),
            folder: Some(package.root.clone()),
            dependencies: package.dependencies.iter().map(|dependency| dependency.id.clone()).collect(),
            capabilities: package.capabilities.iter().filter(|name| grants(&package.id, name)).cloned().collect(),
            scripts: scripts.map(|script| lua_script(set, script)).collect(),
            signatures,
            classes,
            levels: Levels::of(package),
            data: package
                .data
                .iter()
                .map(|file| (file.path.clone(), set.sources.get(file.source).text.clone()))
                .collect(),
        }),
        version: package.version.to_string(),
        schema: package.schema,
    }
}

/// Returns a package's script as the Lua side takes it.
pub(super) fn lua_script(set: &PackageSet, script: &crate::package::Script) -> Script {
    let source = set.sources.get(script.source);
    Script {
        path: script.path.clone(),
        name: source.name.clone(),
        text: Arc::from(source.text.clone()),
        source: Some(script.source),
    }
}
