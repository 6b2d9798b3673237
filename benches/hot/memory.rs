//! What results take in memory, as the system sees it: the resident pages of the process.

use std::path::Path;
use std::process::Command;

use mlua::Lua;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Value as Json, json};

use crate::baseline;
use crate::measure::Setting;
use crate::world::{Limits, SCHEMA, World};

/// The most memory that W7's 10,000 rows need while they are read, divided by that of the plain Lua tables that they end as.
pub fn result(setting: &Setting) -> Vec<f64> {
    // What one side took and gave back, the other would not need to take: each has a process of its own.
    let peak = |side: &str| -> f64 {
        let output = Command::new(std::env::current_exe().expect("it has a path"))
            .args(["--peak", side, "--database"])
            .arg(setting.file)
            .output()
            .expect("it starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.trim().parse().unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
    };
    (0..setting.rounds).map(|_| peak("mbl") / peak("plain")).collect()
}

/// Returns how many kB this process grows by at most while one side reads W7's rows.
pub fn peak_of(side: &str, file: &Path) -> f64 {
    match side {
        "mbl" => {
            let world = World::open(file, SCHEMA, Limits::default());
            world.run("touch", 1);
            world.run("W1", 1);
            growth(|| world.run("W7", 1))
        }
        "plain" => {
            let connection = baseline::open(file);
            let lua = Lua::new();
            baseline::many(&connection, 0);
            plain_tables(&lua, &connection, 10_000, false);
            growth(|| plain_tables(&lua, &connection, 10_000, true))
        }
        side => panic!("there is no side `{side}`"),
    }
}

/// Makes the tables as a program would that has nothing else to do, or looks at the rows only.
fn plain_tables(lua: &Lua, connection: &Connection, count: i64, keep: bool) {
    let mut statement = connection.prepare_cached(baseline::ALL).expect("prepares");
    let names: Vec<mlua::LuaString> =
        statement.column_names().map(|name| lua.create_string(name).expect("a string")).collect();
    let list = lua.create_table().expect("a table");
    let mut rows = statement.query([count]).expect("runs");
    while let Some(row) = rows.next().expect("a row") {
        let cells = names.iter().enumerate().map(|(index, name)| (name, row.get_ref(index).expect("a cell")));
        let cells = cells.filter(|(_, value)| *value != ValueRef::Null);
        if !keep {
            std::hint::black_box(cells.count());
            continue;
        }
        let record = lua.create_table_with_capacity(0, cells.clone().count()).expect("a table");
        for (name, value) in cells {
            match value {
                ValueRef::Integer(number) => record.raw_set(name, number),
                ValueRef::Text(text) => record.raw_set(name, lua.create_string(text).expect("a string")),
                other => panic!("no workload has {other:?}"),
            }
            .expect("a key is set");
        }
        list.raw_push(record).expect("a row is added");
    }
    std::hint::black_box(&list);
}

/// Returns how many kB more than before are resident at most while `body` runs.
fn growth(body: impl FnOnce()) -> f64 {
    // It sets the greatest size back to the present one.
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux counts");
    let before = status("VmRSS:");
    body();
    status("VmHWM:") - before
}

/// Returns a line of what the system knows of this process, in kB.
fn status(name: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_suffix(" kB"));
    line.and_then(|kilobytes| kilobytes.trim().parse().ok()).expect("a number of kB")
}

/// How much the process grows between the first tenth of a million rows, read by cursor in pages of 1,000, and the last, in MB.
pub fn pages(setting: &Setting) -> Vec<f64> {
    let rows = if setting.quick { 100_000 } else { 1_000_000 };
    let file = setting.folder.join("pages.db");
    let world = World::open(&file, SCHEMA, Limits::default());
    let connection = baseline::open(&file);
    let seed = r#"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
        INSERT INTO "AuditLog" ("id","tenantId","userId","username","action","entity","entityId","newValue","ipAddress","timestamp")
        SELECT printf('log-%08d', i), 'tenant-' || i % 50, 'user-' || i % 100, 'ann', 'create', 'ForumPost', 'post-' || i,
            '{"title":"Hello"}', '10.0.0.1', 1700000000000 + i FROM n"#;
    connection.execute(seed, [rows]).expect("rows");
    drop(connection);
    let measure = || {
        let mut last = Json::Null;
        let mut sizes = Vec::new();
        for _ in 0..10 {
            last = world.call("pages", &[last, json!(rows / 10_000)]);
            sizes.push(status("RssAnon:") / 1024.0);
        }
        sizes.iter().copied().fold(f64::MIN, f64::max) - sizes[0]
    };
    // What one round grew by would be free for the next.
    vec![measure()]
}
