//! Several processes on one database file.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use mbl::store::{DatabaseUrl, Store};
use serde_json::Value as Json;

use crate::cli::{Folder, project};
use crate::props::random::setting;

#[test]
fn eight_processes_start_on_one_new_database_at_once() {
    let folder = project();
    let children: Vec<Child> = (0..8).map(|_| start(&folder, &["run", "packages/forum_forge", "--json"])).collect();
    let reports: Vec<Json> =
        children.into_iter().map(|child| report(child.wait_with_output().expect("it runs"))).collect();
    assert!(reports.iter().all(|report| report["ok"] == true), "{reports:#?}");
    let installs = reports.iter().filter(|report| report["installed"].as_array().is_some_and(|list| !list.is_empty()));
    assert_eq!(installs.count(), 1, "one of them installs the package: {reports:#?}");
    let makers = reports.iter().filter(|report| report["database"]["tables"].as_u64() > Some(0));
    assert_eq!(makers.count(), 1, "one of them makes the tables: {reports:#?}");
    assert_eq!(query(&folder, "installedPackage.count"), Json::from(1));
    assert_eq!(query(&folder, "tenant.count"), Json::from(1));
    // The eighth start finds what the first one made.
    let again = report(start(&folder, &["run", "packages/forum_forge", "--json"]).wait_with_output().expect("it runs"));
    assert_eq!(again["database"]["tables"], 0);
}

#[test]
fn a_second_process_sees_what_the_first_wrote() {
    let folder = project();
    let call = |operation: &str, args: &[&str]| {
        let words: Vec<&str> =
            ["call", "packages/forum_forge", operation].into_iter().chain(args.iter().copied()).collect();
        report(start(&folder, &words).wait_with_output().expect("it runs"))
    };
    let category = call("createCategory", &[r#""default""#, r#"{"name": "News"}"#]);
    let id = category["id"].to_string();
    let thread = call("createThread", &[&id, r#""ann""#, r#""Hello""#, r#""First!""#]);
    let thread_id = thread["id"].to_string();
    let writers: Vec<Child> = (0..4)
        .map(|number| {
            let text = format!("\"reply {number}\"");
            start(&folder, &["call", "packages/forum_forge", "createPost", &thread_id, r#""bob""#, &text])
        })
        .collect();
    for writer in writers {
        report(writer.wait_with_output().expect("it runs"));
    }
    assert_eq!(call("getThread", &[&thread_id])["replyCount"], 4);
    assert_eq!(call("listPosts", &[&thread_id]).as_array().map(Vec::len), Some(5));
}

/// A script that only reads, without a pause, learns of another process's commit.
#[test]
fn a_loop_of_reads_ends_with_another_process_s_commit() {
    let folder = Folder::new();
    folder.write("flag.prisma", "model Flag {\n  id Int @id\n}\n");
    folder.write(
        "poll.lua",
        "local db = require('db')
for _ = 1, 100 do assert(db.flag.count() == 0) end
print('reading')
repeat until db.flag.count() == 1
print('seen')",
    );
    let common = ["--schema", "flag.prisma", "--db", "flag.db"];
    let mut reader = start(&folder, &[&["exec", "poll.lua", "--timeout-ms", "60000"], &common[..]].concat());
    let mut lines = BufReader::new(reader.stdout.take().expect("its output")).lines();
    assert_eq!(lines.next().expect("a line").expect("a line"), "reading");
    folder.write("set.lua", "require('db').flag.create({ data = { id = 1 } })");
    let writer = start(&folder, &[&["exec", "set.lua"], &common[..]].concat()).wait_with_output().expect("it runs");
    assert!(writer.status.success(), "{}", String::from_utf8_lossy(&writer.stderr));
    assert_eq!(lines.next().expect("a line").expect("a line"), "seen");
    assert!(reader.wait().expect("it ends").success());
}

#[test]
fn a_database_that_stays_locked_is_named() {
    let folder = project();
    let run =
        |url: &str| start(&folder, &["run", "packages/forum_forge", "--db", url]).wait_with_output().expect("it runs");
    assert!(run("app.db").status.success());
    let store = Store::open(&DatabaseUrl::file(folder.path.join("app.db"))).expect("the database opens");
    store.begin().expect("a transaction begins");
    // A start that finds everything in place only reads, and waits for nobody.
    assert!(run("file:app.db?busy_timeout=50").status.success());
    let other = start(&folder, &["run", "packages/audit_log", "--db", "file:app.db?busy_timeout=50"]);
    let output = other.wait_with_output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{errors}");
    assert!(errors.starts_with("error[database_locked]: database `app.db` is locked"), "{errors}");
    assert!(errors.contains("= help: "), "{errors}");
}

/// A writer that is killed in the middle of its work, again and again: what it said was written is there, and nothing by halves.
#[test]
fn what_was_acknowledged_survives_a_kill() {
    let folder = Folder::new();
    folder.write("kills.prisma", "model Part {\n  id Int @id @default(autoincrement())\n  number Int\n  half Int\n  @@unique([number, half])\n}\n");
    folder.write(
        "write.lua",
        "local db = require('db')
local last = db.part.aggregate({ _max = { number = true } })._max.number or 0
for number = last + 1, last + 100000 do
  db.transaction(function(tx)
    tx.part.create({ data = { number = number, half = 1 } })
    tx.part.create({ data = { number = number, half = 2 } })
  end)
  print(number)
end",
    );
    folder.write(
        "check.lua",
        "local db = require('db')
local halves = db.part.groupBy({ by = { 'number' }, _count = { _all = true } })
for _, group in ipairs(halves) do assert(group._count._all == 2, group.number) end
print(#halves, db.part.aggregate({ _max = { number = true } })._max.number or 0, db.queryRaw('PRAGMA integrity_check')[1].integrity_check)",
    );
    let script = |name: &'static str| ["exec", name, "--schema", "kills.prisma", "--db", "kills.db"];
    let kills = setting("MBL_KILLS", 6);
    let mut acknowledged = 0;
    for number in 0..kills {
        let mut writer = start(&folder, &script("write.lua"));
        let mut lines = BufReader::new(writer.stdout.take().expect("its output")).lines();
        // At least one, and then some more, so that each kill comes at another moment.
        for _ in 0..1 + number % 7 {
            acknowledged = lines.next().expect("a line").expect("a line").parse().expect("a number");
        }
        std::thread::sleep(std::time::Duration::from_micros(number * 977 % 5000));
        writer.kill().expect("it can be killed");
        writer.wait().expect("it ends");
        for line in lines.map_while(Result::ok) {
            // The last line may be cut.
            acknowledged = line.parse().map_or(acknowledged, |number: u64| number.max(acknowledged));
        }
    }
    let output = start(&folder, &script("check.lua")).wait_with_output().expect("it runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let words: Vec<&str> = text.split_whitespace().collect();
    let [count, largest, integrity] = words[..] else {
        panic!("{text}{}", String::from_utf8_lossy(&output.stderr));
    };
    assert_eq!((count, integrity), (largest, "ok"), "no number is missing, and the file is sound");
    assert!(
        largest.parse::<u64>().is_ok_and(|largest| largest >= acknowledged),
        "{acknowledged} were acknowledged: {text}"
    );
    println!("{kills} kills, {acknowledged} transactions acknowledged, none lost");
}

/// No update is lost, and no script hears of a lock.
#[test]
fn four_processes_read_modify_and_write() {
    let folder = Folder::new();
    folder.write("counter.prisma", "model Counter {\n  id Int @id\n  value Int\n}\n");
    folder.write(
        "count.lua",
        "local db = require('db')
for _ = 1, 25 do
  db.transaction(function(tx)
    local counter = tx.counter.findUnique({ where = { id = 1 } })
    if counter then
      tx.counter.update({ where = { id = 1 }, data = { value = counter.value + 1 } })
    else
      tx.counter.create({ data = { id = 1, value = 1 } })
    end
  end, { timeoutMs = 60000 })
end
print(db.counter.findUnique({ where = { id = 1 } }).value)",
    );
    // They race to make the file and the table, too.
    let args = ["exec", "count.lua", "--schema", "counter.prisma", "--db", "counter.db"];
    let children: Vec<Child> = (0..4).map(|_| start(&folder, &args)).collect();
    let mut most = 0;
    for child in children {
        let output = child.wait_with_output().expect("it runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        most = most.max(String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number"));
    }
    assert_eq!(most, 100);
}

fn start(folder: &Folder, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_mbl"))
        .args(args)
        .current_dir(&folder.path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

fn report(output: Output) -> Json {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn query(folder: &Folder, operation: &str) -> Json {
    report(start(folder, &["query", operation]).wait_with_output().expect("it runs"))
}
