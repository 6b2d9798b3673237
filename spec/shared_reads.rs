//! Reads of one call that share a snapshot: each sees all that was committed when it began, and nobody waits for them.

use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use mbl::Runtime;
use mbl::db::{Database, SnapshotWatch};
use mbl::migrate::Layout;
use mbl::schema::Schema;
use mbl::store::{DatabaseUrl, Policy, Store};
use rusqlite::Connection;
use serde_json::{Value as Json, json};

use crate::props::random::setting;
use crate::store::Folder;

const SCHEMA: &str = "
model Thread {
  id    Int    @id
  count Int
  posts Post[]
}

model Post {
  id       Int    @id @default(autoincrement())
  text     String
  threadId Int
  thread   Thread @relation(fields: [threadId], references: [id])

  @@index([threadId])
}
";

/// For calls that do nothing but read.
struct Unwatched;

impl SnapshotWatch for Unwatched {
    fn begins(&self) {}

    fn ends(&self) {}
}

fn schema() -> Schema {
    Schema::parse_text("schema.prisma", SCHEMA).unwrap_or_else(|_| panic!("the schema is sound"))
}

/// Opens a database with one thread and no posts.
fn open(path: &Path) -> Database {
    let schema = schema();
    let store = Store::open(&DatabaseUrl::file(path)).unwrap();
    store.bring_to(&Layout::of(&schema), Policy::Additive).unwrap();
    let database = Database::new(store, Arc::new(schema));
    let first = json!({ "where": { "id": 1 }, "create": { "id": 1, "count": 0 }, "update": {} });
    run(&database, "thread", "upsert", first);
    database
}

fn run(database: &Database, model: &str, action: &str, args: Json) -> Json {
    let request = json!({ "id": 1, "model": model, "action": action, "args": args }).to_string();
    let answer: Json = serde_json::from_str(&mbl::runtime::answer(database, request.as_bytes())).unwrap();
    assert!(answer.get("error").is_none(), "{model}.{action}: {answer}");
    answer["result"].clone()
}

fn posts(database: &Database) -> i64 {
    run(database, "post", "count", json!({})).as_i64().unwrap()
}

fn add_post(database: &Database, text: &str) {
    run(database, "post", "create", json!({ "data": { "threadId": 1, "text": text } }));
}

/// Tells whether somebody keeps the log of a database from beginning anew. It begins anew otherwise, and an empty one nobody keeps.
fn is_held(path: &Path) -> bool {
    let connection = Connection::open(path).unwrap();
    connection.busy_timeout(Duration::ZERO).unwrap();
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).unwrap() == 1
}

#[test]
fn a_snapshot_is_held_from_the_second_read_to_the_end_of_the_call() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let (reader, writer) = (open(&path), open(&path));
    add_post(&writer, "one");
    let call = reader.store().share_reads(Rc::new(Unwatched));
    assert_eq!(posts(&reader), 1);
    assert!(!is_held(&path), "one read has nothing to share");
    add_post(&writer, "two");
    assert_eq!([posts(&reader), posts(&reader)], [2, 2]);
    assert!(is_held(&path));
    // A call inside the call lets go of it at its end, and it is held again from the next reads.
    drop(reader.store().share_reads(Rc::new(Unwatched)));
    assert!(!is_held(&path));
    add_post(&writer, "three");
    assert_eq!([posts(&reader), posts(&reader)], [3, 3]);
    assert!(is_held(&path));
    reader.store().release_snapshot();
    assert!(!is_held(&path), "who waits holds nothing");
    add_post(&writer, "four");
    assert_eq!([posts(&reader), posts(&reader), posts(&reader)], [4, 4, 4]);
    assert!(is_held(&path));
    drop(call);
    assert!(!is_held(&path));
    add_post(&writer, "five");
    assert_eq!([posts(&reader), posts(&reader), posts(&reader)], [5, 5, 5]);
    assert!(!is_held(&path), "outside of a call each read is by itself");
}

#[test]
fn writes_and_other_statements_go_on_beside_it() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let (database, other) = (open(&path), open(&path));
    let _call = database.store().share_reads(Rc::new(Unwatched));
    let mut expected = 0;
    for round in 0..20 {
        for _ in 0..round % 4 {
            assert_eq!(posts(&database), expected);
        }
        // With somebody else's commit in between, a write on the old snapshot would be refused.
        add_post(&other, "other");
        match round % 5 {
            0 => add_post(&database, "own"),
            1 => {
                database.begin().unwrap();
                assert_eq!(posts(&database), expected + 1);
                add_post(&database, "own");
                assert_eq!(posts(&database), expected + 2);
                database.commit().unwrap();
            }
            2 => {
                database.begin_read().unwrap();
                assert_eq!(posts(&database), expected + 1);
                add_post(&other, "later");
                assert_eq!(posts(&database), expected + 1);
                database.commit().unwrap();
            }
            3 => {
                let sql = "INSERT INTO \"Post\" (\"text\", \"threadId\") VALUES ('raw', 1)";
                assert_eq!(database.execute_raw(sql, &[]).unwrap(), 1);
            }
            _ => {
                assert!(database.store().check_integrity().unwrap().is_empty());
                add_post(&database, "own");
            }
        }
        expected += 2;
        assert_eq!(posts(&database), expected);
    }
}

#[test]
fn a_table_that_changes_meanwhile_is_read_as_it_is() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let database = open(&path);
    let other = Connection::open(&path).unwrap();
    add_post(&database, "one");
    let _call = database.store().share_reads(Rc::new(Unwatched));
    assert_eq!([posts(&database), posts(&database)], [1, 1]);
    other.execute_batch("CREATE TABLE \"Other\" (\"x\"); ALTER TABLE \"Post\" ADD COLUMN \"more\" TEXT").unwrap();
    other.execute_batch("DROP INDEX \"Post_threadId_idx\"; DELETE FROM \"Post\"; VACUUM").unwrap();
    assert_eq!([posts(&database), posts(&database)], [0, 0]);
    let read = json!({ "where": { "id": 1 }, "include": { "posts": true } });
    assert_eq!(run(&database, "thread", "findUnique", read)["posts"], json!([]));
}

#[test]
fn an_interrupt_does_not_stay() {
    let folder = Folder::new();
    let database = open(&folder.file("app.db"));
    let _call = database.store().share_reads(Rc::new(Unwatched));
    assert_eq!([posts(&database), posts(&database), posts(&database)], [0, 0, 0]);
    let interrupt = database.store().interrupter();
    interrupt();
    let request = br#"{ "id": 1, "model": "post", "action": "count", "args": {} }"#;
    // It ends the statement that runs, and the one left open is one.
    let _ = mbl::runtime::answer(&database, request);
    assert_eq!([posts(&database), posts(&database), posts(&database)], [0, 0, 0]);
}

/// However a reader goes on, the log begins anew when it has its thousand frames.
#[test]
fn a_log_does_not_grow_beside_a_call_that_reads_without_end() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let (reader, writer) = (open(&path), open(&path));
    let log = path.with_file_name("app.db-wal");
    let _call = reader.store().share_reads(Rc::new(Unwatched));
    let (mut longest, text) = (0, "x".repeat(3000));
    for number in 1..=500 {
        add_post(&writer, &text);
        for _ in 0..3 {
            assert_eq!(posts(&reader), number);
        }
        longest = longest.max(fs::metadata(&log).unwrap().len());
    }
    assert!(longest < 1100 * 4120, "{longest}");
}

/// Writers and readers side by side: a read sees what was committed before it began, never less than before, and never half of it.
#[test]
fn a_read_sees_every_commit_of_others() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let database = open(&path);
    let (committed, over) = (AtomicI64::new(0), AtomicBool::new(false));
    let commits = setting("MBL_COMMITS", 400) as i64;
    let shared = thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let reader = open(&path);
                    let _call = reader.store().share_reads(Rc::new(Unwatched));
                    let (mut last, mut same) = (0, 0_u64);
                    while !over.load(Ordering::Acquire) {
                        let before = committed.load(Ordering::Acquire);
                        let read =
                            json!({ "where": { "id": 1 }, "include": { "posts": { "select": { "id": true } } } });
                        let thread = run(&reader, "thread", "findUnique", read);
                        let count = thread["count"].as_i64().unwrap();
                        assert_eq!(thread["posts"].as_array().unwrap().len() as i64, count, "one snapshot");
                        assert!(count >= before && count >= last, "{count} after {before} and {last}");
                        same += u64::from(count == last);
                        last = count;
                    }
                    assert_eq!(posts(&reader), commits);
                    same
                })
            })
            .collect();
        for number in 1..=commits {
            let data = json!({ "count": { "increment": 1 }, "posts": { "create": { "text": "x" } } });
            run(&database, "thread", "update", json!({ "where": { "id": 1 }, "data": data }));
            committed.store(number, Ordering::Release);
            if number % 5 == 0 {
                // Now and then nothing is committed for a while.
                thread::sleep(Duration::from_millis(1));
            }
        }
        over.store(true, Ordering::Release);
        readers.into_iter().map(|reader| reader.join().unwrap()).sum::<u64>()
    });
    assert!(shared > 0, "no read followed another one without a commit between them");
}

/// What a script waits for, others need not wait for.
#[test]
fn a_script_that_waits_holds_nothing() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let (during, printing) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicBool::new(true)));
    let (called, printed) = (during.clone(), printing.clone());
    let (in_call, in_print) = (path.clone(), path.clone());
    let runtime = Runtime::builder()
        .schema(Arc::new(schema()))
        .database(path.to_str().unwrap())
        .function("host.look", move |()| {
            called.store(is_held(&in_call), Ordering::Relaxed);
            Ok::<_, String>(())
        })
        .on_print(move |_| printed.store(is_held(&in_print), Ordering::Relaxed))
        .build()
        .unwrap();
    let script = b"
        local db, host = require('db'), require('host')
        db.thread.create({ data = { id = 1, count = 0 } })
        local function read()
          for _ = 1, 5 do
            assert(db.thread.count() == 1)
          end
        end
        read()
        host.look()
        read()
        print('printed')
        read()
    ";
    runtime.exec("script.lua", script, &[]).unwrap();
    assert!(!during.load(Ordering::Relaxed) && !printing.load(Ordering::Relaxed));
    assert!(!is_held(&path), "the call is over");
}

/// A script that computes lets go of the snapshot of its reads, and has one again for the next.
#[test]
fn a_script_that_computes_holds_nothing_for_long() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    drop(open(&path));
    let runtime = Runtime::builder()
        .schema(Arc::new(schema()))
        .database(path.to_str().unwrap())
        .call_timeout(Some(Duration::from_secs(2)))
        .build()
        .unwrap();
    let script = b"
        local db = require('db')
        for round = 1, 3 do
          db.post.create({ data = { threadId = 1, text = 'x' } })
          for _ = 1, 5 do
            assert(db.post.count() >= round)
          end
          local sum, begun = 0, os.clock()
          local compute = coroutine.wrap(function()
            while round == 3 or os.clock() - begun < 0.3 do
              sum = sum + 1
            end
          end)
          compute()
        end
    ";
    // It is held for a tenth of a second, in which this thread has to look, and it is not seen when this thread empties the log just before.
    let seen = (0..20).any(|_| {
        thread::scope(|scope| {
            let script = scope.spawn(|| runtime.exec("script.lua", script, &[]));
            let (mut times, mut held) = (0, false);
            while !script.is_finished() {
                let now = is_held(&path);
                times += u32::from(held && !now && !script.is_finished());
                held = now;
                thread::sleep(Duration::from_millis(1));
            }
            assert!(script.join().unwrap().is_err(), "its time limit ends it");
            times >= 3
        })
    });
    assert!(seen, "it was let go three times while the script ran");
}
