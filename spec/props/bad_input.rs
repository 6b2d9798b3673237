//! Arguments that are refused: each says where and why, at once, and no statement runs.
//!
//! `spec/messages/*.txt` holds requests to the JSON door (`>`) and the answers (`<`); `UPDATE_EXPECT=1` writes the answers anew.

use std::fs;
use std::path::Path;
use std::time::Duration;

use mbl::db::{Database, ErrorKind};
use mbl::json::{JsonArgs, JsonRows};
use mbl::query::Action;
use mbl::runtime::answer;
use mbl::value::{Args, ArgsFault, ArgsSink, Scalar};
use rustix::time::ClockId;
use serde_json::{Value as Json, json};

use crate::cli::spent;

use super::{ask, call, database, recorded_schema};

/// More than any refusal may need, on a slow machine and without optimization.
const AT_ONCE: Duration = Duration::from_millis(100);

#[test]
fn messages_are_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/messages");
    let mut differing = Vec::new();
    for file in fs::read_dir(folder).expect("the messages are there").flatten() {
        let written = fs::read_to_string(file.path()).expect("readable");
        let database = database(&recorded_schema("blog.prisma"));
        let mut found = String::new();
        for line in written.lines().filter(|line| !line.starts_with('<')) {
            found.push_str(&format!("{line}\n"));
            let Some(request) = line.strip_prefix('>') else { continue };
            let (reply, records) = database
                .store()
                .record(|| at_once(AT_ONCE, request, || answer(&database, request.trim_start().as_bytes())));
            found.push_str(&format!("< {reply}\n"));
            let reply: Json = serde_json::from_str(&reply).expect("an answer is JSON");
            let error = &reply["error"];
            // P2019 and its like are Prisma's own codes for some arguments.
            let known = error["code"].as_str().is_some_and(|code| code.starts_with("P2"));
            assert!(error["kind"] == "validation" || known, "{request}: {reply}");
            let mut texts = records.iter().map(|record| record.sql.as_str());
            let transaction = request.contains("\"transaction\"");
            assert!(texts.all(|sql| transaction && !sql.starts_with("INSERT")), "{request} ran {records:?}");
        }
        if found != written {
            differing.push(file.path());
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                fs::write(file.path(), &found).expect("writable");
            }
        }
    }
    let updated = std::env::var_os("UPDATE_EXPECT").is_some();
    assert!(updated || differing.is_empty(), "other messages than written in {differing:?}: run with UPDATE_EXPECT=1");
}

/// Runs `body`, which has to take no more of the processor than that. A first run may have more to do.
fn at_once<T>(limit: Duration, context: &str, body: impl Fn() -> T) -> T {
    for _ in 0..2 {
        let before = spent(ClockId::ThreadCPUTime);
        let result = body();
        if spent(ClockId::ThreadCPUTime) - before < limit {
            return result;
        }
    }
    panic!("{context} takes longer than {limit:?}");
}

/// Asserts that a line is refused at once.
fn assert_refused(database: &Database, line: &[u8], reason: &str) -> Json {
    let shown = String::from_utf8_lossy(&line[..line.len().min(120)]).into_owned();
    // Reading a line takes time for each of its bytes.
    let limit = AT_ONCE + Duration::from_millis(line.len() as u64 / 2_000);
    let reply = at_once(limit, &shown, || answer(database, line));
    let reply: Json = serde_json::from_str(&reply).expect("an answer is JSON");
    assert_eq!(reply["error"]["kind"], "validation", "{shown}: {reply}");
    assert_eq!(reply["error"]["meta"]["reason"], reason, "{shown}: {reply}");
    assert!(reply.to_string().len() < 32_000, "{shown}: an answer of {} bytes", reply.to_string().len());
    reply
}

fn line(model: &str, action: &str, args: &Json) -> Vec<u8> {
    json!({ "model": model, "action": action, "args": args }).to_string().into_bytes()
}

#[test]
fn depth_is_bounded() {
    let database = database(&recorded_schema("blog.prisma"));
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("{\"AND\":[", "]}"), ("{\"NOT\":", "}")] {
        for depth in [200, 10_000, 100_000] {
            let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            let line = format!(r#"{{"model":"user","action":"findMany","args":{{"where":{value}}}}}"#);
            assert_refused(&database, line.as_bytes(), "too_deep");
        }
    }
    let fault = run(&database, &Endless("AND", false)).expect_err("it has no end");
    assert_eq!((fault.0.as_str(), fault.1), ("too_deep", ErrorKind::Validation));
    assert!(fault.2.starts_with("AND.AND."), "{}", fault.2);
    let fault = run(&database, &Endless("AND", true)).expect_err("it has no end");
    assert_eq!((fault.0.as_str(), fault.1), ("too_deep", ErrorKind::Validation));
}

/// Puts a filter into another.
type Wrap<'a> = &'a dyn Fn(Json) -> Json;

#[test]
fn what_is_just_not_too_deep_is_answered() {
    let database = database(&recorded_schema("blog.prisma"));
    call(&database, "user", "create", json!({ "data": { "email": "a" } }));
    let user = database.schema().model_named("User").expect("a model");
    let wraps: [(&str, usize, Wrap); 6] = [
        ("NOT", 250, &|inner| json!({ "NOT": inner })),
        ("AND", 124, &|inner| json!({ "AND": [inner, { "id": { "gt": 0 } }] })),
        ("OR", 124, &|inner| json!({ "OR": [inner, { "id": 0 }] })),
        ("is", 124, &|inner| json!({ "manager": { "isNot": inner } })),
        ("short", 250, &|inner| json!({ "manager": inner })),
        ("some", 124, &|inner| json!({ "reports": { "every": inner } })),
    ];
    for (name, levels, wrap) in wraps {
        let filter = (0..levels).fold(json!({ "id": 1 }), |inner, _| wrap(inner));
        let mut rows = JsonRows::new();
        match database.run(user, Action::FindMany, &JsonArgs(&json!({ "where": filter })), &mut rows) {
            Ok(()) => {}
            // SQLite nests less deep than arguments may.
            Err(error) => assert_eq!(error.code.as_deref(), Some("P2029"), "{name}: {error}"),
        }
    }
    let (include, data) = (0..84).fold((json!({}), json!({ "email": "last" })), |(include, data), level| {
        let data = json!({ "email": format!("u{level}"), "reports": { "create": data } });
        (json!({ "include": { "reports": include } }), data)
    });
    let mut rows = JsonRows::new();
    database.run(user, Action::FindMany, &JsonArgs(&include), &mut rows).expect("relations nest as deep as arguments");
    let mut rows = JsonRows::new();
    let args = json!({ "data": data });
    database.run(user, Action::Create, &JsonArgs(&args), &mut rows).expect("writes nest as deep as arguments");
    assert_eq!(call(&database, "user", "count", json!({})), 86);
}

/// Arguments that open without end.
struct Endless(&'static str, bool);

impl Args for Endless {
    fn feed(&self, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        loop {
            sink.begin_object(false)?;
            sink.key(self.0)?;
            if self.1 {
                sink.begin_list()?;
            }
        }
    }
}

/// Arguments with text that is not UTF-8.
struct NotText(&'static str);

impl Args for NotText {
    fn feed(&self, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        sink.begin_object(true)?;
        sink.key(self.0)?;
        match self.0 {
            "where" => {
                sink.begin_object(true)?;
                sink.key("email")?;
                sink.scalar(Scalar::Text(b"a\xff"))?;
                sink.end_object();
            }
            _ => sink.scalar(Scalar::Text(b"a\xff"))?,
        }
        sink.end_object();
        Ok(())
    }
}

/// Returns the code, the kind and the path of a refusal of `user.findMany`.
fn run(database: &Database, args: &dyn Args) -> Result<(), (String, ErrorKind, String)> {
    let user = database.schema().model_named("User").expect("a model");
    database.run(user, Action::FindMany, args, &mut JsonRows::new()).map_err(|error| {
        let path = error.meta["path"].as_str().unwrap_or_default().to_owned();
        (error.code.unwrap_or_default(), error.kind, path)
    })
}

#[test]
fn text_is_utf8() {
    let database = database(&recorded_schema("blog.prisma"));
    for line in [
        &b"\xff"[..],
        b"{\"model\":\"us\xffer\"}",
        b"{\"model\":\"user\",\"action\":\"findMany\",\"args\":{\"where\":{\"email\":\"\xc3\"}}}",
    ] {
        assert_refused(&database, line, "not_json");
    }
    for (key, path) in [
        ("where", "where.email"),
        ("take", "take"),
        ("orderBy", "orderBy"),
        ("distinct", "distinct"),
        ("select", "select"),
    ] {
        let fault = run(&database, &NotText(key)).expect_err("it is no text");
        assert_eq!((fault.1, fault.2.as_str()), (ErrorKind::Validation, path), "{fault:?}");
    }
}

#[test]
fn what_is_enormous_is_refused_or_works() {
    let database = database(&recorded_schema("blog.prisma"));
    let long = "x".repeat(1 << 20);
    assert_refused(&database, &line(&long, "findMany", &json!({})), "unknown_model");
    assert_refused(&database, &line("user", &long, &json!({})), "unknown_action");
    assert_refused(&database, &line("user", "findMany", &json!({ long.as_str(): 1 })), "unknown_argument");
    assert_refused(&database, &line("user", "findMany", &json!({ "where": { long.as_str(): 1 } })), "unknown_field");
    assert_refused(&database, &line("user", "findMany", &json!({ "where": { "id": long } })), "wrong_type");
    assert_refused(&database, &line("user", "findMany", &json!({ "where": { "role": long } })), "invalid_value");
    assert_refused(
        &database,
        &line("user", "findMany", &json!({ "orderBy": { long.as_str(): "asc" } })),
        "unknown_field",
    );
    assert_refused(
        &database,
        &line("user", "findMany", &json!({ "where": { "points": { "$bigint": "9".repeat(1 << 20) } } })),
        "out_of_range",
    );
    assert_refused(
        &database,
        &line("user", "findMany", &json!({ "where": { "name": { "contains": long } } })),
        "out_of_range",
    );
    // A list of wrong items, a row of many unknown names.
    let wrong: Vec<Json> = (0..100_000).map(|number| json!(format!("{number}"))).collect();
    assert_refused(&database, &line("user", "findMany", &json!({ "where": { "id": { "in": wrong } } })), "wrong_type");
    let names: serde_json::Map<String, Json> = (0..20_000).map(|number| (format!("name{number}"), json!(1))).collect();
    assert_refused(&database, &line("user", "findMany", &json!({ "where": names })), "unknown_field");
    assert_refused(&database, &line("user", "create", &json!({ "data": names })), "unknown_field");
    assert_refused(&database, &line("user", "findMany", &json!({ "select": names })), "unknown_field");
    assert_refused(
        &database,
        &line("user", "createMany", &json!({ "data": vec![json!({ "emial": "x" }); 10_000] })),
        "unknown_field",
    );
    // A long text is a value like any other.
    let made = call(&database, "user", "create", json!({ "data": { "email": long } }));
    assert_eq!(made["email"], long.as_str());
    let found = call(&database, "user", "findMany", json!({ "where": { "email": long } }));
    assert_eq!(found[0]["id"], made["id"]);
}

#[test]
fn conditions_may_be_many() {
    let database = database(&recorded_schema("blog.prisma"));
    let rows: Vec<Json> = (1..=5_000).map(|id| json!({ "id": id, "email": format!("u{id}") })).collect();
    call(&database, "user", "createMany", json!({ "data": rows }));
    let each: Vec<Json> = (1..=5_000).map(|id| json!({ "id": id })).collect();
    let none: Vec<Json> = (1..=5_000).map(|id| json!({ "id": { "not": id } })).collect();
    assert_eq!(call(&database, "user", "count", json!({ "where": { "OR": each } })), 5_000);
    assert_eq!(call(&database, "user", "count", json!({ "where": { "AND": none } })), 0);
    assert_eq!(call(&database, "user", "count", json!({ "where": { "NOT": each } })), 0);
    // Links are found one by one, or all in one condition.
    let following = |operation: &str| {
        let data = json!({ "following": { operation: each } });
        call(&database, "user", "update", json!({ "where": { "id": 1 }, "data": data, "include": { "_count": true } }))
            ["_count"]["following"]
            .clone()
    };
    assert_eq!(following("connect"), 5_000);
    assert_eq!(following("set"), 5_000);
    assert_eq!(following("disconnect"), 0);
    let reports = |operation: &str| {
        let data = json!({ "reports": { operation: each } });
        call(&database, "user", "update", json!({ "where": { "id": 1 }, "data": data, "include": { "_count": true } }))
            ["_count"]["reports"]
            .clone()
    };
    assert_eq!(reports("connect"), 5_000);
    assert_eq!(reports("disconnect"), 0);
    assert_eq!(reports("set"), 5_000);
    // More values than one statement takes: Prisma's code for it.
    let beyond: Vec<Json> = (1..=40_000).map(|id| json!({ "id": id })).collect();
    let reply = ask(&database, &json!({ "model": "user", "action": "count", "args": { "where": { "OR": beyond } } }));
    assert_eq!(reply["error"]["code"], "P2029", "{reply}");
}
