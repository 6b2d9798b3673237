//! The hot path: `db` from a Lua loop against rusqlite by hand, in turn in one process on one file.
//!
//! `cargo bench` runs it whole, `cargo bench -- --quick` in under a minute, `cargo bench -- W1` one workload. A row a workload: the median of the
//! rounds' ratios (mbl's time divided by rusqlite's), the least, the greatest, and the goal. Absolute times are not compared across machines.

use std::hint::black_box;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use mbl::db::Database;
use mbl::lua::{Context, PackageScripts, Script, Vm, VmOptions};
use mbl::migrate::Layout;
use mbl::schema::Schema;
use mbl::store::{DatabaseUrl, Policy, Store};
use rusqlite::{Connection, params};
use serde_json::json;

/// The allocator of the binary, for both sides.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SCHEMA: &str = include_str!("hot.prisma");
const SCRIPT: &str = include_str!("hot.lua");
const ROWS: i64 = 100_000;

/// Runs one side only, once, for a profiler: `cargo bench -- --side mbl W2 500`.
fn profile(vm: &Vm, connection: &Connection, side: &str, arguments: &[String]) {
    let name = arguments.first().expect("a workload's name");
    let count = arguments.get(1).and_then(|count| count.parse().ok()).expect("how many times");
    let workload = WORKLOADS.iter().find(|workload| workload.name == name).expect("a workload");
    match side {
        "mbl" => run(vm, workload.name, count),
        _ => (workload.baseline)(connection, count),
    }
}

/// One thing that both sides do `count` times.
struct Workload {
    name: &'static str,
    what: &'static str,
    goal: f64,
    count: i64,
    baseline: fn(&Connection, i64),
}

const WORKLOADS: &[Workload] = &[
    Workload { name: "W1", what: "a page of 50", goal: 1.30, count: 2000, baseline: page },
    Workload { name: "W2", what: "findUnique by id", goal: 1.45, count: 20_000, baseline: by_id },
    Workload { name: "W3", what: "one create, committed", goal: 1.2, count: 300, baseline: create },
    Workload { name: "W3b", what: "10,000 creates in a transaction", goal: 1.5, count: 10_000, baseline: creates },
    Workload { name: "W4", what: "createMany of 10,000", goal: 1.4, count: 10_000, baseline: creates },
    Workload { name: "W5", what: "update by id, in a transaction", goal: 1.5, count: 5_000, baseline: updates },
    Workload { name: "W6", what: "count with where", goal: 1.1, count: 1_000, baseline: count },
    Workload { name: "W7", what: "findMany of 10,000 rows", goal: 2.3, count: 10, baseline: many },
    Workload { name: "W8", what: "50 threads with their posts", goal: 1.8, count: 500, baseline: threads },
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let absolute = arguments.iter().any(|argument| argument == "--absolute");
    let quick = arguments.iter().any(|argument| argument == "--quick");
    let only: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    let rounds = if quick { 3 } else { 11 };
    let folder = std::env::temp_dir().join(format!("mbl-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let file = folder.join("hot.db");
    let vm = make(&file);
    let connection = Connection::open(&file).expect("the file opens");
    connection
        .execute_batch("PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA mmap_size = 268435456; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;")
        .expect("pragmas");
    connection.set_prepared_statement_cache_capacity(64);
    if let Some(place) = arguments.iter().position(|argument| argument == "--side") {
        profile(&vm, &connection, &arguments[place + 1], &arguments[place + 2..]);
        return;
    }
    println!("{:4} {:34} {:>7} {:>7} {:>7} {:>6}", "", "", "median", "min", "max", "goal");
    for workload in
        WORKLOADS.iter().filter(|workload| only.is_empty() || only.iter().any(|name| *name == workload.name))
    {
        let count = if quick { (workload.count / 4).max(2) } else { workload.count };
        let mut ratios = Vec::new();
        let mut least = (Duration::MAX, Duration::MAX);
        for round in 0..=rounds {
            let baseline = time(|| (workload.baseline)(&connection, count));
            let ours = time(|| run(&vm, workload.name, count));
            // The first round warms both sides up.
            least = (least.0.min(baseline), least.1.min(ours));
            if round > 0 {
                ratios.push(ours.as_secs_f64() / baseline.as_secs_f64());
            }
        }
        ratios.sort_by(f64::total_cmp);
        let median = ratios[ratios.len() / 2];
        let mark = if median <= workload.goal { "" } else { "  over" };
        println!(
            "{:4} {:34} {median:7.2} {:7.2} {:7.2} {:6.2}{mark}",
            workload.name,
            workload.what,
            ratios[0],
            ratios[ratios.len() - 1],
            workload.goal
        );
        if absolute {
            let each = |time: Duration| time.as_secs_f64() * 1e6 / count as f64;
            println!("     rusqlite {:.2} us each, mbl {:.2} us", each(least.0), each(least.1));
        }
    }
    drop(connection);
    drop(vm);
    std::fs::remove_dir_all(&folder).expect("the folder can go");
}

fn time(body: impl FnOnce()) -> Duration {
    let start = Instant::now();
    body();
    start.elapsed()
}

fn run(vm: &Vm, name: &str, count: i64) {
    vm.call("hot", name, &[json!(count)], &Context::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
}

fn make(file: &std::path::Path) -> Vm {
    let schema = Schema::parse_text("hot.prisma", SCHEMA)
        .unwrap_or_else(|(sources, faults)| panic!("{}", faults.render(&sources, Default::default())));
    let store = Store::open(&DatabaseUrl::file(file)).expect("a database");
    store.bring_to(&Layout::of(&schema), Policy::Additive).expect("tables");
    let database = Rc::new(Database::new(store, Arc::new(schema)));
    let script =
        Script { path: "init.lua".to_owned(), name: "hot.lua".into(), text: SCRIPT.as_bytes().into(), source: None };
    let package = PackageScripts { id: "hot".to_owned(), scripts: vec![script], ..PackageScripts::default() };
    let vm = Vm::new(VmOptions {
        database: Some(database),
        modules: Default::default(),
        packages: vec![Arc::new(package)],
        print: Rc::new(|text| print!("{}", String::from_utf8_lossy(text))),
        log: Rc::new(|_| ()),
        load_timeout: None,
        call_timeout: None,
        memory_bytes: None,
        output_bytes: None,
        time_guard: Default::default(),
        sandbox: None,
        untrusted: None,
    })
    .expect("a state");
    assert!(vm.load().is_empty());
    let rows = std::env::var("MBL_BENCH_ROWS").ok().and_then(|rows| rows.parse().ok()).unwrap_or(ROWS);
    run(&vm, "seed", rows);
    vm
}

/// A row as a program in Rust would hold it.
#[allow(dead_code)]
struct Log {
    id: String,
    tenant: String,
    user: Option<String>,
    username: Option<String>,
    action: String,
    entity: String,
    entity_id: Option<String>,
    old: Option<String>,
    new: Option<String>,
    address: Option<String>,
    agent: Option<String>,
    details: Option<String>,
    at: i64,
}

const COLUMNS: &str = r#""id","tenantId","userId","username","action","entity","entityId","oldValue","newValue","ipAddress","userAgent","details","timestamp""#;

fn log(row: &rusqlite::Row) -> rusqlite::Result<Log> {
    Ok(Log {
        id: row.get(0)?,
        tenant: row.get(1)?,
        user: row.get(2)?,
        username: row.get(3)?,
        action: row.get(4)?,
        entity: row.get(5)?,
        entity_id: row.get(6)?,
        old: row.get(7)?,
        new: row.get(8)?,
        address: row.get(9)?,
        agent: row.get(10)?,
        details: row.get(11)?,
        at: row.get(12)?,
    })
}

fn logs(connection: &Connection, sql: &str, params: impl rusqlite::Params) -> Vec<Log> {
    let mut statement = connection.prepare_cached(sql).expect("prepares");
    statement.query_map(params, log).expect("runs").map(|row| row.expect("a row")).collect()
}

const ACTIONS: [&str; 5] = ["create", "update", "delete", "login", "logout"];

fn page(connection: &Connection, count: i64) {
    let sql = format!(
        r#"SELECT {COLUMNS} FROM "AuditLog" WHERE "tenantId" = ? AND "action" = ? ORDER BY "timestamp" DESC LIMIT 50"#
    );
    for i in 0..count {
        let found = logs(connection, &sql, params![format!("tenant-{}", i % 50), ACTIONS[(i % 5) as usize]]);
        black_box(found);
    }
}

fn by_id(connection: &Connection, count: i64) {
    let sql = format!(r#"SELECT {COLUMNS} FROM "AuditLog" WHERE "id" = ?"#);
    for i in 0..count {
        black_box(logs(connection, &sql, params![format!("log-{}", (i * 7919) % ROWS)]));
    }
}

const INSERT: &str = r#"INSERT INTO "AuditLog" ("id","tenantId","userId","username","action","entity","entityId","newValue","ipAddress","timestamp") VALUES (?,?,?,?,?,?,?,?,?,?) RETURNING "id""#;

fn insert(connection: &Connection, i: i64) {
    let mut statement = connection.prepare_cached(INSERT).expect("prepares");
    let id: String = statement
        .query_row(
            params![
                mbl::id::cuid(),
                "tenant-new",
                "user-1",
                "ann",
                "create",
                "ForumPost",
                format!("post-{i}"),
                "{\"title\":\"Hello\"}",
                "10.0.0.1",
                1_700_000_000_000_i64 + i
            ],
            |row| row.get(0),
        )
        .expect("inserts");
    black_box(id);
}

fn create(connection: &Connection, count: i64) {
    for i in 0..count {
        insert(connection, i);
    }
    clean(connection);
}

fn creates(connection: &Connection, count: i64) {
    connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
    for i in 0..count {
        insert(connection, i);
    }
    connection.execute_batch("COMMIT").expect("commits");
    clean(connection);
}

fn clean(connection: &Connection) {
    connection.execute(r#"DELETE FROM "AuditLog" WHERE "tenantId" = 'tenant-new'"#, []).expect("deletes");
}

fn updates(connection: &Connection, count: i64) {
    let sql = format!(r#"UPDATE "AuditLog" SET "details" = ? WHERE "id" = ? RETURNING {COLUMNS}"#);
    connection.execute_batch("BEGIN IMMEDIATE").expect("begins");
    for i in 0..count {
        black_box(logs(connection, &sql, params!["seen", format!("log-{}", (i * 7919) % ROWS)]));
    }
    connection.execute_batch("COMMIT").expect("commits");
}

fn count(connection: &Connection, count: i64) {
    let sql = r#"SELECT COUNT(*) FROM "AuditLog" WHERE "tenantId" = ? AND "action" = ?"#;
    for i in 0..count {
        let mut statement = connection.prepare_cached(sql).expect("prepares");
        let number: i64 = statement
            .query_row(params![format!("tenant-{}", i % 50), ACTIONS[(i % 5) as usize]], |row| row.get(0))
            .expect("counts");
        black_box(number);
    }
}

fn many(connection: &Connection, count: i64) {
    let sql = format!(r#"SELECT {COLUMNS} FROM "AuditLog" ORDER BY "id" LIMIT 10000"#);
    for _ in 0..count {
        black_box(logs(connection, &sql, []));
    }
}

/// A thread and its posts, as a program in Rust would hold them.
#[allow(dead_code)]
struct Thread {
    id: i64,
    title: String,
    category: i64,
    posts: Vec<(i64, i64, String)>,
}

fn threads(connection: &Connection, count: i64) {
    for i in 0..count {
        let mut statement = connection
            .prepare_cached(
                r#"SELECT "id", "title", "categoryId" FROM "Thread" WHERE "categoryId" = ? ORDER BY "id" LIMIT 50"#,
            )
            .expect("prepares");
        let mut threads: Vec<Thread> = statement
            .query_map([i % 10], |row| {
                Ok(Thread { id: row.get(0)?, title: row.get(1)?, category: row.get(2)?, posts: Vec::new() })
            })
            .expect("runs")
            .map(|row| row.expect("a row"))
            .collect();
        let places: std::collections::HashMap<i64, usize> =
            threads.iter().enumerate().map(|(place, thread)| (thread.id, place)).collect();
        let marks = vec!["?"; threads.len()].join(",");
        let sql = format!(r#"SELECT "id", "threadId", "content" FROM "Post" WHERE "threadId" IN ({marks})"#);
        let mut statement = connection.prepare_cached(&sql).expect("prepares");
        let ids: Vec<i64> = threads.iter().map(|thread| thread.id).collect();
        let posts = statement
            .query_map(rusqlite::params_from_iter(ids), |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))
            .expect("runs");
        for post in posts {
            let post: (i64, i64, String) = post.expect("a row");
            threads[places[&post.1]].posts.push(post);
        }
        black_box(threads);
    }
}
