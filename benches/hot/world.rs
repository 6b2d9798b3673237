//! `mbl`'s side: a database file with its rows, and a Lua state with the workloads.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use mbl::db::Database;
use mbl::lua::{Context, PackageScripts, Script, Vm, VmOptions};
use mbl::migrate::Layout;
use mbl::schema::Schema;
use mbl::store::{DatabaseUrl, Policy, Store};
use serde_json::{Value as Json, json};

/// The models.
pub const SCHEMA: &str = include_str!("hot.prisma");

/// The workloads in Lua.
pub const SCRIPT: &str = include_str!("hot.lua");

/// How many rows the audit log has.
pub const ROWS: i64 = 100_000;

/// The limits of a [`World`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// What the state may hold; None for the default, Some(0) for no limit.
    pub memory_bytes: Option<usize>,
    /// How long a call may run.
    pub call_timeout: Option<Duration>,
}

/// A connection and a Lua state over one database file.
pub struct World {
    /// The database below the state.
    pub database: Rc<Database>,
    vm: Vm,
}

impl World {
    /// Opens a file, which is brought to the schema.
    pub fn open(file: &Path, schema: &str, limits: Limits) -> Self {
        let schema = Schema::parse_text("hot.prisma", schema)
            .unwrap_or_else(|(sources, faults)| panic!("{}", faults.render(&sources, Default::default())));
        let store = Store::open(&DatabaseUrl::file(file)).expect("a database");
        store.bring_to(&Layout::of(&schema), Policy::Additive).expect("tables");
        let database = Rc::new(Database::new(store, Arc::new(schema)));
        let script = Script {
            path: "init.lua".to_owned(),
            name: "hot.lua".into(),
            text: SCRIPT.as_bytes().into(),
            source: None,
        };
        let package = PackageScripts { id: "hot".to_owned(), scripts: vec![script], ..PackageScripts::default() };
        let vm = Vm::new(VmOptions {
            database: Some(database.clone()),
            packages: vec![Arc::new(package)],
            memory_bytes: limits.memory_bytes,
            call_timeout: limits.call_timeout,
            ..bare()
        })
        .expect("a state");
        let found = vm.load();
        assert!(found.is_empty(), "{found:?}");
        Self { database, vm }
    }

    /// Runs a workload of `hot.lua` in one call.
    pub fn run(&self, name: &str, count: i64) {
        self.call(name, &[json!(count)]);
    }

    /// Calls a function of `hot.lua`.
    pub fn call(&self, name: &str, args: &[Json]) -> Json {
        self.vm.call("hot", name, args, &Context::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
    }
}

/// A file with the rows of the workloads: made on the first use, kept when it was named.
pub fn seeded(file: &Path, rows: i64) {
    if !file.exists() {
        // A run that is stopped in between leaves no half of it.
        let unfinished = PathBuf::from(format!("{}.new", file.display()));
        World::open(&unfinished, SCHEMA, Limits::default()).run("seed", rows);
        std::fs::rename(&unfinished, file).expect("the file can be renamed");
    }
}

/// A state without a database and packages.
pub fn bare() -> VmOptions {
    VmOptions {
        database: None,
        modules: Default::default(),
        packages: Vec::new(),
        print: Rc::new(|text| print!("{}", String::from_utf8_lossy(text))),
        log: Rc::new(|_| ()),
        load_timeout: None,
        call_timeout: None,
        memory_bytes: None,
        output_bytes: None,
        time_guard: Default::default(),
        sandbox: None,
        untrusted: None,
    }
}
