//! What holds for any arguments: random reads against a naive evaluator, random writes and injected failures against the constraints, and
//! texts of a caller's that never become SQL.
//!
//! Each run begins with the same seeds. `MBL_SEED` begins with another, `MBL_PROPS` says how many cases there are of each kind.

mod bad_input;
mod bounds;
mod faults;
mod naive;
pub mod random;
mod reads;
mod texts;
mod world;
mod writes;

use std::sync::Arc;

use mbl::db::Database;
use mbl::json::JsonRows;
use mbl::migrate::Layout;
use mbl::runtime::answer;
use mbl::schema::Schema;
use mbl::store::{DatabaseUrl, Policy, Store};
use serde_json::{Value as Json, json};

/// Returns an empty database in memory.
fn database(schema: &str) -> Database {
    database_on(schema, Store::open(&DatabaseUrl::memory()).expect("a database in memory opens"))
}

/// Returns a database on an empty store.
fn database_on(schema: &str, store: Store) -> Database {
    let schema = Schema::parse_text("schema.prisma", schema)
        .unwrap_or_else(|(sources, faults)| panic!("{}\n{schema}", faults.render(&sources, Default::default())));
    store.bring_to(&Layout::of(&schema), Policy::Additive).expect("the tables are made");
    Database::new(store, Arc::new(schema))
}

/// Reads one of the schemas of the recorded cases.
pub fn recorded_schema(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/conformance/schemas").join(name);
    std::fs::read_to_string(path).expect("the schema is there")
}

/// Asks through the JSON door.
fn ask(database: &Database, request: &Json) -> Json {
    serde_json::from_str(&answer(database, request.to_string().as_bytes())).expect("an answer is JSON")
}

/// Calls an operation, which must succeed.
fn call(database: &Database, model: &str, action: &str, args: Json) -> Json {
    let mut reply = ask(database, &json!({ "model": model, "action": action, "args": args }));
    assert!(reply.get("error").is_none(), "{model}.{action}({args}): {}", reply["error"]);
    reply["result"].take()
}

/// Runs a statement beside the checked API.
fn raw(database: &Database, sql: &str) -> Json {
    let mut rows = JsonRows::new();
    database.query_raw(sql, &[], &mut rows).unwrap_or_else(|error| panic!("{sql}: {error}"));
    serde_json::from_str(&rows.into_string()).expect("an answer is JSON")
}

/// Returns every row of every table, as SQLite writes it.
fn dump(database: &Database) -> String {
    let tables =
        raw(database, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '_mbl_*' ORDER BY name");
    let mut text = String::new();
    for table in tables.as_array().expect("a list") {
        let table = table["name"].as_str().expect("a name");
        let columns = raw(database, &format!("SELECT name FROM pragma_table_info('{table}')"));
        let quoted: Vec<String> = columns
            .as_array()
            .expect("a list")
            .iter()
            .map(|column| format!("quote(\"{}\")", column["name"].as_str().expect("a name")))
            .collect();
        let sql = format!("SELECT rowid AS r, {} AS v FROM \"{table}\" ORDER BY rowid", quoted.join("||','||"));
        text.push_str(&format!("{table}: {}\n", raw(database, &sql)));
    }
    text
}

/// Asserts that nothing in the database is broken.
fn assert_sound(database: &Database, context: &dyn std::fmt::Display) {
    let broken = raw(database, "SELECT * FROM pragma_foreign_key_check");
    assert_eq!(broken, json!([]), "a foreign key leads nowhere after {context}");
    let integrity = raw(database, "SELECT integrity_check AS i FROM pragma_integrity_check");
    assert_eq!(integrity, json!([{ "i": "ok" }]), "the file is broken after {context}");
    assert_eq!(database.depth(), 0, "a transaction is open after {context}");
}
