//! The rows without rusqlite: what a limit costs, and how long things take that happen once.

use std::hint::black_box;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use mbl::Runtime;
use mbl::lua::Vm;

use crate::measure::{Clock, Goal, Setting, interleaved, samples};
use crate::world::{Limits, SCHEMA, SCRIPT, World, bare, seeded};
use crate::{memory, scale};

/// A figure that is no comparison with rusqlite.
pub struct Cost {
    /// What the command line calls it.
    pub name: &'static str,
    /// What it is, with its unit.
    pub what: &'static str,
    /// What to reach.
    pub goal: Goal,
    /// Returns a figure a round.
    pub measure: fn(&Setting) -> Vec<f64>,
}

/// The costs in the order of the table.
pub const COSTS: &[Cost] = &[
    Cost { name: "memory", what: "W1 with a memory limit / without", goal: Goal::AtMost(1.05), measure: memory_limit },
    Cost { name: "time", what: "W1 with a time limit / without", goal: Goal::AtMost(1.03), measure: time_limit },
    Cost { name: "models", what: "W2 beside 1,000 models / beside none", goal: Goal::AtMost(1.05), measure: models },
    Cost { name: "state", what: "a Lua state, without packages: µs", goal: Goal::AtMost(60.0), measure: state },
    Cost { name: "start", what: "the binary to its first query: ms", goal: Goal::AtMost(5.0), measure: start },
    Cost { name: "resident", what: "most memory until then: MB", goal: Goal::AtMost(12.0), measure: resident },
    Cost { name: "build", what: "Runtime::build and a first call: ms", goal: Goal::None, measure: build },
    Cost { name: "reload", what: "Runtime::reload, three packages: ms", goal: Goal::None, measure: reload },
    Cost {
        name: "result",
        what: "peak of 10,000 rows / of plain tables",
        goal: Goal::AtMost(1.3),
        measure: memory::result,
    },
    Cost {
        name: "pages",
        what: "1,000,000 rows in pages: growth in MB",
        goal: Goal::AtMost(1.0),
        measure: memory::pages,
    },
    Cost { name: "spin", what: "nothing but loops, two threads / one", goal: Goal::None, measure: scale::spin },
    Cost { name: "readers", what: "W1, two workers / one", goal: Goal::AtLeast(1.8), measure: scale::readers },
    Cost { name: "writers", what: "W3, four workers / one", goal: Goal::AtLeast(0.9), measure: scale::writers },
    Cost { name: "waits", what: "longest create of four writers: ms", goal: Goal::None, measure: scale::waits },
    Cost { name: "group4", what: "4 creates a commit / each its own", goal: Goal::None, measure: scale::group_of_4 },
    Cost { name: "group16", what: "16 creates a commit / each its own", goal: Goal::None, measure: scale::group_of_16 },
];

fn memory_limit(setting: &Setting) -> Vec<f64> {
    limits(setting, Limits { memory_bytes: Some(64 << 20), ..no_limits() })
}

fn time_limit(setting: &Setting) -> Vec<f64> {
    limits(setting, Limits { call_timeout: Some(Duration::from_secs(3600)), ..no_limits() })
}

fn no_limits() -> Limits {
    Limits { memory_bytes: Some(0), call_timeout: None }
}

/// W1 with these limits against W1 without any.
fn limits(setting: &Setting, limits: Limits) -> Vec<f64> {
    let free = World::open(setting.file, SCHEMA, no_limits());
    let limited = World::open(setting.file, SCHEMA, limits);
    let count = if setting.quick { 500 } else { 2000 };
    interleaved(setting, || (), || free.run("W1", count), || limited.run("W1", count)).ratios
}

/// W2 over two files with the same rows, where one has a thousand tables more.
fn models(setting: &Setting) -> Vec<f64> {
    let few = setting.folder.join("few.db");
    seeded(&few, 10_000);
    let many = setting.folder.join("many.db");
    std::fs::copy(&few, &many).expect("a file is copied");
    let mut schema = SCHEMA.to_owned();
    for number in 0..1000 {
        schema.push_str(&format!(
            "\nmodel Extra{number} {{\n  id Int @id\n  name String @unique\n  next Int?\n  @@index([next])\n}}\n"
        ));
    }
    let (few, many) = (World::open(&few, SCHEMA, Limits::default()), World::open(&many, &schema, Limits::default()));
    let count = if setting.quick { 5_000 } else { 20_000 };
    interleaved(setting, || (), || few.run("W2", count), || many.run("W2", count)).ratios
}

fn state(setting: &Setting) -> Vec<f64> {
    let count = if setting.quick { 20 } else { 100 };
    samples(setting, || {
        let mut states = Vec::with_capacity(count);
        let taken = setting.clock.time(|| states.extend((0..count).map(|_| Vm::new(bare()).expect("a state"))));
        black_box(states);
        taken.as_secs_f64() * 1e6 / count as f64
    })
}

fn start(setting: &Setting) -> Vec<f64> {
    samples(setting, || first_query(setting).0)
}

fn resident(setting: &Setting) -> Vec<f64> {
    samples(setting, || first_query(setting).1)
}

/// Starts the binary with a package and a database that are there, and returns the ms to its first row and the MB it held at most.
fn first_query(setting: &Setting) -> (f64, f64) {
    let package = package(setting.folder);
    let script = setting.folder.join("first.lua");
    // It stays until it is ended, so that its memory can be read.
    let text = "local log = require('db').auditLog.findUnique({ where = { id = 'log-1' } })\nprint(log.id)\nwhile true do end\n";
    std::fs::write(&script, text).expect("a script");
    let database = setting.folder.join("start.db");
    seeded(&database, 1_000);
    let mut first = String::new();
    let mut child: Option<Child> = None;
    // The time of this process says nothing of it.
    let taken = Clock::Wall.time(|| {
        let mut started = Command::new(env!("CARGO_BIN_EXE_mbl"))
            .arg("exec")
            .arg("--packages")
            .arg(&package)
            .arg("--db")
            .arg(&database)
            .arg(&script)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let stdout = started.stdout.take().expect("it is piped");
        child = Some(started);
        BufReader::new(stdout).read_line(&mut first).expect("a line");
    });
    let mut child = child.expect("it was started");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    child.kill().expect("it runs");
    child.wait().expect("it ends");
    assert_eq!(first, "log-1\n");
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let kilobytes: f64 = most.and_then(|most| most.trim().parse().ok()).unwrap_or(f64::NAN);
    (taken.as_secs_f64() * 1e3, kilobytes / 1024.0)
}

fn build(setting: &Setting) -> Vec<f64> {
    let package = package(setting.folder);
    let database = setting.folder.join("build.db");
    seeded(&database, 1_000);
    samples(setting, || {
        let taken = Clock::Wall.time(|| {
            let builder = Runtime::builder().packages(&package).database(database.display().to_string());
            let runtime = builder.build().expect("it builds");
            runtime.call::<serde_json::Value>("hot.W2", (1,)).expect("it answers");
        });
        taken.as_secs_f64() * 1e3
    })
}

fn reload(setting: &Setting) -> Vec<f64> {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("packages");
    let database = setting.folder.join("reload.db");
    let runtime = Runtime::builder().packages(packages).database(database.display().to_string()).build();
    let runtime = runtime.expect("it builds");
    samples(setting, || Clock::Wall.time(|| drop(runtime.reload().expect("it reloads"))).as_secs_f64() * 1e3)
}

/// Writes the workloads as a package, and returns the folder of packages that it lies in.
pub fn package(folder: &Path) -> std::path::PathBuf {
    let root = folder.join("packages");
    let seed = root.join("hot/seed");
    std::fs::create_dir_all(seed.join("scripts")).expect("folders");
    let metadata = r#"{ "packageId": "hot", "name": "Hot", "version": "1.0.0", "description": "The workloads." }"#;
    for (name, text) in [("metadata.json", metadata), ("schema.prisma", SCHEMA), ("scripts/init.lua", SCRIPT)] {
        std::fs::write(seed.join(name), text).expect("a file");
    }
    root
}
