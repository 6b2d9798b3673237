//! No text and no number of a caller's becomes SQL.

use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use mbl::db::Database;
use serde_json::{Map, Value as Json, json};

use super::random::{Random, setting};
use super::{ask, database, recorded_schema};

/// What marks a text of the caller's, wherever it goes.
const MARK: &str = "zqxj";
/// What marks a number.
const NUMBER: i64 = 918_273_645;

/// Texts that would do harm in SQL.
const ATTACKS: [&str; 10] = [
    "zqxj'; DROP TABLE \"User\"; --",
    "zqxj\"; DELETE FROM \"User\"; --",
    "zqxj' OR '1'='1",
    "zqxj`",
    "zqxj) UNION SELECT * FROM sqlite_schema --",
    "zqxj/*",
    "*/zqxj",
    "[zqxj]",
    "zqxj\u{0}'\"",
    "?1 :zqxj @zqxj $zqxj",
];

#[test]
fn no_text_of_the_callers_becomes_sql() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/conformance/cases");
    let mut random = Random::new(setting("MBL_SEED", 1));
    let (mut answered, mut refused, mut statements) = (0, 0, 0);
    let mut files: Vec<_> = fs::read_dir(folder).expect("the cases are there").flatten().collect();
    files.sort_by_key(|file| file.file_name());
    for file in files {
        let scenario: Json = serde_json::from_slice(&fs::read(file.path()).expect("readable")).expect("JSON");
        let schema = recorded_schema(scenario["schema"].as_str().expect("a schema"));
        let database = database(&schema);
        let seen = listen(&database);
        for step in scenario["steps"].as_array().expect("a list") {
            let mut request = json!({ "model": step["model"], "action": step["action"], "args": step["args"] });
            if step.get("$transaction").is_some() {
                request = json!({ "transaction": step["$transaction"] });
            } else if step["args"].is_null() {
                request["args"] = json!({});
            }
            // As it was, then with marks at each value, then at one of the names.
            ask(&database, &request);
            seen.borrow_mut().clear();
            for marked in [
                mark_values(&request, &mut random),
                mark_values(&request, &mut random),
                mark_name(&request, &mut random),
            ] {
                let reply = ask(&database, &marked);
                *if reply.get("error").is_some() { &mut refused } else { &mut answered } += 1;
                for sql in seen.borrow_mut().drain(..) {
                    statements += 1;
                    let clean = !sql.contains(MARK) && !sql.contains(&NUMBER.to_string());
                    assert!(clean, "{marked}\nbecame {sql}");
                }
            }
        }
    }
    println!("{answered} answered, {refused} refused, {statements} statements");
    assert!(answered > 800 && statements > 2_000, "{answered} answered, {refused} refused, {statements} statements");
}

#[test]
fn a_refused_name_runs_no_statement() {
    let database = database(&recorded_schema("blog.prisma"));
    let seen = listen(&database);
    for attack in ATTACKS {
        let requests = [
            json!({ "model": attack, "action": "findMany" }),
            json!({ "model": "user", "action": attack }),
            json!({ "model": "user", "action": "findMany", "args": { attack: 1 } }),
            json!({ "model": "user", "action": "findMany", "args": { "where": { attack: 1 } } }),
            json!({ "model": "user", "action": "findMany", "args": { "where": { "email": { attack: "x" } } } }),
            json!({ "model": "user", "action": "findMany", "args": { "where": { "posts": { "some": { attack: 1 } } } } }),
            json!({ "model": "user", "action": "findMany", "args": { "where": { "role": attack } } }),
            json!({ "model": "user", "action": "findMany", "args": { "orderBy": { attack: "asc" } } }),
            json!({ "model": "user", "action": "findMany", "args": { "orderBy": { "email": attack } } }),
            json!({ "model": "user", "action": "findMany", "args": { "distinct": [attack] } }),
            json!({ "model": "user", "action": "findMany", "args": { "select": { attack: true } } }),
            json!({ "model": "user", "action": "findMany", "args": { "include": { "posts": { "where": { attack: 1 } } } } }),
            json!({ "model": "user", "action": "findMany", "args": { "take": attack } }),
            json!({ "model": "user", "action": "findMany", "args": { "cursor": { attack: 1 } } }),
            json!({ "model": "user", "action": "findMany", "args": { "where": { "name": { "equals": { "$field": format!("User.{attack}") } } } } }),
            json!({ "model": "user", "action": "findMany", "args": { "where": { "name": { "equals": { "$field": format!("{attack}.name") } } } } }),
            json!({ "model": "user", "action": "create", "args": { "data": { "email": "x", attack: 1 } } }),
            json!({ "model": "user", "action": "create", "args": { "data": { "email": "x", "posts": { attack: {} } } } }),
            json!({ "model": "user", "action": "update", "args": { "where": { "id": 1 }, "data": { "age": { attack: 1 } } } }),
            json!({ "model": "like", "action": "findUnique", "args": { "where": { attack: { "userId": 1, "postId": 1 } } } }),
            json!({ "model": "user", "action": "groupBy", "args": { "by": [attack] } }),
            json!({ "model": "user", "action": "groupBy", "args": { "by": ["role"], "_sum": { attack: true } } }),
            json!({ "model": "user", "action": "aggregate", "args": { attack: { "age": true } } }),
        ];
        for request in requests {
            let reply = ask(&database, &request);
            let known = reply["error"]["code"] == "P2019";
            assert!(reply["error"]["kind"] == "validation" || known, "{request}: {reply}");
            assert_eq!(*seen.borrow(), Vec::<String>::new(), "{request}");
        }
        // As a value it is kept, and found again.
        let args = json!({ "data": { "email": attack } });
        assert_eq!(super::call(&database, "user", "create", args)["email"], attack);
        for filter in [json!(attack), json!({ "startsWith": attack }), json!({ "in": [attack] })] {
            let found = super::call(&database, "user", "findMany", json!({ "where": { "email": filter } }));
            assert_eq!(found[0]["email"], attack);
        }
        seen.borrow_mut().clear();
    }
}

/// Returns the list to which the text of each statement is added.
fn listen(database: &Database) -> Rc<RefCell<Vec<String>>> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    database.store().on_statement(Some(Box::new(move |sql, _| log.borrow_mut().push(sql.to_owned()))));
    seen
}

/// Puts a mark into the values of a request.
fn mark_values(value: &Json, random: &mut Random) -> Json {
    match value {
        Json::Object(object) => Json::Object(
            object
                .iter()
                .map(|(key, value)| {
                    let fixed = matches!(key.as_str(), "model" | "action" | "orderBy" | "by" | "distinct")
                        || key.starts_with('$') && key != "$bigint";
                    (key.clone(), if fixed { value.clone() } else { mark_values(value, random) })
                })
                .collect(),
        ),
        Json::Array(items) => Json::Array(items.iter().map(|item| mark_values(item, random)).collect()),
        Json::String(text) if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() => {
            json!(NUMBER.to_string())
        }
        Json::String(text) => json!(format!("{text}{}", random.pick(&ATTACKS))),
        Json::Number(number) if number.is_i64() && random.chance(70) => json!(NUMBER),
        other => other.clone(),
    }
}

/// Puts an attack in the place of one name.
fn mark_name(request: &Json, random: &mut Random) -> Json {
    let names = count_names(request);
    let mut nth = random.below(names);
    let attack = *random.pick(&ATTACKS);
    rename(request, &mut nth, attack)
}

fn count_names(value: &Json) -> usize {
    match value {
        Json::Object(object) => object.len() + object.values().map(count_names).sum::<usize>(),
        Json::Array(items) => items.iter().map(count_names).sum(),
        _ => 0,
    }
}

fn rename(value: &Json, nth: &mut usize, name: &str) -> Json {
    match value {
        Json::Object(object) => {
            let mut renamed = Map::new();
            for (key, value) in object {
                let here = *nth == 0;
                *nth = nth.wrapping_sub(1);
                renamed.insert(if here { name.to_owned() } else { key.clone() }, rename(value, nth, name));
            }
            Json::Object(renamed)
        }
        Json::Array(items) => Json::Array(items.iter().map(|item| rename(item, nth, name)).collect()),
        other => other.clone(),
    }
}
