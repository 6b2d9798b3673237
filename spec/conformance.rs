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
