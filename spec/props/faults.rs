//! A failure at each statement of each operation in turn: nothing may be left behind.
//!
//! `seed.jsonl` fills the blog; `operations.jsonl` has every kind of nested write, one request a line.

use mbl::db::Database;
use mbl::store::{DatabaseUrl, Store};
use serde_json::{Value as Json, json};

use super::{ask, assert_sound, database_on, dump, recorded_schema};

#[test]
fn a_failure_at_any_statement_leaves_nothing_behind() {
    let mut injected = 0;
    for request in requests(include_str!("operations.jsonl")) {
        let (reply, statements) = {
            let database = blog();
            let (reply, records) = database.store().record(|| ask(&database, &request));
            assert!(reply.get("error").is_none(), "{request}: {reply}");
            assert_sound(&database, &request);
            (reply, records.len() as u64)
        };
        let database = blog();
        let before = dump(&database);
        for nth in 1..=statements {
            database.store().fail_at(nth);
            let failed = ask(&database, &request);
            database.store().fail_at(0);
            let context = format!("statement {nth} of {statements} of {request}");
            assert_eq!(failed["error"]["kind"], "internal", "{context}: {failed}");
            assert_eq!(database.depth(), 0, "a transaction is open after {context}");
            assert_eq!(dump(&database), before, "something is left of {context}");
            injected += 1;
        }
        // The next operation works: the same one.
        assert_eq!(ask(&database, &request), reply, "{request}");
        assert_ne!(dump(&database), before, "{request} changes nothing");
    }
    println!("{injected} failures");
}

#[test]
fn an_interrupt_of_any_statement_leaves_nothing_behind() {
    let (mut interrupted, mut finished) = (0, 0);
    for request in requests(include_str!("operations.jsonl")) {
        let mut database = blog();
        let before = dump(&database);
        for nth in 1.. {
            database.store().interrupt_at(nth);
            let reply = ask(&database, &request);
            let reached = !database.store().is_failing();
            database.store().fail_at(0);
            let context = format!("statement {nth} of {request}");
            assert_eq!(database.depth(), 0, "a transaction is open after {context}");
            if reply.get("error").is_some() {
                assert_eq!(reply["error"]["kind"], "internal", "{context}: {reply}");
                assert_eq!(dump(&database), before, "something is left of {context}");
                interrupted += 1;
            } else {
                // Too short to be interrupted, or behind the end.
                finished += 1;
                database = blog();
            }
            if !reached {
                break;
            }
        }
    }
    println!("{interrupted} interrupts, {finished} came too late");
    assert!(interrupted > finished);
}

#[test]
fn a_failure_inside_a_transaction_takes_back_the_statement_alone() {
    let mut operations = requests(include_str!("operations.jsonl"));
    operations.retain(|request| request.get("transaction").is_none());
    for request in operations {
        let database = blog();
        database.begin().expect("a transaction begins");
        let (_, records) = database.store().record(|| ask(&database, &request));
        let database = blog();
        let untouched = dump(&database);
        database.begin().expect("a transaction begins");
        ask(
            &database,
            &json!({ "model": "tag", "action": "create", "args": { "data": { "id": 50, "name": "kept" } } }),
        );
        let before = dump(&database);
        for nth in 1..=records.len() as u64 {
            database.store().fail_at(nth);
            let failed = ask(&database, &request);
            assert_eq!(failed["error"]["kind"], "internal", "statement {nth} of {request}: {failed}");
            assert_eq!(database.depth(), 1, "statement {nth} of {request}");
            assert_eq!(dump(&database), before, "something is left of statement {nth} of {request}");
        }
        database.rollback().expect("the transaction is still open");
        assert_eq!(dump(&database), untouched);
    }
}

/// Returns the blog with its rows.
pub fn blog() -> Database {
    let mut store = Store::open(&DatabaseUrl::memory()).expect("a database in memory opens");
    store.make_interruptible().expect("a handler is set");
    let database = database_on(&recorded_schema("blog.prisma"), store);
    for request in requests(include_str!("seed.jsonl")) {
        let reply = ask(&database, &request);
        assert!(reply.get("error").is_none(), "{request}: {reply}");
    }
    database
}

/// Reads requests, one a line.
pub fn requests(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}
