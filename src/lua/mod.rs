//! The Lua side: one state for one worker thread, with an environment for each package, the standard library, and the limits.
//!
//! In go packages' scripts and calls with JSON arguments, out come JSON results, diagnostics and errors with their place.
//! Nothing of Lua leaves this module, and it knows nothing of workers, generations or the command line.

mod compiler;
mod environment;
mod error;
mod host;
mod limits;
mod load;
mod module;
mod native;
mod pattern;
mod raw;
mod require;
mod result;
mod session;
mod signature;
#[cfg(test)]
mod tests;
mod untrusted;

pub use compiler::{Compiler, standard_modules};
pub use error::{Frame, LuaError, LuaErrorKind};
pub use limits::{Interrupt, TimeGuard};
pub use module::HostModule;
pub use session::Shown;
pub use untrusted::{SandboxRunner, fault_of};

use std::cell::{Cell, RefCell};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mlua::{Function, IntoLuaMulti, Lua, LuaString, MultiValue, Table, Value};
use rustc_hash::FxHashMap;
use serde_json::Value as Json;

use crate::db::Database;
use crate::diag::{Diagnostics, SourceId, closest};
use crate::files::Files;
use crate::lua::environment::World;
use crate::lua::host::Host;
use crate::lua::limits::{Stop, Watch};
use crate::lua::raw::call::Native;
use crate::lua::require::Modules;
use crate::lua::result::json_of;
use crate::package::{Class, Field, Levels};
use crate::sandbox::Grant;

/// Takes the bytes that a script prints.
pub type Printer = Rc<dyn Fn(&[u8])>;

/// Takes the lines that a script logs.
pub type Logger = Rc<dyn Fn(LogRecord)>;

/// What a [`Vm`] is made of.
pub struct VmOptions {
    /// The database that `require('db')` reaches; without one `db` says that there is none.
    pub database: Option<Rc<Database>>,
    /// The packages, those that others depend on first.
    pub packages: Vec<Arc<PackageScripts>>,
    /// What the host gives to scripts, besides the standard modules.
    pub modules: Arc<[HostModule]>,
    /// Where `files` keeps its bytes.
    pub files: Files,
    /// Takes what `print` writes: one line with its line end.
    pub print: Printer,
    /// Takes what `log` writes.
    pub log: Logger,
    /// How long one package's scripts may run while they load; None for no limit.
    pub load_timeout: Option<Duration>,
    /// How long one call may run; None for no limit.
    pub call_timeout: Option<Duration>,
    /// How many bytes the Lua state may hold; None for 2 GiB, and 0 for no limit.
    pub memory_bytes: Option<usize>,
    /// How many bytes one call may print and log; None for no limit.
    pub output_bytes: Option<usize>,
    /// How a script learns that its time is over.
    pub time_guard: TimeGuard,
    /// Runs untrusted code for packages with the capability `sandbox`; without it they have no such module.
    pub sandbox: Option<SandboxRunner>,
    /// The state is for untrusted code, which may do this with the database; None for packages.
    pub untrusted: Option<Grant>,
}

/// What the VM needs to know of a package.
#[derive(Debug, Clone, Default)]
pub struct PackageScripts {
    /// The package's name: what `require` of another package says.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its folder on disk, for the read-only `io.open`; None when it has none.
    pub folder: Option<PathBuf>,
    /// The names of the packages that it may require.
    pub dependencies: Vec<String>,
    /// What it asked for and was granted, such as `db.raw`.
    pub capabilities: Vec<String>,
    /// Every Lua file below its `scripts` folder, tests left out or not.
    pub scripts: Vec<Script>,
    /// What the functions of each script take, by the script's name and the line on which a function begins.
    pub signatures: FxHashMap<(Arc<str>, u32), Vec<Field>>,
    /// The classes that its annotations make.
    pub classes: Vec<Class>,
    /// The levels that it asks of its callers.
    pub levels: Levels,
    /// The texts of its JSON files, by their paths below its folder: what a script reads of them is what they were.
    pub data: Vec<(String, Arc<str>)>,
}

/// One Lua file.
#[derive(Debug, Clone)]
pub struct Script {
    /// The path inside the scripts folder with `/`, such as `db/create.lua`.
    pub path: String,
    /// The path that messages show, such as `packages/audit_log/seed/scripts/db/create.lua`.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<[u8]>,
    /// The text's place among the sources, so that diagnostics can point into it.
    pub source: Option<SourceId>,
}

/// On whose behalf a call runs: what `require('ctx')` shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    /// The tenant that the caller belongs to, and whose rows are all that it reaches; None for the operator, who acts in the
    /// tenant `default` and reaches every one.
    pub tenant: Option<String>,
    /// The user, when there is one.
    pub user: Option<String>,
    /// The user's level, from 0 for the public to 6; None for the operator, who may do everything.
    pub level: Option<i64>,
    /// Milliseconds since the epoch; None for the clock.
    pub now: Option<i64>,
}

/// One line of `log`.
#[derive(Debug, Clone, PartialEq)]
pub struct LogRecord {
    /// `debug`, `info`, `warn` or `error`.
    pub level: &'static str,
    /// The package whose script logged.
    pub package: String,
    /// The text.
    pub message: String,
    /// The table that came with it, as JSON.
    pub fields: Option<Json>,
}

/// A script that was run as if something had required it.
#[derive(Debug, Clone)]
pub struct LoadedModule {
    /// Its path inside the scripts folder.
    pub path: String,
    /// Why it does not load, when it does not.
    pub error: Option<LuaError>,
}

/// A spec file that was loaded, with its tests.
pub struct TestFile {
    /// The tests, in the order in which they were declared.
    pub tests: Vec<TestCase>,
    bodies: Vec<Function>,
}

/// One test of a [`TestFile`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestCase {
    /// The names of the groups around it, outermost first.
    pub groups: Vec<String>,
    /// Its own name.
    pub name: String,
    /// It is not to be run.
    pub skip: bool,
    /// Only tests with this mark are to be run, when there is one.
    pub only: bool,
}

/// One Lua state with its packages. It belongs to the thread that made it.
pub struct Vm {
    // What lies in the state goes before the state, and the state before the world that it points to.
    prelude: Table,
    protect: Function,
    encode: Function,
    decode: Function,
    faces: RefCell<FxHashMap<String, Face>>,
    /// Whether an operation takes the handle `dbal`, by its address: what a face holds is never freed.
    with_dbal: RefCell<FxHashMap<usize, bool>>,
    lua: Lua,
    world: Rc<World>,
    load_timeout: Option<Duration>,
    call_timeout: Cell<Option<Duration>>,
    memory_bytes: Cell<usize>,
    /// What was left after all garbage was collected the last time.
    kept_bytes: Cell<usize>,
    output_bytes: Cell<Option<usize>>,
    /// When the call that is under way must be done.
    until: Cell<Option<Instant>>,
}

/// What a package shows.
struct Face {
    /// The functions as its scripts made them.
    functions: Table,
    /// What callers get: operations that check their arguments.
    guarded: Table,
}

/// The limits of one call, where they differ from the state's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallLimits {
    /// How long it may run.
    pub timeout: Option<Duration>,
    /// How many more bytes the state may hold for it.
    pub memory_bytes: Option<usize>,
    /// How many bytes it may print and log.
    pub output_bytes: Option<usize>,
}

/// The functions of a face that are no operations.
const LIFECYCLE: &[&str] = &[
    "init",
    "main",
    "on_install",
    "on_load",
    "on_reload",
    "on_snapshot",
    "on_tenant",
    "on_uninstall",
    "on_unload",
    "on_upgrade",
];

/// The most bytes that a state may hold, when its host sets no limit.
const MEMORY_LIMIT: usize = 2 << 30;

/// The most bytes of one result or one JSON text, when the memory has no limit of its own.
const TEXT_LIMIT: usize = 256 << 20;

impl Context {
    /// Returns the tenant in which the call acts.
    pub fn acting_tenant(&self) -> &str {
        self.tenant.as_deref().unwrap_or("default")
    }
}

impl Vm {
    /// Makes a state; no script has run yet.
    pub fn new(options: VmOptions) -> Result<Vm, LuaError> {
        let VmOptions {
            database,
            packages,
            modules: functions,
            files,
            print,
            log,
            load_timeout,
            call_timeout,
            memory_bytes,
            sandbox,
            untrusted,
            ..
        } = options;
        let call_timeout = Cell::new(call_timeout);
        let (output_bytes, watch) = (options.output_bytes, Watch::new(options.time_guard));
        // Without any limit, one absurd `string.rep` would end the process.
        let memory_bytes = memory_bytes.unwrap_or(MEMORY_LIMIT);
        let text_limit = match (memory_bytes, untrusted) {
            (0, _) => TEXT_LIMIT,
            // What crosses the border is held on both sides, and sometimes twice on this one.
            (bytes, Some(_)) => (bytes / 4).min(TEXT_LIMIT),
            (bytes, None) => bytes.min(TEXT_LIMIT),
        };
        // Scripts that belong to no package have an environment like one, with the number 0.
        let outside = Arc::new(PackageScripts { id: String::new(), ..PackageScripts::default() });
        let modules = Modules::new(std::iter::once(outside).chain(packages).collect());
        let mut host = Host::new(database, print, log, text_limit, watch);
        host.read_only = untrusted.is_some_and(|grant| grant != Grant::Write);
        let world = Rc::new(World { host, modules, functions, files, sandbox, untrusted });
        let fault = |error: mlua::Error| LuaError::new(LuaErrorKind::Internal, error.to_string());
        let (lua, prelude) = environment::new_state(&world).map_err(fault)?;
        let make = || -> mlua::Result<(Function, Function, Function)> {
            let package: Function = prelude.get("package")?;
            for number in 0..world.modules.packages().len() {
                package.call::<()>(number)?;
            }
            let encode = raw::setup::function(&lua, &world.host, Native::Encode, 0)?;
            let decode = raw::setup::function(&lua, &world.host, Native::Decode, 0)?;
            Ok((prelude.get("protect")?, encode, decode))
        };
        let (protect, encode, decode) = make().map_err(fault)?;
        lua.gc_restart();
        lua.set_memory_limit(memory_bytes).map_err(fault)?;
        let faces = RefCell::default();
        Ok(Vm {
            prelude,
            protect,
            encode,
            decode,
            faces,
            with_dbal: RefCell::default(),
            lua,
            world,
            load_timeout,
            call_timeout,
            memory_bytes: Cell::new(memory_bytes),
            kept_bytes: Cell::default(),
            output_bytes: Cell::new(output_bytes),
            until: Cell::default(),
        })
    }

    /// Compiles every script, runs `init.lua` and `scripts/db/*` of each package in order, and merges what they return into its face.
    ///
    /// A script that fails is quarantined and named; a package whose `init.lua` fails is refused ([`Vm::is_refused`]) and named.
    pub fn load(&self) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for number in 1..self.world.modules.packages().len() {
            self.load_package(number, &mut diagnostics);
        }
        diagnostics
    }

    /// Tells whether a package's `init.lua` failed, so that it has no face.
    pub fn is_refused(&self, package: &str) -> bool {
        !self.faces.borrow().contains_key(package)
    }

    /// Returns the names of a package's operations, sorted: lifecycle functions, `main`, `init` and private `_names` are none.
    pub fn operations(&self, package: &str) -> Vec<String> {
        let faces = self.faces.borrow();
        let Some(face) = faces.get(package) else { return Vec::new() };
        let mut names: Vec<String> = face
            .functions
            .pairs::<Value, Value>()
            .flatten()
            .filter(|(_, value)| value.is_function())
            .filter_map(|(name, _)| Some(name.as_string()?.to_str().ok()?.to_owned()))
            .filter(|name| is_operation(name))
            .collect();
        names.sort();
        names
    }

    /// Tells whether a package's face has a function of this name, lifecycle functions and `main` included.
    pub fn has(&self, package: &str, name: &str) -> bool {
        self.function(package, name).is_some()
    }

    /// Tells whether a package has an operation of this name.
    pub fn has_operation(&self, package: &str, name: &str) -> bool {
        is_operation(name) && self.has(package, name)
    }

    /// Returns the names of a package's operations, sorted, each with a number that changes when its text does.
    ///
    /// The text is that of the function alone: what it calls may change without it.
    pub fn fingerprints(&self, package: &str) -> Vec<(String, u64)> {
        let scripts = self.number(package).map(|number| self.world.modules.packages()[number].clone());
        let text_of = |name: &str| {
            let info = self.function(package, name)?.info();
            let (source, first, last) = (info.source?, info.line_defined?, info.last_line_defined?);
            let source = source.strip_prefix('@')?;
            let script = scripts.as_ref().ok()?.scripts.iter().find(|script| *script.name == *source)?;
            let mut hasher = DefaultHasher::new();
            let lines = script.text.split(|byte| *byte == b'\n');
            for line in lines.take(last).skip(first.saturating_sub(1)) {
                line.hash(&mut hasher);
            }
            Some(hasher.finish())
        };
        let names = self.operations(package).into_iter();
        names.map(|name| (text_of(&name).unwrap_or_default(), name)).map(|(hash, name)| (name, hash)).collect()
    }

    /// Lets `interrupt` end what runs from now on; None, as at first, for nothing.
    pub fn set_interrupt(&self, interrupt: Option<Arc<Interrupt>>) {
        self.world.host.watch.set_interrupt(interrupt);
    }

    /// Makes a call under limits of its own.
    pub fn limited<T>(
        &self,
        limits: &CallLimits,
        call: impl FnOnce(&Self) -> Result<T, LuaError>,
    ) -> Result<T, LuaError> {
        if *limits == CallLimits::default() {
            return call(self);
        }
        let whole = (self.call_timeout.get(), self.memory_bytes.get(), self.output_bytes.get());
        self.call_timeout.set(limits.timeout.or(whole.0));
        self.output_bytes.set(limits.output_bytes.or(whole.2));
        if let Some(bytes) = limits.memory_bytes {
            // What earlier calls left behind is collected when this one needs the room.
            let most = self.lua.used_memory().saturating_add(bytes).min(whole.1);
            self.memory_bytes.set(bytes.min(whole.1));
            self.lua.set_memory_limit(most).map_err(|error| self.fault(error))?;
        }
        let result = call(self);
        self.call_timeout.set(whole.0);
        self.memory_bytes.set(whole.1);
        self.output_bytes.set(whole.2);
        if limits.memory_bytes.is_some() {
            self.lua.set_memory_limit(whole.1).map_err(|error| self.fault(error))?;
            self.tidy(true);
        }
        result
    }

    /// Calls an operation. A null among the arguments is a nil; inside of tables it is `json.null`.
    ///
    /// Arguments that do not fit the operation's annotations are refused with the code `wrong_argument`, and a caller whose level is
    /// too low with `forbidden`.
    pub fn call(&self, package: &str, operation: &str, args: &[Json], context: &Context) -> Result<Json, LuaError> {
        let text = self.call_text(package, operation, args, context)?;
        json_of(&text, &format!("{package}.{operation}"))
    }

    /// Calls an operation as [`call`](Self::call) does; the result is JSON text.
    pub fn call_text(
        &self,
        package: &str,
        operation: &str,
        args: &[Json],
        context: &Context,
    ) -> Result<String, LuaError> {
        let guarded = self.faces.borrow().get(package).and_then(|face| face.guarded.raw_get::<Value>(operation).ok());
        let function = match guarded {
            Some(Value::Function(function)) if is_operation(operation) => function,
            _ => return Err(self.unknown_operation(package, operation)),
        };
        self.demand_level(package, operation, |levels| levels.operations.get(operation), context)?;
        let mut args = self.arguments(args)?;
        let written = self.function(package, operation);
        if written.is_some_and(|written| self.takes_dbal(package, &written)) {
            args.push_front(self.standard(package, "dbal")?);
        }
        let result = self.protected(&function, args, self.call_timeout.get(), context)?;
        self.to_text(first(result), &format!("{package}.{operation}"))
    }

    /// Tells whether a function's first parameter is called `dbal`: then its caller gives it the handle, as hosts of existing packages do.
    fn takes_dbal(&self, package: &str, function: &Function) -> bool {
        let pointer = function.to_pointer() as usize;
        if let Some(known) = self.with_dbal.borrow().get(&pointer) {
            return *known;
        }
        let first_parameter = || {
            let info = function.info();
            let (source, line) = (info.source?, info.line_defined?);
            let source = source.strip_prefix('@')?;
            let scripts = &self.world.modules.packages()[self.number(package).ok()?].scripts;
            let script = scripts.iter().find(|script| *script.name == *source)?;
            let line = script.text.split(|byte| *byte == b'\n').nth(line.checked_sub(1)?)?;
            let head = String::from_utf8_lossy(line);
            let parameters = head.split_once("function")?.1.split_once('(')?.1;
            let end = parameters.find(|character: char| !(character.is_alphanumeric() || character == '_'));
            Some(parameters[..end.unwrap_or(parameters.len())].to_owned())
        };
        let found = first_parameter().is_some_and(|name| name == "dbal");
        self.with_dbal.borrow_mut().insert(pointer, found);
        found
    }

    /// Calls a lifecycle function with `ctx` and `extra`, or with `extra` alone when it belongs to a reload (`on_snapshot`, `on_reload`,
    /// `on_unload`); null when the package has none of that name.
    pub fn lifecycle(&self, package: &str, name: &str, extra: &[Json], context: &Context) -> Result<Json, LuaError> {
        let Some(function) = self.function(package, name) else { return Ok(Json::Null) };
        let mut args = self.arguments(extra)?;
        if !matches!(name, "on_snapshot" | "on_reload" | "on_unload") {
            args.push_front(self.context_of(package)?);
        }
        let result = self.protected(&function, args, self.load_timeout, context)?;
        // Only `on_snapshot` answers data; what the others return is nobody's business.
        match name {
            "on_snapshot" => self.to_json(first(result), &format!("{package}.{name}")),
            _ => Ok(Json::Null),
        }
    }

    /// Calls a package's `main(ctx, args)`; null when it has none, or when the result has no JSON form.
    pub fn main(&self, package: &str, args: &[String], context: &Context) -> Result<Json, LuaError> {
        let Some(function) = self.function(package, "main") else { return Ok(Json::Null) };
        let args = self.lua.create_sequence_from(args.iter().map(String::as_str)).map_err(|error| self.fault(error))?;
        let result = self.protected(&function, (self.context_of(package)?, args), None, context)?;
        Ok(self.to_json(first(result), package).unwrap_or(Json::Null))
    }

    /// Runs a script that belongs to no package: it may require every package, and sees `arg` and `...`.
    pub fn exec(&self, name: &str, text: &[u8], args: &[String], context: &Context) -> Result<(), LuaError> {
        let script = Script { path: name.to_owned(), name: name.into(), text: text.into(), source: None };
        let prepare = || -> mlua::Result<Table> {
            let environment = self.environment(0)?;
            let list = self.lua.create_sequence_from(args.iter().map(String::as_str))?;
            list.raw_set(0, name)?;
            environment.raw_set("arg", list)?;
            Ok(environment)
        };
        let environment = prepare().map_err(|error| self.fault(error))?;
        let chunk = environment::compile(&self.lua, &script, Some(environment)).map_err(|error| self.syntax(&error))?;
        let args: mlua::Variadic<&str> = args.iter().map(String::as_str).collect();
        self.protected(&chunk, args, self.call_timeout.get(), context).map(|_| ())
    }

    /// Runs a piece of a script that belongs to no package, an expression or statements with a `return`, and returns its value.
    pub fn eval(&self, text: &str, context: &Context) -> Result<Json, LuaError> {
        let chunk = self.compile_entry("eval", text, true)?;
        let result = self.protected(&chunk, (), self.call_timeout.get(), context)?;
        self.to_json(first(result), "eval")
    }

    /// Calls `render(props, ctx)` of a component's script, named by its path inside the scripts folder.
    pub fn render(&self, package: &str, script: &str, props: &Json, context: &Context) -> Result<Json, LuaError> {
        let number = self.number(package)?;
        self.demand_level(package, script, |levels| levels.components.get(script), context)?;
        if self.world.modules.script(number, script).is_none() {
            return Err(LuaError::new(LuaErrorKind::NotFound, format!("`{package}` has no script `{script}`")));
        }
        let run: Function = self.prelude.get("script").map_err(|error| self.fault(error))?;
        let module = first(self.protected(&run, (number, script), self.call_timeout.get(), context)?);
        let render = match &module {
            Value::Function(function) => Some(function.clone()),
            Value::Table(table) => table.raw_get::<Option<Function>>("render").ok().flatten(),
            _ => None,
        };
        let Some(render) = render else {
            let message =
                format!("component script `{script}` of `{package}` returns no table with a function `render`");
            return Err(LuaError::new(LuaErrorKind::NotFound, message));
        };
        let props = match props {
            Json::Null => Json::Object(serde_json::Map::new()),
            props => props.clone(),
        };
        let mut args = self.arguments(&[props])?;
        args.push_back(self.context_of(package)?);
        let result = self.protected(&render, args, self.call_timeout.get(), context)?;
        self.to_json(first(result), &format!("{package}: {script}"))
    }

    /// Runs every script of a package that has not run, specs apart; says of each how that went.
    pub fn load_modules(&self, package: &str, context: &Context) -> Result<Vec<LoadedModule>, LuaError> {
        let number = self.number(package)?;
        let run: Function = self.prelude.get("script").map_err(|error| self.fault(error))?;
        let scripts = self.world.modules.packages()[number].clone();
        let modules = scripts.scripts.iter().filter(|script| !is_spec(&script.path));
        Ok(modules
            .map(|script| LoadedModule {
                path: script.path.clone(),
                error: self.protected(&run, (number, script.path.as_str()), self.load_timeout, context).err(),
            })
            .collect())
    }

    /// Runs a spec file in its package's environment and lists its tests.
    pub fn load_tests(&self, package: &str, script: &Script, context: &Context) -> Result<TestFile, LuaError> {
        let number = match package {
            "" => 0,
            package => self.number(package)?,
        };
        let prepare = || -> mlua::Result<(Table, Table, Table)> {
            let test: Table = self.prelude.get::<Function>("standard")?.call((number, "test"))?;
            let registry: Table = test.get::<Function>("new")?.call(())?;
            let globals: Table = registry.get("globals")?;
            let environment = self.part("specs")?.get::<Function>("child")?.call((number, &globals))?;
            Ok((registry, globals, environment))
        };
        let (registry, globals, environment) = prepare().map_err(|error| self.fault(error))?;
        let chunk = environment::compile(&self.lua, script, Some(environment)).map_err(|error| self.syntax(&error))?;
        let module = first(self.protected(&chunk, script.path.as_str(), self.load_timeout, context)?);
        let define = self.part("specs").and_then(|specs| specs.get::<Function>("defineTests"));
        let define = define.map_err(|error| self.fault(error))?;
        self.protected(&define, (module, globals), self.load_timeout, context)?;
        let collect = || -> mlua::Result<TestFile> {
            let list: Vec<Table> = registry.get::<Function>("list")?.call(())?;
            let mut file = TestFile { tests: Vec::new(), bodies: Vec::new() };
            for test in list {
                // A name may be made of values, and those of any bytes.
                let groups: Vec<LuaString> = test.get("path")?;
                file.tests.push(TestCase {
                    groups: groups.iter().map(|name| name.to_string_lossy()).collect(),
                    name: test.get::<LuaString>("name")?.to_string_lossy(),
                    skip: test.get("skip")?,
                    only: test.get("only")?,
                });
                file.bodies.push(test.get("fn")?);
            }
            Ok(file)
        };
        collect().map_err(|error| self.fault(error))
    }

    /// Runs one test inside a savepoint that is rolled back.
    pub fn run_test(&self, file: &TestFile, index: usize, context: &Context) -> Result<(), LuaError> {
        let Some(body) = file.bodies.get(index) else {
            return Err(LuaError::new(LuaErrorKind::NotFound, format!("there is no test {index}")));
        };
        let Some(database) = &self.world.host.database else {
            return self.protected(body, (), self.call_timeout.get(), context).map(|_| ());
        };
        let depth = database.depth();
        let fault = |error: crate::db::DbError| LuaError::new(LuaErrorKind::Internal, error.message);
        database.begin().map_err(fault)?;
        let result = self.protected(body, (), self.call_timeout.get(), context).map(|_| ());
        while database.depth() > depth {
            database.rollback().map_err(fault)?;
        }
        database.store().freeze(None);
        database.store().ids().count(false);
        result
    }

    /// Calls a function on behalf of `context`, within a time limit. What it leaves open is rolled back.
    fn protected(
        &self,
        function: &Function,
        args: impl IntoLuaMulti,
        limit: Option<Duration>,
        context: &Context,
    ) -> Result<MultiValue, LuaError> {
        let args = args.into_lua_multi(&self.lua).map_err(|error| self.fault(error))?;
        let host = &self.world.host;
        let database = host.database.as_ref();
        let depth = database.map_or(0, |database| database.depth());
        let recordings = database.map_or(0, |database| database.store().recordings());
        let (transactions, buffers) = (host.transactions.borrow().len(), host.buffers_used());
        let callers = host.contexts.borrow().len();
        host.contexts.borrow_mut().push(context.clone());
        host.frames.replace(None);
        host.output_left.set(self.output_bytes.get().unwrap_or(usize::MAX));
        self.until.set(limit.and_then(|limit| Instant::now().checked_add(limit)));
        if let Some(database) = database {
            database.set_deadline(self.until.get());
        }
        let shared =
            database.zip(host.watch.snapshot_watch()).map(|(database, watch)| database.store().share_reads(watch));
        host.watch.start(limit);
        let result = limits::call(&self.lua, host, &self.protect, function, args);
        let stopped = host.watch.stop();
        drop(shared);
        host.contexts.borrow_mut().truncate(callers);
        host.leave_buffer(buffers);
        host.transactions.borrow_mut().truncate(transactions);
        if let Some(database) = database {
            database.store().drop_recordings(recordings);
            database.set_deadline(None);
            while database.depth() > depth {
                if database.rollback().is_err() {
                    break;
                }
            }
        }
        self.tidy(
            stopped.is_some() || result.as_ref().is_ok_and(|values| values.front() != Some(&Value::Boolean(true))),
        );
        match stopped {
            Some(Stop::Time) => return Err(self.over_time(limit.unwrap_or_default())),
            Some(Stop::Output) => return Err(self.over_output()),
            Some(Stop::Interrupt) => return Err(self.ended()),
            None => {}
        }
        let mut values = result.map_err(|error| self.fault(error))?;
        match values.pop_front() {
            Some(Value::Boolean(true)) => Ok(values),
            _ => {
                let value = values.pop_front().unwrap_or(Value::Nil);
                Err(self.error_of(value, values.pop_front().unwrap_or(Value::Nil)))
            }
        }
    }

    /// Collects what a script has left, when that is much: Lua does not when it needs memory for a stack. After one that went well it
    /// is only done when it may be worth it, as what a package keeps may be much, too.
    fn tidy(&self, failed: bool) {
        let (used, most) = (self.lua.used_memory(), self.memory_bytes.get());
        let is_more = || most > 0 && used > self.kept_bytes.get().saturating_add(most / 8);
        if used > most / 2 && (failed || is_more()) {
            // Only finalizers fail here, and there are none.
            let _ = self.lua.gc_collect();
            self.kept_bytes.set(self.lua.used_memory());
        }
    }

    fn number(&self, package: &str) -> Result<usize, LuaError> {
        self.world.modules.number(package).ok_or_else(|| {
            let known: Vec<&str> =
                self.world.modules.packages().iter().skip(1).map(|known| known.id.as_str()).collect();
            let near = closest(package, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            LuaError::new(LuaErrorKind::NotFound, format!("there is no package `{package}`{near}"))
        })
    }

    fn function(&self, package: &str, name: &str) -> Option<Function> {
        match self.faces.borrow().get(package)?.functions.raw_get::<Value>(name).ok()? {
            Value::Function(function) => Some(function),
            _ => None,
        }
    }

    /// Fails when the caller's level is below what the package asks; the operator, who carries none, may do everything.
    fn demand_level(
        &self,
        package: &str,
        what: &str,
        of: impl Fn(&Levels) -> Option<&u8>,
        context: &Context,
    ) -> Result<(), LuaError> {
        let Some(level) = context.level else { return Ok(()) };
        let Some(number) = self.world.modules.number(package) else { return Ok(()) };
        let levels = &self.world.modules.packages()[number].levels;
        let needed = levels.package.max(of(levels).copied().unwrap_or(0));
        if level >= i64::from(needed) {
            return Ok(());
        }
        let message = format!("`{package}.{what}` needs a caller of level {needed}, and this one has level {level}");
        Err(LuaError { code: Some("forbidden".to_owned()), ..LuaError::new(LuaErrorKind::Script, message) })
    }

    fn unknown_operation(&self, package: &str, operation: &str) -> LuaError {
        if let Err(error) = self.number(package) {
            return error;
        }
        if self.is_refused(package) {
            let message = format!("package `{package}` was refused: its init.lua failed to load");
            return LuaError::new(LuaErrorKind::Quarantined, message);
        }
        let operations = self.operations(package);
        let help = match closest(operation, operations.iter().map(String::as_str)) {
            Some(near) => format!("; did you mean `{near}`?"),
            None if operations.is_empty() => "; it has none".to_owned(),
            None => format!("; there are: {}", operations.join(", ")),
        };
        LuaError::new(LuaErrorKind::NotFound, format!("`{package}` has no operation `{operation}`{help}"))
    }

    /// Returns a table of functions that the prelude has in a file of its own.
    fn part(&self, name: &str) -> mlua::Result<Table> {
        self.prelude.get::<Function>("part")?.call(name)
    }

    fn environment(&self, number: usize) -> mlua::Result<Table> {
        self.prelude.get::<Function>("environment")?.call(number)
    }

    fn context_of(&self, package: &str) -> Result<Value, LuaError> {
        self.standard(package, "ctx")
    }

    fn standard(&self, package: &str, name: &str) -> Result<Value, LuaError> {
        let number = self.number(package)?;
        let standard: Function = self.prelude.get("standard").map_err(|error| self.fault(error))?;
        standard.call((number, name)).map_err(|error| self.fault(error))
    }
}

/// Returns the module that specs find their words in, with its annotated text.
pub fn test_vocabulary() -> (&'static str, &'static str) {
    native::STANDARD.iter().copied().find(|(name, _)| *name == "test").expect("it is one of the standard modules")
}

/// Returns the modules of the standard library that scripts may require, by name, with their annotated text.
pub fn standard_library() -> impl Iterator<Item = (&'static str, &'static str)> {
    native::STANDARD.iter().copied().filter(|(name, _)| *name != "test")
}

fn is_operation(name: &str) -> bool {
    !name.starts_with('_') && !LIFECYCLE.contains(&name)
}

/// Tells whether a path is that of a spec.
fn is_spec(path: &str) -> bool {
    ["_spec.lua", "_test.lua", ".test.lua"].iter().any(|end| path.ends_with(end))
}

fn first(mut values: MultiValue) -> Value {
    values.pop_front().unwrap_or(Value::Nil)
}
