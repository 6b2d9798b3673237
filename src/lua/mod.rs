//! The Lua side: one state for one worker thread, with an environment for each package, the standard library, and the limits.
//!
//! In go packages' scripts and calls with JSON arguments, out come JSON results, diagnostics and errors with their place.
//! Nothing of Lua leaves this module, and it knows nothing of workers, generations or the command line.

mod error;

pub use error::{Frame, LuaError, LuaErrorKind};

use std::cell::Cell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use crate::db::Database;
use crate::diag::{Diagnostics, SourceId};

/// What a [`Vm`] is made of.
pub struct VmOptions {
    /// The database that `require('db')` reaches; without one `db` says that there is none.
    pub database: Option<Rc<Database>>,
    /// The packages, those that others depend on first.
    pub packages: Vec<Arc<PackageScripts>>,
    /// Takes what `print` writes: one line with its line end.
    pub print: Rc<dyn Fn(&[u8])>,
    /// Takes what `log` writes.
    pub log: Rc<dyn Fn(LogRecord)>,
    /// How long one package's scripts may run while they load; None for no limit.
    pub load_timeout: Option<Duration>,
    /// How long one call may run; None for no limit.
    pub call_timeout: Option<Duration>,
    /// How many bytes the Lua state may hold; None for no limit.
    pub memory_bytes: Option<usize>,
}

/// What the VM needs to know of a package.
#[derive(Debug, Clone, Default)]
pub struct PackageScripts {
    /// The package's name: what `require` of another package says.
    pub id: String,
    /// Its folder on disk, for the read-only `io.open`; None when it has none.
    pub folder: Option<PathBuf>,
    /// The names of the packages that it may require.
    pub dependencies: Vec<String>,
    /// What it asked for and was granted, such as `db.raw`.
    pub capabilities: Vec<String>,
    /// Every Lua file below its `scripts` folder, tests left out or not.
    pub scripts: Vec<Script>,
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The tenant.
    pub tenant: String,
    /// The user, when there is one.
    pub user: Option<String>,
    /// The user's level.
    pub level: i64,
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

/// A spec file that was loaded, with its tests.
pub struct TestFile {
    /// The tests, in the order in which they were declared.
    pub tests: Vec<TestCase>,
    #[allow(dead_code)]
    key: usize,
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
    options: VmOptions,
    loaded: Cell<bool>,
}

impl Default for Context {
    fn default() -> Self {
        Self { tenant: "default".to_owned(), user: None, level: 0, now: None }
    }
}

impl Vm {
    /// Makes a state; no script has run yet.
    pub fn new(options: VmOptions) -> Result<Vm, LuaError> {
        Ok(Vm { options, loaded: Cell::new(false) })
    }

    /// Compiles every script, runs `init.lua` and `scripts/db/*` of each package in order, and merges what they return into its face.
    ///
    /// A script that fails is quarantined and named; a package whose `init.lua` fails is refused ([`Vm::is_refused`]) and named.
    pub fn load(&self) -> Diagnostics {
        self.loaded.set(true);
        Diagnostics::new()
    }

    /// Tells whether a package's `init.lua` failed, so that it has no face.
    pub fn is_refused(&self, package: &str) -> bool {
        !self.options.packages.iter().any(|known| known.id == package)
    }

    /// Returns the names of a package's operations, sorted: lifecycle functions, `main`, `init` and private `_names` are none.
    pub fn operations(&self, _package: &str) -> Vec<String> {
        Vec::new()
    }

    /// Tells whether a package's face has a function of this name, lifecycle functions and `main` included.
    pub fn has(&self, _package: &str, _name: &str) -> bool {
        false
    }

    /// Calls an operation.
    pub fn call(&self, package: &str, operation: &str, _args: &[Json], _context: &Context) -> Result<Json, LuaError> {
        Err(LuaError::new(LuaErrorKind::NotFound, format!("`{package}` has no operation `{operation}`")))
    }

    /// Calls a lifecycle function (`on_install`, ...) with `ctx` and `extra`; null when the package has none of that name.
    pub fn lifecycle(
        &self,
        _package: &str,
        _name: &str,
        _extra: &[Json],
        _context: &Context,
    ) -> Result<Json, LuaError> {
        Ok(Json::Null)
    }

    /// Calls a package's `main(ctx, args)`; null when it has none, or when the result has no JSON form.
    pub fn main(&self, _package: &str, _args: &[String], _context: &Context) -> Result<Json, LuaError> {
        Ok(Json::Null)
    }

    /// Runs a script that belongs to no package: it may require every package, and sees `arg` and `...`.
    pub fn exec(&self, _name: &str, _text: &[u8], _args: &[String], _context: &Context) -> Result<(), LuaError> {
        Ok(())
    }

    /// Calls `render(props)` of a component's script, named by its path inside the scripts folder.
    pub fn render(&self, package: &str, script: &str, _props: &Json, _context: &Context) -> Result<Json, LuaError> {
        Err(LuaError::new(LuaErrorKind::NotFound, format!("`{package}` has no script `{script}`")))
    }

    /// Runs a spec file in its package's environment and lists its tests.
    pub fn load_tests(&self, package: &str, _script: &Script, _context: &Context) -> Result<TestFile, LuaError> {
        Err(LuaError::new(LuaErrorKind::NotFound, format!("there is no package `{package}`")))
    }

    /// Runs one test inside a savepoint that is rolled back.
    pub fn run_test(&self, _file: &TestFile, index: usize, _context: &Context) -> Result<(), LuaError> {
        Err(LuaError::new(LuaErrorKind::NotFound, format!("there is no test {index}")))
    }
}
