//! Arguments that are checked: golden files, and every recorded call.

use std::fs;
use std::path::{Path, PathBuf};

use mbl::json::JsonArgs;
use mbl::query::{Action, ArgErrors, Query, check, input};
use mbl::schema::Schema;
use mbl::value::{Args, ArgsFault, ArgsSink, Scalar, Sentinel, Wish};
use serde_json::{Map, Value as Json, json};

fn spec(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("spec").join(path)
}

/// Reads a recorded schema, or a text that is one.
fn schema(name: &str) -> Schema {
    if !name.ends_with(".prisma") {
        return Schema::parse_text("schema.prisma", name).unwrap_or_else(|(_, faults)| panic!("{faults:?}"));
    }
    let text = fs::read_to_string(spec("conformance/schemas").join(name)).expect("the schema is there");
    Schema::parse_text(name, &text).unwrap_or_else(|(_, faults)| panic!("{name}: {faults:?}"))
}

/// Checks a call; the shape and the tree must agree on the number of values.
fn check_call(schema: &Schema, model: &str, action: &str, args: &dyn Args) -> Result<Query, ArgErrors> {
    let model = schema.model_by_accessor(model).unwrap_or_else(|| panic!("model {model}"));
    let action = Action::named(action).unwrap_or_else(|| panic!("action {action}"));
    let mut shape = input::Shape::default();
    assert!(input::shape(schema, model, action, args, usize::MAX, &mut shape)?);
    let tree = input::tree(schema, model, args)?;
    let query = check(schema, model, action, &tree)?;
    // A long shape is given up, and the tree has the values.
    let mut values = Vec::new();
    input::values(tree, &mut values);
    assert_eq!(query.slots.len(), shape.values.len());
    assert_eq!(query.slots.len(), values.len());
    for (slot, (one, other)) in query.slots.iter().zip(shape.values.iter().zip(&values)) {
        let convert = |raw| mbl::query::convert::convert(schema, slot, raw).expect("a checked value converts");
        assert_eq!(convert(one), convert(other));
    }
    Ok(query)
}

/// Arguments as a Lua table feeds them: no order of keys, lost nils, `{}` that may be a list.
///
/// `{"$all": true}` is `db.all`, and `{"$json": ...}` an object that json.decode made.
struct LuaArgs<'a>(&'a Json);

impl Args for LuaArgs<'_> {
    fn feed(&self, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        feed_lua(self.0, Wish::Walk, sink)
    }
}

fn feed_lua(value: &Json, wish: Wish, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
    match value {
        Json::Object(object) if object.contains_key("$all") => sink.scalar(Scalar::Sentinel(Sentinel::All)),
        Json::Object(object) if object.contains_key("$json") => JsonArgs(&object["$json"]).feed(sink),
        Json::Object(object) if object.keys().any(|key| key.starts_with('$')) => JsonArgs(value).feed(sink),
        _ if wish == Wish::Json => sink.json(value.to_string()),
        Json::Object(object) if object.is_empty() => sink.empty(true),
        Json::Array(items) if items.is_empty() => sink.empty(true),
        Json::Array(items) => {
            sink.begin_list()?;
            for item in items {
                feed_lua(item, Wish::Walk, sink)?;
            }
            sink.end_list();
            Ok(())
        }
        Json::Object(object) => {
            sink.begin_object(true)?;
            for (key, value) in object {
                let wish = sink.key(key)?;
                feed_lua(value, wish, sink)?;
            }
            sink.end_object();
            Ok(())
        }
        _ => JsonArgs(value).feed(sink),
    }
}

#[test]
fn arguments_are_refused_with_path_and_reason() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut files: Vec<PathBuf> =
        fs::read_dir(spec("query")).expect("spec/query").map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    let mut faults = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("UTF-8");
        let mut cases: Vec<Map<String, Json>> = serde_json::from_str(&text).expect("a list of cases");
        for case in &mut cases {
            let text_of = |key: &str| case.get(key).and_then(Json::as_str).unwrap_or_default().to_owned();
            let schema = schema(&text_of("schema"));
            let empty = json!({});
            let args = case.get("args").unwrap_or(&empty);
            let (model, action) = (text_of("model"), text_of("action"));
            let outcome = if case.get("lua") == Some(&Json::Bool(true)) {
                check_call(&schema, &model, &action, &LuaArgs(args))
            } else {
                check_call(&schema, &model, &action, &JsonArgs(args))
            };
            let (key, expected) = match outcome {
                Ok(_) => ("ok", json!(true)),
                Err(errors) => ("errors", errors.0.iter().map(error_json).collect()),
            };
            if case.get(key) != Some(&expected) || case.contains_key("ok") && key == "errors" {
                let before = case.get("ok").or(case.get("errors")).unwrap_or(&Json::Null);
                faults.push(format!(
                    "{}: {}\n  expected {before}\n  found    {expected}",
                    file.display(),
                    text_of("name")
                ));
                case.remove("ok");
                case.remove("errors");
                case.insert(key.to_owned(), expected);
            }
        }
        if update {
            let mut text = serde_json::to_string_pretty(&cases).expect("JSON");
            text.push('\n');
            fs::write(&file, text).expect("the file can be written");
        }
    }
    assert!(update || faults.is_empty(), "{}", faults.join("\n"));
}

fn error_json(error: &mbl::query::ArgError) -> Json {
    let mut object = json!({ "code": error.code, "path": error.path, "message": error.message });
    if let Some(help) = &error.help {
        object["help"] = json!(help);
    }
    object
}

#[test]
fn recorded_calls_are_accepted_and_refused_as_in_prisma() {
    let mut faults = Vec::new();
    let (mut accepted, mut refused) = (0, 0);
    for entry in fs::read_dir(spec("conformance/cases")).into_iter().flatten() {
        let file = entry.expect("an entry").path();
        let scenario: Json = serde_json::from_str(&fs::read_to_string(&file).expect("UTF-8")).expect("JSON");
        let schema = schema(scenario["schema"].as_str().expect("a schema"));
        for step in scenario["steps"].as_array().expect("steps") {
            if step.get("quirk").is_some() {
                continue;
            }
            let empty = json!({});
            let one = std::slice::from_ref(step);
            let calls = step.get("$transaction").and_then(Json::as_array).map_or(one, Vec::as_slice);
            let mut errors: Vec<String> = Vec::new();
            for call in calls {
                let action = call["action"].as_str().expect("an action");
                if Action::named(action).is_none() {
                    errors.push("unknown_action".to_owned());
                    continue;
                }
                let args = call.get("args").unwrap_or(&empty);
                let model = call["model"].as_str().expect("a model");
                if let Err(found) = check_call(&schema, model, action, &JsonArgs(args)) {
                    errors.extend(found.0.iter().map(|error| format!("{} {}", error.code, error.message)));
                }
            }
            let expected = match step["error"]["kind"].as_str() {
                Some("validation" | "any") => true,
                Some("known") => {
                    let code = step["error"]["code"].as_str().expect("a known error has a code");
                    errors.iter().any(|error| error.starts_with(code))
                }
                _ => false,
            };
            if expected != errors.is_empty() {
                if expected {
                    refused += 1
                } else {
                    accepted += 1
                }
                continue;
            }
            faults.push(format!(
                "{} {}: {} {}\n    recorded: {}\n    found: {errors:?}",
                scenario["name"], step["id"], step["model"], step["action"], step["error"]["message"]
            ));
            faults.push(format!("    args: {}", step["args"]));
        }
    }
    println!("{accepted} accepted, {refused} refused");
    assert!(accepted > 0 && refused > 0, "the recorded cases are there");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len() / 2, faults.join("\n"));
}

#[test]
fn deep_arguments_are_refused_or_checked_without_harm() {
    let schema = schema("blog.prisma");
    let data = json!({ "text": "x" });
    let calls = [
        ("findMany", "where", vec!["NOT"], json!({ "id": 1 }), true),
        ("findMany", "where", vec!["replies", "some"], json!({ "id": 1 }), true),
        ("findMany", "include", vec!["replies", "include"], json!({ "author": true }), true),
        ("update", "data", vec!["parent", "update"], data.clone(), false),
        ("update", "data", vec!["replies", "create"], data, false),
    ];
    for (action, first, keys, last, whole) in calls {
        for (depth, works) in [(240, true), (300, false), (10_000, false)] {
            let args = Deep { first, keys: &keys, last: &last, depth };
            match check_call(&schema, "comment", action, &args) {
                Ok(_) => assert!(works && whole, "{action} {depth}"),
                Err(errors) => assert_eq!(errors.0.iter().any(|error| error.code == "too_deep"), !works, "{errors}"),
            }
        }
    }
}

/// `where: { NOT: { NOT: ... { id: 1 } } }` and its like.
struct Deep<'a> {
    first: &'a str,
    keys: &'a [&'a str],
    last: &'a Json,
    depth: usize,
}

impl Args for Deep<'_> {
    fn feed(&self, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault> {
        sink.begin_object(false)?;
        sink.key(self.first)?;
        for key in self.keys.iter().cycle().take(self.depth) {
            sink.begin_object(false)?;
            sink.key(key)?;
        }
        JsonArgs(self.last).feed(sink)?;
        for _ in 0..self.depth {
            sink.end_object();
        }
        sink.end_object();
        Ok(())
    }
}

#[test]
fn calls_that_differ_in_values_only_have_one_shape() {
    let schema = schema("blog.prisma");
    let shape = |model: &str, action: &str, args: Json| {
        let mut shape = input::Shape::default();
        let model = schema.model_by_accessor(model).expect("a model");
        let action = Action::named(action).expect("an action");
        input::shape(&schema, model, action, &JsonArgs(&args), usize::MAX, &mut shape).expect("a shape");
        shape.shape
    };
    let user = |args| shape("user", "findMany", args);
    let post = |args| shape("post", "findMany", args);
    let same = [
        (json!({"where": {"email": "a"}}), json!({"where": {"email": "b"}})),
        (json!({"where": {"id": {"in": [1]}}}), json!({"where": {"id": {"in": [1, 2, 3]}}})),
        (json!({"take": 2, "skip": 3}), json!({"take": 7, "skip": 1000})),
    ];
    for (one, other) in same {
        assert_eq!(user(one.clone()), user(other), "{one}");
    }
    let different = [
        (json!({"where": {"name": "a"}}), json!({"where": {"name": null}})),
        (json!({"where": {"active": true}}), json!({"where": {"active": false}})),
        (json!({"where": {"id": {"in": []}}}), json!({"where": {"id": {"in": [1]}}})),
        (json!({"take": 2}), json!({"take": -2})),
        (json!({"orderBy": {"id": "asc"}}), json!({"orderBy": {"id": "desc"}})),
        (json!({"distinct": ["role"]}), json!({"distinct": ["role", "name"]})),
        (
            json!({"where": {"age": {"gt": {"$field": "User.id"}}}}),
            json!({"where": {"age": {"gt": {"$field": "User.managerId"}}}}),
        ),
        (json!({"where": {"AND": [{"id": 1}]}}), json!({"where": {"AND": {"id": 1}}})),
        (json!({"where": {"AND": [{"id": 1}, {"id": 1}]}}), json!({"where": {"AND": [{"id": 1, "AND": {"id": 1}}]}})),
    ];
    for (one, other) in different {
        assert_ne!(user(one.clone()), user(other), "{one}");
    }
    assert_eq!(
        post(json!({"where": {"meta": {"equals": {"a": [1]}}}})),
        post(json!({"where": {"meta": {"equals": 5}}})),
        "a Json value is one value",
    );
    assert_ne!(post(json!({"where": {"meta": {"equals": null}}})), post(json!({"where": {"meta": {"equals": 5}}})));
}

#[test]
fn enormous_arguments_are_refused_at_once() {
    let schema = schema("blog.prisma");
    let keys: Map<String, Json> = (0..50_000).map(|index| (format!("key{index}"), json!(index))).collect();
    let rows: Vec<Json> = (0..20_000).map(|index| json!({ "emial": index })).collect();
    let items: Vec<Json> = (0..50_000).map(|index| json!(format!("{index}"))).collect();
    let calls = [
        ("findMany", json!(keys)),
        ("findMany", json!({ "where": keys })),
        ("createMany", json!({ "data": rows })),
        ("findMany", json!({ "where": { "id": { "in": items } } })),
    ];
    for (action, args) in calls {
        let start = std::time::Instant::now();
        let errors = check_call(&schema, "user", action, &JsonArgs(&args)).expect_err("refused");
        assert!(errors.0.len() <= 50);
        println!("{action}: {:?}", start.elapsed());
    }
}
