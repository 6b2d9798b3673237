//! One worker's world: a connection, a Lua state with the packages in it, and how they are installed.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::{Value as Json, json};

use crate::db::Database;
use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span, closest};
use crate::error::{Error, Findings, Result};
use crate::files::Files;
use crate::lua::{
    Context, HostModule, Interrupt, LogRecord, LuaError, PackageScripts, SandboxRunner, TimeGuard, Vm, VmOptions,
};
use crate::migrate::{Layout, Step};
use crate::runtime::door;
use crate::runtime::untrusted::{self, Place};
use crate::schema::Schema;
use crate::store::{DatabaseUrl, Location, Policy, Store};

/// Takes what scripts print.
pub(super) type PrintSink = Arc<dyn Fn(&[u8]) + Send + Sync>;
/// Takes each statement that has ended, with its time.
pub(super) type StatementSink = Arc<dyn Fn(&str, Duration) + Send + Sync>;
/// Takes what scripts log.
pub(super) type LogSink = Arc<dyn Fn(LogRecord) + Send + Sync>;

/// What a world is made of; the same for each worker.
#[derive(Clone)]
pub(super) struct Recipe {
    /// The packages, those that others depend on first.
    pub(super) packages: Vec<Ingredient>,
    /// The texts that diagnostics point into.
    pub(super) sources: Sources,
    /// Where the database lies.
    pub(super) url: DatabaseUrl,
    /// Which schema the database is brought to.
    pub(super) base: Base,
    /// Where packages keep bytes outside of the database.
    pub(super) files: Files,
    /// What the host gives to scripts.
    pub(super) modules: Arc<[HostModule]>,
    /// On whose behalf packages are installed.
    pub(super) context: Context,
    /// How long a package may load.
    pub(super) load_timeout: Option<Duration>,
    /// How long a call may take.
    pub(super) call_timeout: Option<Duration>,
    /// How much memory the Lua state may take.
    pub(super) memory_bytes: Option<usize>,
    /// How much one call may print and log.
    pub(super) output_bytes: Option<usize>,
    /// How large the database may become.
    pub(super) database_bytes: Option<u64>,
    /// How scripts learn that their time is over.
    pub(super) time_guard: TimeGuard,
    /// Where untrusted code runs.
    pub(super) sandbox: Place,
    /// Ends the building of a world that is wanted no more.
    pub(super) interrupt: Option<Arc<Interrupt>>,
    /// Takes what scripts print.
    pub(super) print: PrintSink,
    /// Takes what scripts log.
    pub(super) log: LogSink,
    /// Takes what is asked of the database, when somebody listens.
    pub(super) statement: Option<StatementSink>,
}

/// Which schema the database is brought to.
#[derive(Clone)]
pub(super) enum Base {
    /// The core schema and those of the packages.
    Joint {
        /// The joint schema of all packages of the recipe.
        schema: Arc<Schema>,
        /// The core schema's text.
        core: Option<SourceId>,
    },
    /// A schema that the host gave: it is the whole schema.
    Given(Arc<Schema>),
}

/// A package of a recipe.
#[derive(Debug, Clone)]
pub(super) struct Ingredient {
    /// Its scripts.
    pub(super) scripts: Arc<PackageScripts>,
    /// Its version, as it is recorded.
    pub(super) version: String,
    /// The text of its schema, when it has one.
    pub(super) schema: Option<SourceId>,
}

/// What opening a world did.
#[derive(Debug, Clone, Default)]
pub struct Opened {
    /// What happened to the database.
    pub database: DatabaseReport,
    /// The packages that were installed for the first time, in load order.
    pub installed: Vec<String>,
    /// The packages that came in a new version, with the one before.
    pub upgraded: Vec<(String, String)>,
    /// The packages that loading refused: their `init.lua`, `on_install` or the like failed.
    pub refused: Vec<String>,
    /// What was found wrong while the scripts were loaded.
    pub diagnostics: Diagnostics,
    /// Each operation, `package.operation`, with a number that changes when its text does.
    pub(super) operations: BTreeMap<String, u64>,
    /// Whether any package hands data to the next generation.
    pub(super) hands_over: bool,
}

/// What a new generation gets from the one that runs.
#[derive(Debug, Clone, Default)]
pub(super) struct Handover {
    /// What `on_snapshot` of each package returned.
    pub(super) snapshots: BTreeMap<String, Json>,
    /// The packages of the generation that runs.
    pub(super) packages: BTreeSet<String>,
    /// Whether the schema or the packages are others, so that the database may have to be changed.
    pub(super) moves: bool,
}

/// How far an attempt to open a world goes.
#[derive(Clone, Copy)]
enum Stage<'a> {
    /// The scripts are loaded, and nothing else.
    Rehearse,
    /// A first world: what is broken can be left out.
    Start,
    /// A world in place of another one.
    Reload(&'a Handover),
}

/// What happened to the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatabaseReport {
    /// Where it lies, as messages show it.
    pub name: String,
    /// Whether it had no table before.
    pub is_new: bool,
    /// How many tables were made.
    pub tables: usize,
    /// How many indexes were made.
    pub indexes: usize,
    /// How many columns were added to tables that were there.
    pub columns: usize,
    /// What was done, in words: `added column Poll.closesAt`.
    pub changes: Vec<String>,
    /// The SQL that ran.
    pub sql: Vec<String>,
}

/// A connection and a Lua state with its packages. It belongs to the thread that made it.
pub(super) struct World {
    pub(super) vm: Vm,
    pub(super) database: Rc<Database>,
    packages: Vec<Ingredient>,
    context: Context,
    /// Whether the database keeps a record of packages and tenants: a schema that the host gave may have no such models.
    recorded: bool,
    /// How much of what was written is no call's: tenants that were met.
    not_of_calls: Cell<u64>,
    /// The tenants that all packages have met.
    tenants: RefCell<BTreeSet<String>>,
    log: LogSink,
    /// How many transactions stay open between jobs.
    held: Cell<usize>,
}

/// Why an attempt to open a world stopped.
enum Stop {
    /// A package is at fault; the others may go on without it.
    Refused(Vec<String>, Diagnostics),
    /// Nothing can go on.
    Failed(Error),
}

impl Stop {
    fn into_error(self, recipe: &Recipe) -> Error {
        match self {
            Stop::Failed(error) => error,
            Stop::Refused(_, diagnostics) => invalid(diagnostics, &recipe.sources),
        }
    }
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Stop::Failed(error.into())
    }
}

impl World {
    /// Opens the database, brings it to the schema, loads the packages and installs those that are new.
    ///
    /// A package that turns out to be broken is left out together with those that need it, and everything begins again without
    /// them: what was done for it is rolled back. Fails when no package is left.
    pub(super) fn open(recipe: &Recipe) -> Result<(World, Opened)> {
        let mut packages = recipe.packages.clone();
        let mut opened = Opened::default();
        // A file that is not there yet is made only when the scripts have shown that they load.
        let mut rehearse =
            matches!(&recipe.url.location, Location::File(path) if !path.exists()) && !packages.is_empty();
        loop {
            let url = if rehearse { DatabaseUrl::memory() } else { recipe.url.clone() };
            let stage = if rehearse { Stage::Rehearse } else { Stage::Start };
            match Ok(Rc::new(Store::open(&url)?)).and_then(|store| World::attempt(recipe, &packages, store, stage)) {
                Ok(_) if rehearse => rehearse = false,
                Ok((world, done)) => {
                    opened.diagnostics.extend(done.diagnostics);
                    return Ok((world, Opened { diagnostics: opened.diagnostics, refused: opened.refused, ..done }));
                }
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Refused(refused, diagnostics)) => {
                    opened.diagnostics.extend(diagnostics);
                    leave_out(&mut packages, refused, &mut opened);
                    if packages.is_empty() {
                        return Err(invalid(opened.diagnostics, &recipe.sources));
                    }
                }
            }
        }
    }

    /// Loads the scripts over an empty database in memory and returns what is wrong with them; installs nothing.
    pub(super) fn rehearse(recipe: &Recipe) -> Result<Diagnostics> {
        let mut packages = recipe.packages.clone();
        let mut opened = Opened::default();
        while !packages.is_empty() {
            let store = Rc::new(Store::open(&DatabaseUrl::memory())?);
            match World::attempt(recipe, &packages, store, Stage::Rehearse) {
                Ok((_, done)) => {
                    opened.diagnostics.extend(done.diagnostics);
                    break;
                }
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Refused(refused, diagnostics)) => {
                    opened.diagnostics.extend(diagnostics);
                    leave_out(&mut packages, refused, &mut opened);
                }
            }
        }
        Ok(opened.diagnostics)
    }

    /// Opens a world in place of one that runs, over a connection of its own. Whatever is wrong, nothing has changed.
    pub(super) fn reopen(recipe: &Recipe, handover: &Handover) -> Result<(World, Opened)> {
        if handover.moves {
            World::whole(World::rehearse(recipe)?, &recipe.sources)?;
        }
        let store = Rc::new(Store::open(&recipe.url)?);
        World::attempt(recipe, &recipe.packages, store, Stage::Reload(handover)).map_err(|stop| stop.into_error(recipe))
    }

    /// Becomes the world of another generation, over the same connection. Whatever is wrong, it stays as it is.
    ///
    /// What can be known to be wrong without it has been rehearsed: nobody is answered meanwhile.
    pub(super) fn replace(&mut self, recipe: &Recipe, mut handover: Handover) -> Result<Opened> {
        handover.snapshots = self.snapshots(&recipe.log);
        let store = self.database.shared_store();
        store.begin()?;
        match World::attempt(recipe, &recipe.packages, store.clone(), Stage::Reload(&handover)) {
            Ok((world, opened)) => {
                store.commit()?;
                let old = std::mem::replace(self, world);
                old.unload();
                Ok(opened)
            }
            Err(stop) => {
                while store.depth() > 0 {
                    store.rollback()?;
                }
                Err(stop.into_error(recipe))
            }
        }
    }

    /// Fails when something of error level was found.
    pub(super) fn whole(diagnostics: Diagnostics, sources: &Sources) -> Result<()> {
        match diagnostics.has_errors() {
            true => Err(invalid(diagnostics, sources)),
            false => Ok(()),
        }
    }

    /// Asks each package what the next generation is to get. A package that fails to say hands nothing over.
    pub(super) fn snapshots(&self, log: &LogSink) -> BTreeMap<String, Json> {
        let mut snapshots = BTreeMap::new();
        for package in self.packages.iter().map(|package| package.scripts.id.as_str()) {
            match self.vm.lifecycle(package, "on_snapshot", &[], &self.context) {
                Ok(Json::Null) => {}
                Ok(data) => drop(snapshots.insert(package.to_owned(), data)),
                Err(error) => warn(log, package, format!("`on_snapshot` failed, and nothing is handed over: {error}")),
            }
        }
        snapshots
    }

    /// Returns a number that grows whenever a call writes something, or begins a transaction for writing.
    pub(super) fn writes(&self) -> u64 {
        self.database.store().writes() - self.not_of_calls.get()
    }

    /// Keeps the transactions that are open now over further jobs: a dialogue's.
    pub(super) fn hold(&self) {
        self.held.set(self.database.depth());
    }

    /// Rolls back what a job left open, so that it is not part of the next one.
    pub(super) fn leave_nothing_open(&self) {
        while self.database.depth() > self.held.get() {
            if self.database.rollback().is_err() {
                break;
            }
        }
    }

    /// Tells each package that another generation has taken over.
    pub(super) fn unload(&self) {
        for package in self.packages.iter().rev().map(|package| package.scripts.id.as_str()) {
            if let Err(error) = self.vm.lifecycle(package, "on_unload", &[], &self.context) {
                warn(&self.log, package, format!("`on_unload` failed: {error}"));
            }
        }
    }

    /// Fails when there is no such package.
    pub(super) fn known(&self, id: &str) -> Result<()> {
        let known = || self.packages.iter().map(|package| package.scripts.id.as_str());
        match known().any(|known| known == id) {
            true => Ok(()),
            false => {
                Err(Error::UnknownPackage { package: id.to_owned(), near: closest(id, known()).map(str::to_owned) })
            }
        }
    }

    /// Opens a world with these packages over a connection.
    ///
    /// What is left open when it fails is rolled back by whoever holds the store, or by its end.
    fn attempt(
        recipe: &Recipe,
        packages: &[Ingredient],
        store: Rc<Store>,
        stage: Stage<'_>,
    ) -> std::result::Result<(World, Opened), Stop> {
        let rehearse = matches!(stage, Stage::Rehearse);
        let moves = matches!(stage, Stage::Reload(handover) if handover.moves);
        let schema = recipe.schema(packages);
        let recorded = schema.model_named("InstalledPackage").is_some() && !packages.is_empty();
        if let Some(bytes) = recipe.database_bytes {
            store.limit_size(bytes)?;
        }
        if let Some(statement) = recipe.statement.clone().filter(|_| !rehearse) {
            store.on_statement(Some(Box::new(move |sql, time| statement(sql, time))));
        }
        let database = Rc::new(Database::sharing(store, schema.clone()));
        let tenant = recipe.context.acting_tenant();
        // A start that finds all in place writes nothing, and so waits for nobody.
        let installs = recorded && !rehearse && !Ledger::read(database.store(), tenant)?.is_complete(packages);
        let transacts = installs || moves;
        if transacts {
            database.store().begin()?;
        }
        let mut opened = Opened { database: bring_to(database.store(), &schema)?, ..Opened::default() };
        let (print, log) = (recipe.print.clone(), recipe.log.clone());
        let vm = Vm::new(VmOptions {
            database: Some(database.clone()),
            packages: packages.iter().map(|package| package.scripts.clone()).collect(),
            modules: recipe.modules.clone(),
            files: recipe.files.clone(),
            // What is only rehearsed is heard when it really happens.
            print: Rc::new(move |bytes| {
                if !rehearse {
                    print(bytes)
                }
            }),
            log: Rc::new(move |record| {
                if !rehearse {
                    log(record)
                }
            }),
            load_timeout: recipe.load_timeout,
            call_timeout: recipe.call_timeout,
            memory_bytes: recipe.memory_bytes,
            output_bytes: recipe.output_bytes,
            time_guard: recipe.time_guard,
            sandbox: Some(untrusted::runner(&recipe.sandbox, &recipe.url, &schema)),
            untrusted: None,
        })?;
        vm.set_interrupt(recipe.interrupt.clone());
        opened.diagnostics = vm.load();
        let refused: Vec<String> =
            packages.iter().map(|package| package.scripts.id.clone()).filter(|id| vm.is_refused(id)).collect();
        if !refused.is_empty() {
            return Err(Stop::Refused(refused, opened.diagnostics));
        }
        let world = World {
            vm,
            database,
            packages: packages.to_vec(),
            context: recipe.context.clone(),
            recorded,
            not_of_calls: Cell::default(),
            held: Cell::default(),
            tenants: RefCell::default(),
            log: recipe.log.clone(),
        };
        if rehearse {
            return Ok((world, opened));
        }
        for package in packages.iter().map(|package| package.scripts.id.as_str()) {
            opened.hands_over |= world.vm.has(package, "on_snapshot");
            let operations = world.vm.fingerprints(package).into_iter();
            opened.operations.extend(operations.map(|(name, text)| (format!("{package}.{name}"), text)));
        }
        if installs {
            world.install(recipe, &mut opened)?;
        }
        if let Stage::Reload(handover) = stage {
            // Only a whole generation takes the place of one that runs.
            if opened.diagnostics.has_errors() {
                return Err(Stop::Refused(Vec::new(), opened.diagnostics));
            }
            world.start(recipe, Some(handover))?;
        }
        if transacts {
            world.database.store().commit()?;
        }
        world.tenants.borrow_mut().insert(tenant.to_owned());
        if let Stage::Start = stage {
            world.start(recipe, None)?;
        }
        world.vm.set_interrupt(None);
        Ok((world, opened))
    }

    /// Runs `on_load` of each package, and `on_reload` of those that were there before.
    fn start(&self, recipe: &Recipe, handover: Option<&Handover>) -> std::result::Result<(), Stop> {
        for package in &self.packages {
            self.hook(recipe, package, "on_load", &[])?;
            let id = &package.scripts.id;
            if let Some(handover) = handover.filter(|handover| handover.packages.contains(id)) {
                let old = handover.snapshots.get(id).cloned().unwrap_or(Json::Null);
                self.hook(recipe, package, "on_reload", &[old])?;
            }
        }
        Ok(())
    }

    /// Records each package that is new, and runs its lifecycle functions, in the transaction that is open.
    fn install(&self, recipe: &Recipe, opened: &mut Opened) -> std::result::Result<(), Stop> {
        let tenant = recipe.context.acting_tenant();
        // Whoever held the lock before may have done all of it.
        let ledger = Ledger::read(self.database.store(), tenant)?;
        self.make_tenant(&ledger, tenant)?;
        for package in &self.packages {
            let id = package.scripts.id.as_str();
            match ledger.version(id) {
                Some(version) if version == package.version => {}
                Some(version) => {
                    let data = json!({ "where": { "packageId": id }, "data": { "version": package.version } });
                    door::ask(&self.database, "installedPackage", "update", &data)?;
                    self.hook(recipe, package, "on_upgrade", &[json!(version)])?;
                    opened.upgraded.push((id.to_owned(), version.to_owned()));
                }
                None => {
                    let data = json!({ "data": { "packageId": id, "version": package.version, "enabled": true } });
                    door::ask(&self.database, "installedPackage", "create", &data)?;
                    self.hook(recipe, package, "on_install", &[])?;
                    opened.installed.push(id.to_owned());
                }
            }
            if !ledger.met.contains(id) {
                self.hook(recipe, package, "on_tenant", &[])?;
                self.database.store().meet(id, tenant)?;
            }
        }
        Ok(())
    }

    /// Returns on whose behalf calls run that name nobody else.
    pub(super) fn context(&self) -> &Context {
        &self.context
    }

    /// Makes sure that the tenant of a call exists and has met every package, before the call.
    pub(super) fn enter(&self, context: &Context) -> Result<()> {
        let tenant = context.acting_tenant();
        if !self.recorded || self.tenants.borrow().contains(tenant) {
            return Ok(());
        }
        if !Ledger::read(self.database.store(), tenant)?.is_complete(&self.packages) {
            let before = self.writes();
            self.database.store().begin()?;
            let met = self.meet(context);
            let ended = match met {
                Ok(()) => self.database.store().commit().map_err(Error::from),
                Err(error) => self.database.store().rollback().map_err(Error::from).and(Err(error)),
            };
            self.not_of_calls.set(self.not_of_calls.get() + (self.writes() - before));
            ended?;
        }
        self.tenants.borrow_mut().insert(tenant.to_owned());
        Ok(())
    }

    /// Runs `on_uninstall` of a package and forgets that it was installed, both or neither.
    pub(super) fn uninstall(&self, package: &str) -> Result<()> {
        self.database.store().begin()?;
        let run = || -> Result<()> {
            self.vm.lifecycle(package, "on_uninstall", &[], &self.context)?;
            Ok(self.database.store().forget(package)?)
        };
        match run() {
            Ok(()) => Ok(self.database.store().commit()?),
            Err(error) => {
                self.database.store().rollback()?;
                Err(error)
            }
        }
    }

    fn meet(&self, context: &Context) -> Result<()> {
        let tenant = context.acting_tenant();
        let ledger = Ledger::read(self.database.store(), tenant)?;
        self.make_tenant(&ledger, tenant)?;
        for package in self.packages.iter().filter(|package| !ledger.met.contains(&package.scripts.id)) {
            self.vm.lifecycle(&package.scripts.id, "on_tenant", &[], context)?;
            self.database.store().meet(&package.scripts.id, tenant)?;
        }
        Ok(())
    }

    /// Makes the row of a tenant that has none.
    fn make_tenant(&self, ledger: &Ledger, tenant: &str) -> Result<()> {
        if ledger.tenant_known || self.database.schema().model_named("Tenant").is_none() {
            return Ok(());
        }
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
        let data = json!({ "data": { "id": tenant, "name": tenant, "slug": tenant, "createdAt": now } });
        door::ask(&self.database, "tenant", "create", &data)?;
        Ok(())
    }

    /// Runs a lifecycle function; a package whose function fails is refused.
    fn hook(&self, recipe: &Recipe, package: &Ingredient, name: &str, extra: &[Json]) -> std::result::Result<(), Stop> {
        let id = package.scripts.id.as_str();
        let Err(error) = self.vm.lifecycle(id, name, extra, &recipe.context) else { return Ok(()) };
        let mut diagnostics = Diagnostics::new();
        let message = format!("`{name}` of `{id}` failed: {}", error.message);
        diagnostics.push(locate(Diagnostic::error("lifecycle", message), &error, &recipe.sources));
        Err(Stop::Refused(vec![id.to_owned()], diagnostics))
    }
}

impl Recipe {
    /// Returns what runs untrusted code.
    pub(super) fn sandbox(&self) -> SandboxRunner {
        untrusted::runner(&self.sandbox, &self.url, &self.schema(&self.packages))
    }

    /// Returns the schema that the database is brought to for these packages.
    fn schema(&self, packages: &[Ingredient]) -> Arc<Schema> {
        match &self.base {
            Base::Given(schema) => schema.clone(),
            Base::Joint { schema, .. } if packages.len() == self.packages.len() => schema.clone(),
            Base::Joint { core, .. } => {
                let files: Vec<_> =
                    core.iter().copied().chain(packages.iter().filter_map(|package| package.schema)).collect();
                // Their findings are known since they were loaded.
                Arc::new(Schema::parse(&self.sources, &files).0)
            }
        }
    }
}

/// What the database says about packages.
struct Ledger {
    /// Each package that was installed, with its version.
    versions: BTreeMap<String, String>,
    /// The packages that the tenant has met.
    met: BTreeSet<String>,
    /// Whether the tenant has its row.
    tenant_known: bool,
}

impl Ledger {
    fn read(store: &Store, tenant: &str) -> Result<Self> {
        Ok(Self {
            versions: store.installed()?.into_iter().map(|package| (package.id, package.version)).collect(),
            met: store.met(tenant)?,
            tenant_known: store.has_tenant(tenant)?,
        })
    }

    fn version(&self, package: &str) -> Option<&str> {
        self.versions.get(package).map(String::as_str)
    }

    /// Tells whether nothing is left to install.
    fn is_complete(&self, packages: &[Ingredient]) -> bool {
        self.tenant_known
            && packages.iter().all(|package| {
                let id = package.scripts.id.as_str();
                self.version(id) == Some(&package.version) && self.met.contains(id)
            })
    }
}

/// Takes refused packages out, and with them those that need them.
fn leave_out(packages: &mut Vec<Ingredient>, refused: Vec<String>, opened: &mut Opened) {
    let mut gone = refused;
    // Packages stand behind their dependencies, so one pass reaches all.
    for package in packages.iter() {
        let id = &package.scripts.id;
        if gone.contains(id) {
            continue;
        }
        if let Some(broken) = package.scripts.dependencies.iter().find(|dependency| gone.contains(dependency)) {
            let message = format!("`{id}` needs `{broken}`, which is refused");
            opened
                .diagnostics
                .push(Diagnostic::error("broken_dependency", message).help(format!("mend `{broken}` first")));
            gone.push(id.clone());
        }
    }
    packages.retain(|package| !gone.contains(&package.scripts.id));
    opened.refused.extend(gone);
}

/// Makes the error of findings.
pub(super) fn invalid(mut diagnostics: Diagnostics, sources: &Sources) -> Error {
    diagnostics.sort(sources);
    Error::Invalid(Box::new(Findings { diagnostics, sources: sources.clone() }))
}

fn warn(log: &LogSink, package: &str, message: String) {
    log(LogRecord { level: "warn", package: package.to_owned(), message, fields: None });
}

/// Brings the database to the schema and says what that took.
fn bring_to(store: &Store, schema: &Schema) -> Result<DatabaseReport> {
    let applied = store.bring_to(&Layout::of(schema), Policy::Additive)?;
    Ok(DatabaseReport {
        name: store.url().to_string(),
        is_new: applied.created,
        tables: applied.tables,
        indexes: applied.indexes,
        columns: applied.columns,
        changes: applied.steps.iter().map(in_words).collect(),
        sql: applied.script.statements.into_iter().map(|statement| statement.sql).collect(),
    })
}

fn in_words(step: &Step) -> String {
    match step {
        Step::CreateTable(table) => format!("added table {}", table.name),
        Step::AddColumn { table, column, .. } => format!("added column {table}.{}", column.name),
        Step::CreateIndex { table, index } => format!("added index on {table} ({})", {
            let names: Vec<&str> = index.columns.iter().map(|column| column.name.as_str()).collect();
            names.join(", ")
        }),
        other => other.to_string(),
    }
}

/// Points a finding at the line where a script failed, when the script is among the sources.
pub(super) fn locate(diagnostic: Diagnostic, error: &LuaError, sources: &Sources) -> Diagnostic {
    let (Some(file), Some(line)) = (&error.file, error.line) else { return diagnostic };
    let Some((id, source)) = sources.iter().find(|(_, source)| *source.name == **file) else {
        return diagnostic.in_file(format!("{file}:{line}"));
    };
    let start: usize = source.text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
    let text = source.line(line);
    let indent = text.len() - text.trim_start().len();
    diagnostic.at(Span::new(id, start + indent, start + text.trim_end().len().max(indent)))
}
