//! The tables that schemas make, and the way from one schema to the next, against what was recorded.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use mbl::migrate::{Layout, diff};
use mbl::schema::Schema;
use mbl::sql::Script;
use mbl::store::{DatabaseUrl, MigrateError, Policy, Store, Surplus};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use serde_json::{Map, Value, json};

use crate::store::Folder;

const HEADER: &str = "datasource db {\n  provider = \"sqlite\"\n}\n\n";

fn folder(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("spec").join(path)
}

fn read(path: &str) -> String {
    fs::read_to_string(folder(path)).unwrap()
}

fn read_list(path: &str) -> Vec<Value> {
    serde_json::from_str(&read(path)).unwrap()
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap()
}

fn layout(name: &str, schema: &str) -> Layout {
    match Schema::parse_text(name, schema) {
        Ok(schema) => Layout::of(&schema),
        Err((_, diagnostics)) => panic!("{name}: {diagnostics:?}"),
    }
}

/// Compares with a golden file; `UPDATE_EXPECT=1` writes it instead.
fn compare(path: &str, found: &str) {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(folder(path).parent().unwrap()).unwrap();
        fs::write(folder(path), found).unwrap();
    }
    let wanted = fs::read_to_string(folder(path)).unwrap_or_default();
    assert!(wanted == found, "spec/{path} differs (UPDATE_EXPECT=1 rewrites it); found:\n{found}");
}

/// Returns what the pragmas tell of each table, the names of foreign keys apart, which only the text has.
fn pragmas(connection: &Connection) -> BTreeMap<String, Vec<Value>> {
    let list = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_mbl%' ESCAPE '\\'";
    let mut tables = BTreeMap::new();
    for table in rows(connection, list) {
        let table = table["name"].as_str().unwrap().to_owned();
        let mut facts = rows(connection, &format!("SELECT * FROM pragma_table_xinfo('{table}')"));
        facts.extend(rows(connection, &format!("SELECT * FROM pragma_foreign_key_list('{table}')")));
        facts.extend(rows(
            connection,
            &format!("SELECT * FROM pragma_index_list('{table}') l, pragma_index_xinfo(l.name) ORDER BY l.name, seqno"),
        ));
        tables.insert(table, facts);
    }
    tables
}

fn rows(connection: &Connection, sql: &str) -> Vec<Value> {
    let mut statement = connection.prepare(sql).unwrap();
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let read = |row: &Row<'_>| {
        let cell = |index| match row.get_ref(index).unwrap() {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => json!(number),
            ValueRef::Real(number) => json!(number),
            ValueRef::Text(text) => json!(String::from_utf8_lossy(text)),
            ValueRef::Blob(bytes) => json!(bytes),
        };
        let cells: Map<String, Value> =
            names.iter().enumerate().map(|(index, name)| (name.clone(), cell(index))).collect();
        Ok(Value::Object(cells))
    };
    statement.query_map([], read).unwrap().map(Result::unwrap).collect()
}

/// Makes the tables of `layout` and looks whether they are those of `sql`, if it is given, and read back as they were asked for.
fn check_fresh(name: &str, layout: &Layout, sql: Option<&str>) {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let store = Store::open(&DatabaseUrl::file(&path)).unwrap();
    let applied = store.bring_to(layout, Policy::Additive).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(applied.script, Script::create(layout), "{name}");
    // No database tells of enums.
    let found = Layout { choices: layout.choices.clone(), ..store.introspect().unwrap() };
    assert_eq!(found, *layout, "{name}");
    assert!(diff(&store.introspect().unwrap(), layout).is_empty(), "{name}");
    if let Some(sql) = sql {
        let recorded = Connection::open_in_memory().unwrap();
        recorded.execute_batch(sql).unwrap();
        assert_eq!(pragmas(&Connection::open(&path).unwrap()), pragmas(&recorded), "{name}");
    }
}

#[test]
fn the_scenarios_schemas_make_the_recorded_tables() {
    for name in ["blog", "domain"] {
        let recorded = read(&format!("conformance/ddl/{name}.sql"));
        let layout = layout(name, &read(&format!("conformance/schemas/{name}.prisma")));
        assert_eq!(Script::create(&layout).to_string().trim(), recorded.trim(), "{name}");
        check_fresh(name, &layout, Some(&recorded));
    }
    let layout = layout("types", &read("conformance/schemas/types.prisma"));
    compare("ddl/types.sql", &Script::create(&layout).to_string());
    check_fresh("types", &layout, None);
}

#[test]
fn the_core_schema_makes_tables_that_read_back() {
    let text = fs::read_to_string(folder("../stdlib/core.prisma")).unwrap();
    check_fresh("core", &layout("core", &text), None);
}

#[test]
fn small_schemas_make_the_recorded_tables() {
    let mut differing = Vec::new();
    for case in read_list("conformance/ddl/models.json") {
        let name = text(&case, "name");
        // The schema's check refuses it.
        let Some(recorded) = case["sql"].as_str() else { continue };
        let layout = layout(name, text(&case, "schema"));
        let made = Script::create(&layout).to_string();
        let refused = case.get("sqlite_refuses").is_some();
        if made != recorded {
            differing.push(format!("== {name}\n{made}"));
            assert!(refused, "{name}: {made}");
        }
        check_fresh(name, &layout, Some(recorded).filter(|_| !refused));
    }
    // Where SQLite does not take the recorded text, ours is another.
    compare("ddl/differing.sql", &differing.concat());
}

#[test]
fn what_only_adds_is_applied_and_anything_else_refused() {
    let mut golden = String::new();
    for case in read_list("conformance/ddl/migrations.json") {
        let name = text(&case, "name");
        let folder = Folder::new();
        let path = folder.file("app.db");
        let base = Connection::open(&path).unwrap();
        base.execute_batch(&read("conformance/ddl/migration-base.sql")).unwrap();
        base.execute_batch(&read("conformance/ddl/migration-seed.sql")).unwrap();
        let before = (pragmas(&base), tables(&base));

        let store = Store::open(&DatabaseUrl::file(&path)).unwrap();
        let from = layout(name, &format!("{HEADER}{}", text(&case, "from")));
        assert!(diff(&store.introspect().unwrap(), &from).is_empty(), "{name}");
        let to = layout(name, &format!("{HEADER}{}", text(&case, "to")));
        golden.push_str(&format!("== {name}\n"));
        match store.bring_to(&to, Policy::Additive) {
            Ok(applied) => {
                golden.push_str(&applied.script.to_string());
                golden.extend(applied.left.iter().map(|step| format!("left: {step}\n")));
                let mut found = tables(&base);
                for (table, wanted) in case["on_rows"].as_object().unwrap() {
                    let found = found.remove(table).unwrap();
                    assert_eq!(
                        without_clock(found),
                        without_clock(wanted.as_array().unwrap().clone()),
                        "{name}: {table}"
                    );
                }
                assert_eq!(store.bring_to(&to, Policy::Never).unwrap().script, Script::default(), "{name}");
            }
            Err(MigrateError::Refused(refusals)) => {
                golden.extend(refusals.iter().map(|refusal| format!("refused: {refusal}\n")));
                assert_eq!((pragmas(&base), tables(&base)), before, "{name}");
            }
            Err(error) => panic!("{name}: {error}"),
        }
        assert_eq!(rows(&base, "PRAGMA integrity_check"), [json!({ "integrity_check": "ok" })]);
        golden.push('\n');
    }
    compare("ddl/migrations.txt", &golden);
}

/// Returns all rows of all tables.
fn tables(connection: &Connection) -> BTreeMap<String, Vec<Value>> {
    pragmas(connection)
        .into_keys()
        .map(|table| {
            let rows = rows(connection, &format!("SELECT * FROM \"{table}\""));
            (table, rows)
        })
        .collect()
}

/// Leaves out a column that holds the time of the change.
fn without_clock(mut rows: Vec<Value>) -> Vec<Value> {
    for row in &mut rows {
        row.as_object_mut().unwrap().remove("at");
    }
    rows
}

/// Makes the recorded database, with rows or without.
fn recorded_base(path: &std::path::Path, rows: bool) -> Connection {
    let base = Connection::open(path).unwrap();
    base.execute_batch(&read("conformance/ddl/migration-base.sql")).unwrap();
    if rows {
        base.execute_batch(&read("conformance/ddl/migration-seed.sql")).unwrap();
    }
    base
}

/// Returns what SQLite says of a database that is made for `layout`, whatever the order of columns.
fn fresh_pragmas(layout: &Layout) -> BTreeMap<String, Vec<Value>> {
    let folder = Folder::new();
    let path = folder.file("fresh.db");
    Store::open(&DatabaseUrl::file(&path)).unwrap().bring_to(layout, Policy::Additive).unwrap();
    pragmas(&Connection::open(&path).unwrap())
}

#[test]
fn every_recorded_edit_reaches_its_schema_or_says_why_not() {
    let mut golden = String::new();
    for case in read_list("conformance/ddl/migrations.json") {
        let name = text(&case, "name");
        golden.push_str(&format!("== {name}\n"));
        let to = layout(name, &format!("{HEADER}{}", text(&case, "to")));
        let target = fresh_pragmas(&to);

        // Over empty tables each edit is done without a word.
        let folder = Folder::new();
        let empty = recorded_base(&folder.file("empty.db"), false);
        let store = Store::open(&DatabaseUrl::file(folder.file("empty.db"))).unwrap();
        store.change_to(&to, Surplus::Goes, false).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(pragmas(&empty), target, "{name}");

        for accept in [false, true] {
            let path = folder.file(if accept { "accepted.db" } else { "app.db" });
            let base = recorded_base(&path, true);
            let before = (pragmas(&base), tables(&base));
            let store = Store::open(&DatabaseUrl::file(&path)).unwrap();
            let mark = if accept { "accepted" } else { "asked" };
            match store.change_to(&to, Surplus::Goes, accept) {
                Ok(changed) => {
                    golden.push_str(&format!(
                        "{mark}: done{}\n",
                        if changed.backup.is_some() { ", with a backup" } else { "" }
                    ));
                    assert_eq!(pragmas(&base), target, "{name}");
                    assert!(store.compare(&to, Surplus::Goes).unwrap().is_empty(), "{name}");
                    if let Some(rows) = case["on_rows"].as_object().filter(|rows| !rows.contains_key("fails")) {
                        let mut found = tables(&base);
                        for (table, wanted) in rows {
                            let found = without_clock(found.remove(table).unwrap());
                            assert_eq!(found, without_clock(wanted.as_array().unwrap().clone()), "{name}: {table}");
                        }
                    }
                    if let Some(backup) = changed.backup {
                        assert_eq!((pragmas(&base), 0).1, 0);
                        assert_eq!(tables(&Connection::open(backup).unwrap()), before.1, "{name}");
                    }
                }
                Err(MigrateError::Stopped(comparison)) => {
                    for change in &comparison.changes {
                        let examples = change.examples.join(", ");
                        golden.push_str(&format!(
                            "{mark}: {}: {}: {} [{examples}]\n",
                            change.verdict.name(),
                            change.step,
                            change.message
                        ));
                    }
                    assert_eq!((pragmas(&base), tables(&base)), before, "{name}");
                }
                Err(error) => panic!("{name}: {error}"),
            }
            assert_eq!(rows(&base, "PRAGMA integrity_check"), [json!({ "integrity_check": "ok" })]);
            assert!(rows(&base, "PRAGMA foreign_key_check").is_empty());
        }
        golden.push('\n');
    }
    compare("ddl/changes.txt", &golden);
}
