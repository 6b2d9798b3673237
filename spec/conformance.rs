//! Runs the behaviour that was recorded from the real Prisma Client (`spec/conformance`), and ours in the same form.
//!
//! A scenario is a file: a schema and steps, run in order on an empty database. `failing.txt` names the steps that do not pass yet, one
//! `file/step` a line; a step that fails and is not there, or passes and is there, fails the test.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use mbl::db::Database;
use mbl::migrate::Layout;
use mbl::runtime::answer;
use mbl::schema::Schema;
use mbl::store::{DatabaseUrl, Policy, Store};
use serde_json::{Map, Value as Json, json};

#[test]
fn recorded_scenarios_pass() {
    let folder = folder();
    let failing = fs::read_to_string(folder.join("failing.txt")).expect("the list is there");
    let failing: Vec<&str> = failing.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).collect();
    let (mut passed, mut faults) = (0, Vec::new());
    for file in scenarios(&folder) {
        let name = file.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let scenario: Json = serde_json::from_slice(&fs::read(&file).expect("readable")).expect("a scenario is JSON");
        let schema = folder.join("schemas").join(scenario["schema"].as_str().expect("a scenario names its schema"));
        let database = database(&schema);
        for step in scenario["steps"].as_array().expect("a scenario has steps") {
            let reply: Json = serde_json::from_str(&answer(&database, request(step).to_string().as_bytes()))
                .expect("an answer is JSON");
            // A quirk is a defect of the recorded program: it runs here, and is not judged.
            if step.get("quirk").is_some() {
                continue;
            }
            let id = format!("{name}/{}", step["id"].as_str().unwrap_or("?"));
            match (judge(step, &reply), failing.contains(&id.as_str())) {
                (None, false) => passed += 1,
                (Some(_), true) => {}
                (Some(fault), false) => faults.push(format!("{id}: {fault}")),
                (None, true) => faults.push(format!("{id} passes now: take it off failing.txt")),
            }
        }
    }
    assert!(faults.is_empty(), "{passed} steps passed, {} did not:\n{}", faults.len(), faults.join("\n"));
    assert!(passed > 2000, "only {passed} steps were judged");
}

#[test]
fn values_lie_in_the_file_as_prisma_writes_them() {
    let storage: Json =
        serde_json::from_slice(&fs::read(folder().join("storage.json")).expect("readable")).expect("JSON");
    let database = database(&folder().join("schemas/types.prisma"));
    for (index, case) in storage["written"].as_array().expect("a list").iter().enumerate() {
        let field = case["field"].as_str().expect("a field");
        let made =
            ask(&database, json!({ "action": "create", "args": { "data": { "id": index, field: case["value"] } } }));
        assert!(made.get("result").is_some(), "{case}: {made}");
        let sql = format!("SELECT typeof({field}) AS t, quote({field}) AS q FROM Opt WHERE id = {index}");
        let mut rows = mbl::json::JsonRows::new();
        database.query_raw(&sql, &[], &mut rows).expect("the statement runs");
        let found: Json = serde_json::from_str(&rows.into_string()).expect("JSON");
        assert_eq!(found[0], json!({ "t": case["sqlite_type"], "q": case["sqlite_literal"] }), "{case}");
        let read = ask(&database, json!({ "action": "findUnique", "args": { "where": { "id": index } } }));
        let fault = compare(&case["read_back"], &read["result"][field], "$", "$", &[]);
        assert_eq!(fault, None, "{case}");
    }
}

#[test]
fn a_change_answers_what_a_read_then_finds() {
    let storage: Json =
        serde_json::from_slice(&fs::read(folder().join("storage.json")).expect("readable")).expect("JSON");
    let written = storage["written"].as_array().expect("a list");
    let mut changes: Vec<Json> =
        written.iter().map(|case| json!({ case["field"].as_str().unwrap(): case["value"] })).collect();
    for (field, numbers) in [
        ("int", json!([0, -3, 7])),
        ("big", json!([{ "$bigint": "9007199254740993" }, 0, -1])),
        ("flt", json!([-0.0, 0.5, 1e308])),
        ("dec", json!([{ "$decimal": "2.50" }, { "$decimal": "-3" }, 0])),
    ] {
        let numbers = numbers.as_array().unwrap();
        changes.extend(numbers.iter().map(|number| json!({ field: number })));
        let operations = ["set", "increment", "decrement", "multiply", "divide"];
        changes.extend(
            operations
                .iter()
                .flat_map(|operation| numbers.iter().map(move |number| json!({ field: { *operation: number } }))),
        );
    }
    let fields = ["str", "int", "big", "flt", "dec", "bool", "dt", "json", "bytes", "lvl"];
    changes.extend(fields.iter().map(|field| json!({ *field: null })));
    changes.extend([json!({}), json!({ "id": 2 }), json!({ "id": { "increment": 2 } })]);
    changes
        .push(json!({ "json": { "$jsonnull": "JsonNull" }, "dec": { "$decimal": "12.0" }, "flt": -0.0, "str": "12" }));
    let row = json!({ "id": 1, "int": 6, "big": 6, "flt": 1.5, "dec": { "$decimal": "1.5" }, "json": { "a": 1 }, "str": "s" });
    let database = database(&folder().join("schemas/types.prisma"));
    let call = |action: &str, args: Json| ask(&database, json!({ "action": action, "args": args }));
    for open in [false, true] {
        for change in &changes {
            let same = |answer: &Json| {
                let found = call("findFirst", json!({}));
                // As text, in which zero and zero below zero differ.
                assert_eq!(answer["result"].to_string(), found["result"].to_string(), "{change}");
            };
            let make = |data: &Json| same(&call("create", json!({ "data": data })));
            call("deleteMany", json!({}));
            if open {
                database.begin().expect("a transaction begins");
            }
            make(&row);
            for by in ["update", "upsert"] {
                let mut args = json!({ "where": { "id": 1 }, "data": change });
                if by == "upsert" {
                    args = json!({ "where": { "id": 1 }, "create": { "id": 9 }, "update": change });
                }
                let before = call("findFirst", json!({}));
                let answer = call(by, args);
                match answer.get("error") {
                    None => same(&answer),
                    // It would not fit its column.
                    Some(error) => {
                        assert_eq!(error["code"], "P2023", "{change}: {answer}");
                        assert_eq!(call("findFirst", json!({})), before, "{change} has left something");
                    }
                }
                call("deleteMany", json!({}));
                make(&row);
            }
            call("deleteMany", json!({}));
            let computes = change
                .as_object()
                .unwrap()
                .values()
                .any(|value| value.as_object().is_some_and(|value| value.keys().any(|key| !key.starts_with('$'))));
            if !computes {
                let mut create = json!({ "id": 1 });
                create.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
                make(&create);
                call("deleteMany", json!({}));
                same(&call("upsert", json!({ "where": { "id": 1 }, "create": create, "update": { "int": 1 } })));
                let id = create["id"].clone();
                let found = call("findFirst", json!({}));
                let deleted = call("delete", json!({ "where": { "id": id } }));
                assert_eq!(deleted["result"], found["result"], "{change}");
                assert_eq!(call("count", json!({}))["result"], 0, "{change}");
            }
            if open {
                database.commit().expect("it commits");
            }
        }
    }
}

#[test]
fn rows_without_a_number_are_changed_like_all_others() {
    let schema = r#"
model Pair {
  a     String
  b     Int
  note  String?
  meta  Json?
  count Int     @default(0)

  @@id([a, b])
}

model Word {
  text  String  @id @map("_rowid_")
  rowid String?
  count Int     @default(0)

  @@map("words")
}

model Plain {
  text  String @id
  count Int    @default(0)
}
"#;
    let schema = Schema::parse_text("schema.prisma", schema)
        .unwrap_or_else(|(sources, faults)| panic!("{}", faults.render(&sources, Default::default())));
    let store = Store::open(&DatabaseUrl::memory()).expect("a database in memory opens");
    for sql in [
        r#"CREATE TABLE "Pair" (a TEXT NOT NULL, b INTEGER NOT NULL, note TEXT, meta JSONB, "count" INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (a, b)) without
           rowid"#,
        r#"CREATE TABLE words ("_rowid_" TEXT NOT NULL PRIMARY KEY, rowid TEXT, "count" INTEGER NOT NULL DEFAULT 0)"#,
        r#"CREATE TABLE "Plain" (text TEXT NOT NULL PRIMARY KEY, "count" INTEGER NOT NULL DEFAULT 0) /* with a rowid */"#,
    ] {
        store.execute_raw(sql, &[]).expect("a table is made");
    }
    let database = Database::new(store, Arc::new(schema));
    let call = |model: &str, action: &str, args: Json| -> Json {
        let request = json!({ "model": model, "action": action, "args": args });
        let reply: Json = serde_json::from_str(&answer(&database, request.to_string().as_bytes())).expect("JSON");
        reply.get("result").unwrap_or_else(|| panic!("{request}: {reply}")).clone()
    };
    let pair = json!({ "a_b": { "a": "x", "b": 1 } });
    let upsert = json!({ "where": pair, "create": { "a": "x", "b": 1 }, "update": { "note": "seen", "count": { "increment": 2 } } });
    let row = |note: Json, count: i64| json!({ "a": "x", "b": 1, "note": note, "meta": null, "count": count });
    assert_eq!(call("pair", "upsert", upsert.clone()), row(Json::Null, 0));
    assert_eq!(call("pair", "upsert", upsert), row(json!("seen"), 2));
    call("pair", "create", json!({ "data": { "a": "x", "b": 2 } }));
    let moved = call("pair", "update", json!({ "where": pair, "data": { "b": { "increment": 5 }, "meta": 5 } }));
    assert_eq!(moved, json!({ "a": "x", "b": 6, "note": "seen", "meta": 5, "count": 2 }));
    let deleted = call("pair", "delete", json!({ "where": { "a_b": { "a": "x", "b": 6 } }, "select": { "b": true } }));
    assert_eq!(deleted, json!({ "b": 6 }));
    assert_eq!(call("pair", "findMany", json!({ "select": { "b": true } })), json!([{ "b": 2 }]));
    for (model, more) in [("word", json!({ "rowid": "hidden" })), ("plain", json!({}))] {
        for text in ["one", "two"] {
            let mut data = json!({ "text": text });
            data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            call(model, "create", json!({ "data": data }));
        }
        let renamed =
            call(model, "update", json!({ "where": { "text": "one" }, "data": { "text": "three", "count": 3 } }));
        assert_eq!((&renamed["text"], &renamed["count"]), (&json!("three"), &json!(3)));
        call(model, "delete", json!({ "where": { "text": "two", "count": 0 } }));
        let left = call(model, "findMany", json!({ "select": { "text": true, "count": true } }));
        assert_eq!(left, json!([{ "text": "three", "count": 3 }]));
    }
}

#[test]
fn values_that_other_tools_wrote_are_read_as_prisma_reads_them() {
    let storage: Json =
        serde_json::from_slice(&fs::read(folder().join("storage.json")).expect("readable")).expect("JSON");
    let database = database(&folder().join("schemas/types.prisma"));
    for (index, case) in storage["read"].as_array().expect("a list").iter().enumerate() {
        let field = case["field"].as_str().expect("a field");
        let value = case["inserted_sql"].as_str().expect("SQL");
        database
            .execute_raw(&format!("INSERT INTO Opt (id, {field}) VALUES ({index}, {value})"), &[])
            .expect("the row is inserted");
        let read = ask(&database, json!({ "action": "findUnique", "args": { "where": { "id": index } } }));
        match case.get("prisma_reads") {
            Some(expected) => {
                let fault = compare(expected, &read["result"][field], "$", "$", &[]);
                assert_eq!(fault, None, "{case}: {read}");
            }
            None => assert_eq!(read["error"]["code"], "P2023", "{case}: {read}"),
        }
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/conformance")
}

fn scenarios(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = ["cases", "ours"]
        .into_iter()
        .flat_map(|part| fs::read_dir(folder.join(part)).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

fn database(schema: &Path) -> Database {
    let text = fs::read_to_string(schema).expect("the schema is there");
    let schema = Schema::parse_text("schema.prisma", &text)
        .unwrap_or_else(|(sources, faults)| panic!("{}", faults.render(&sources, Default::default())));
    let store = Store::open(&DatabaseUrl::memory()).expect("a database in memory opens");
    store.bring_to(&Layout::of(&schema), Policy::Additive).expect("the tables are made");
    Database::new(store, Arc::new(schema))
}

fn request(step: &Json) -> Json {
    match step.get("$transaction") {
        Some(steps) => json!({ "id": step["id"], "transaction": steps }),
        None => {
            let args = step.get("args").cloned().unwrap_or_else(|| json!({}));
            json!({ "id": step["id"], "model": step["model"], "action": step["action"], "args": args })
        }
    }
}

fn ask(database: &Database, mut request: Json) -> Json {
    request["model"] = json!("opt");
    serde_json::from_str(&answer(database, request.to_string().as_bytes())).expect("an answer is JSON")
}

/// Says what is wrong with an answer.
fn judge(step: &Json, reply: &Json) -> Option<String> {
    let Some(wanted) = step.get("error") else {
        let Some(result) = reply.get("result") else { return Some(format!("unexpected error {}", reply["error"])) };
        let unordered: Vec<&str> =
            step["unordered"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        return compare(&step["expect"], result, "$", "$", &unordered);
    };
    let Some(error) = reply.get("error") else { return Some(format!("expected the error {wanted}")) };
    if let Some(code) = wanted["code"].as_str() {
        if error["code"] != code {
            return Some(format!("expected {code}, got {error}"));
        }
        let target = |names: &Json| {
            let mut names: Vec<String> = names.as_array().into_iter().flatten().map(Json::to_string).collect();
            names.sort();
            names
        };
        if wanted.get("meta_target").is_some() && target(&wanted["meta_target"]) != target(&error["meta"]["target"]) {
            return Some(format!("expected target {}, got {}", wanted["meta_target"], error["meta"]));
        }
        return None;
    }
    (wanted["kind"] == "validation" && error["kind"] != "validation")
        .then(|| format!("expected a refusal, got {error}"))
}

/// Says where two values differ. NULL and an absent key are the same; the lists whose path is in `unordered` are bags.
fn compare(wanted: &Json, found: &Json, path: &str, pattern: &str, unordered: &[&str]) -> Option<String> {
    let differ = || Some(format!("{path}: expected {wanted}, got {found}"));
    if let Some(kind) = tag(wanted, "$any") {
        let fits = match kind {
            "datetime" | "now" => tag(found, "$datetime").is_some(),
            kind => found.as_str().is_some_and(|text| is_generated(kind, text)),
        };
        return if fits { None } else { differ() };
    }
    match (wanted, found) {
        (Json::Array(wanted), Json::Array(found)) => {
            if wanted.len() != found.len() {
                return differ();
            }
            let inner = format!("{pattern}[*]");
            let mut left: Vec<&Json> = found.iter().collect();
            for (index, item) in wanted.iter().enumerate() {
                let place = match unordered.contains(&pattern) {
                    true => left.iter().position(|other| compare(item, other, path, &inner, unordered).is_none()),
                    false => Some(0),
                };
                let Some(place) = place else { return Some(format!("{path}: {item} is not in {found:?}")) };
                let other = left.remove(place);
                if let Some(fault) = compare(item, other, &format!("{path}[{index}]"), &inner, unordered) {
                    return Some(fault);
                }
            }
            None
        }
        (Json::Object(one), Json::Object(other)) => match (leaf(one), leaf(other)) {
            (None, None) => one.keys().chain(other.keys()).find_map(|key| {
                let (wanted, found) = (one.get(key).unwrap_or(&Json::Null), other.get(key).unwrap_or(&Json::Null));
                compare(wanted, found, &format!("{path}.{key}"), &format!("{pattern}.{key}"), unordered)
            }),
            (Some(one), Some(other)) if one == other => None,
            _ => differ(),
        },
        (Json::Number(one), Json::Number(other)) => {
            let (one, other) = (one.as_f64().unwrap_or(f64::NAN), other.as_f64().unwrap_or(f64::NAN));
            let close = one == other || (one - other).abs() <= 1e-12 * one.abs().max(other.abs());
            if close { None } else { differ() }
        }
        (one, other) if one == other => None,
        _ => differ(),
    }
}

fn tag<'a>(value: &'a Json, name: &str) -> Option<&'a str> {
    value.as_object().filter(|object| object.len() == 1)?.get(name)?.as_str()
}

/// Returns a tagged value in a form of which there is one.
fn leaf(object: &Map<String, Json>) -> Option<(&str, String)> {
    let (name, value) = object.iter().next().filter(|_| object.len() == 1)?;
    let text = value.as_str()?;
    match name.as_str() {
        "$bigint" | "$float" => Some((name, text.to_owned())),
        "$bytes" => Some((name, text.trim_end_matches('=').to_owned())),
        "$decimal" => Some((name, text.parse::<f64>().ok()?.to_string())),
        "$datetime" => Some((name, text.replace('Z', "+00:00"))),
        _ => None,
    }
}

fn is_generated(kind: &str, text: &str) -> bool {
    let all = |length: usize, fits: fn(char) -> bool| text.len() == length && text.chars().all(fits);
    let lower = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    match kind {
        "cuid" => all(25, lower) && text.starts_with('c'),
        "cuid2" => all(24, lower) && text.starts_with(|first: char| first.is_ascii_lowercase()),
        "uuid" => all(36, |character| character.is_ascii_hexdigit() || character == '-'),
        "uuid7" => {
            all(36, |character| character.is_ascii_hexdigit() || character == '-') && text[14..].starts_with('7')
        }
        "ulid" => all(26, |character| character.is_ascii_uppercase() || character.is_ascii_digit()),
        "nanoid" | "nanoid8" => {
            let length = if kind == "nanoid" { 21 } else { 8 };
            all(length, |character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-'))
        }
        _ => false,
    }
}
