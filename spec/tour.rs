//! A tour of every package at once: each operation called with what its annotations ask for, by its own tenant and by another one; each
//! component rendered with hostile text.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use html5ever::driver::ParseOpts;
use html5ever::tendril::TendrilSink;
use html5ever::{QualName, local_name, ns, parse_fragment};
use markup5ever_rcdom::{Node, NodeData, RcDom};
use mbl::html;
use mbl::lua::Context;
use mbl::package::{Annotations, Class, Field, NODE_TYPES, PackageSet, Type, read_annotations};
use mbl::schema::ScalarType;
use mbl::{Error, Runtime};
use serde_json::{Map, Value as Json, json};

use crate::cli::root;

/// Texts that break out of whatever does not hold them; `LONG` stands for 10,000 characters.
const HOSTILE: &[&str] = &[
    "acme</textarea></script><script>alert(1)</script><img src=x onerror=\"alert(1)\"> ' \" ` & {{ }} \u{202e}\u{200f}\u{0}",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "]]>--><!--</style></title></textarea>",
    "&lt;b&gt; &amp; &#39; &#0; &nosuch; &#x110000;",
    LONG,
    "\u{202e}right to left\u{202c} \u{2066}\u{200f}אבג",
    "javascript:alert(1)",
    "[a](javascript:alert(1)) ![b](data:text/html,x) <a href=\"javascript:alert(1)\">",
    "# one\n\n> two\n- three\n\n| a | b |\n|---|---|\n| <td> | </table> |\n\n    <pre>\n\n```\n</code></pre>\n```\n\n<div>\n",
    "{{ constructor }} ${x} %s \\ ` \t\n\r",
    "\u{1}\u{8}\u{b}\u{c}\u{1b}\u{7f}\u{85}\u{9f}\u{fdd0}\u{fffe}\u{1ffff}",
    "",
];
const LONG: &str = "LONG";

/// An operation, and what it takes.
struct Operation {
    package: String,
    name: String,
    parameters: Vec<Field>,
}

/// All packages over one database in memory, and what has been made in them so far.
struct Tour {
    runtime: Runtime,
    operations: Vec<Operation>,
    classes: HashMap<String, Class>,
    /// What stands for a text.
    text: String,
    /// What stands for a name that anybody may choose.
    key: String,
    /// The newest id of each thing, by the package and the word that names it, or what made it: `forum_forge.thread`,
    /// `forum_forge.createthread`.
    ids: HashMap<String, String>,
    /// Arguments that types alone do not give, by operation.
    samples: Map<String, Json>,
}

impl Tour {
    fn new(text: &str) -> Self {
        let runtime = Runtime::builder().packages(root().join("packages")).in_memory().build().expect("all load");
        let set = runtime.packages();
        let mut classes = HashMap::new();
        for file in fs::read_dir(root().join("stdlib")).expect("it is a folder").flatten() {
            let read = read_annotations(&fs::read_to_string(file.path()).expect("it is text"));
            classes.extend(read.class_types().into_iter().map(|class| (class.name.clone(), class)));
        }
        let mut operations = Vec::new();
        for package in &set.packages {
            let names: BTreeSet<String> = runtime.operations(&package.id).expect("it is loaded").into_iter().collect();
            for read in annotations(&set, &package.id) {
                classes.extend(read.class_types().into_iter().map(|class| (class.name.clone(), class)));
                let signatures = read.signatures();
                for function in
                    read.functions.iter().filter(|function| function.exported && names.contains(&function.name))
                {
                    let signature = signatures.iter().find(|signature| signature.line == function.line);
                    let parameters = signature.map(|signature| signature.parameters.clone()).unwrap_or_default();
                    operations.push(Operation { package: package.id.clone(), name: function.name.clone(), parameters });
                }
            }
        }
        let samples = fs::read_to_string(root().join("spec/tour.json")).expect("it is there");
        let samples = serde_json::from_str(&samples).expect("it is JSON");
        Self {
            runtime,
            operations,
            classes,
            text: text.to_owned(),
            key: "key".to_owned(),
            ids: HashMap::new(),
            samples,
        }
    }

    /// Returns the arguments of a call in a tenant.
    fn arguments(&self, operation: &Operation, tenant: &str) -> Vec<Json> {
        let name = format!("{}.{}", operation.package, operation.name);
        if let Some(Json::Array(args)) = self.samples.get(&name) {
            return args.iter().map(|arg| self.filled(&operation.package, arg, tenant)).collect();
        }
        let sample = |field: &Field| self.sample(&operation.package, &field.name, &field.of, tenant, 0);
        operation.parameters.iter().map(sample).collect()
    }

    /// Puts ids and texts into a written sample: `$id thread`, `$tenant`, `$text`.
    fn filled(&self, package: &str, value: &Json, tenant: &str) -> Json {
        match value {
            Json::String(text) if text == "$tenant" => json!(tenant),
            Json::String(text) if text == "$text" => json!(self.text),
            Json::String(text) => match text.strip_prefix("$id ") {
                Some(noun) => json!(self.id(package, noun)),
                None => json!(text),
            },
            Json::Array(list) => list.iter().map(|item| self.filled(package, item, tenant)).collect(),
            Json::Object(map) => {
                let fill = |(key, item): (&String, &Json)| (key.clone(), self.filled(package, item, tenant));
                Json::Object(map.iter().map(fill).collect())
            }
            other => other.clone(),
        }
    }

    fn id(&self, package: &str, noun: &str) -> String {
        self.ids.get(&format!("{package}.{}", noun.to_lowercase())).cloned().unwrap_or_else(|| "nowhere".into())
    }

    /// Makes a value of a type.
    fn sample(&self, package: &str, name: &str, of: &Type, tenant: &str, depth: usize) -> Json {
        if depth > 8 {
            return Json::Null;
        }
        let inner = |of: &Type| self.sample(package, name, of, tenant, depth + 1);
        match of {
            Type::String | Type::Any => match name.strip_suffix("Id") {
                Some("tenant") => json!(tenant),
                Some("user" | "author" | "sender") => json!("ann"),
                Some(noun) => json!(self.id(package, noun)),
                None => json!(self.text),
            },
            Type::Integer | Type::Number => json!(1),
            Type::Boolean => json!(true),
            Type::Text(text) => json!(text),
            Type::Numeral(number) => json!(number),
            Type::Truth(truth) => json!(truth),
            Type::Nil | Type::Function => Json::Null,
            Type::Table => json!({}),
            Type::Map(_, value) => Json::Object(Map::from_iter([(self.key.clone(), inner(value))])),
            Type::List(item) => json!([inner(item)]),
            Type::Union(parts) => inner(parts.iter().find(|part| **part != Type::Nil).unwrap_or(&Type::Nil)),
            Type::Record(fields) => self.record(package, fields, tenant, depth),
            Type::Class(class) => match self.classes.get(class) {
                Some(_) => self.record(package, &self.fields(class), tenant, depth),
                None => self.row(class),
            },
        }
    }

    fn fields(&self, class: &str) -> Vec<Field> {
        let Some(found) = self.classes.get(class) else { return Vec::new() };
        let inherited = found.parent.as_deref().filter(|parent| *parent != class).map(|parent| self.fields(parent));
        found.fields.iter().cloned().chain(inherited.into_iter().flatten()).collect()
    }

    fn record(&self, package: &str, fields: &[Field], tenant: &str, depth: usize) -> Json {
        // What may be left out is, where values hang together: a page has one of several forms.
        let wanted = |field: &&Field| depth > 0 || !field.optional;
        let sample =
            |field: &Field| (field.name.clone(), self.sample(package, &field.name, &field.of, tenant, depth + 1));
        // A null is not the same as a field that is left out.
        Json::Object(fields.iter().filter(wanted).map(sample).filter(|(_, value)| !value.is_null()).collect())
    }

    /// Makes the props of a component.
    fn props(&self, package: &str, name: &str) -> Json {
        let mut props = self.record(package, &self.fields(&format!("{name}Props")), "acme", 1);
        for (prop, sample) in self.samples.get(name).and_then(Json::as_object).into_iter().flatten() {
            // A sample of null is a prop left out.
            match (sample, &mut props) {
                (Json::Null, Json::Object(props)) => drop(props.remove(prop)),
                _ => props[prop] = self.filled(package, sample, "acme"),
            }
        }
        props
    }

    /// Makes a record of a model, for a class that `schema.prisma` gives.
    fn row(&self, model: &str) -> Json {
        let set = self.runtime.packages();
        let Some(id) = set.schema.model_named(model) else { return json!({}) };
        let mut row = Map::new();
        for (_, field) in set.schema.model(id).scalars() {
            let value = match field.scalar() {
                Some(ScalarType::String) | None => json!(self.text),
                Some(ScalarType::Boolean) => json!(true),
                Some(_) => json!(1),
            };
            row.insert(field.name.clone(), value);
        }
        Json::Object(row)
    }

    /// Returns on whose behalf an operation serves: what is not a tenant's is done by the operator.
    fn caller(&self, name: &str, context: &Context) -> Context {
        let operators = self.samples["operator"].as_array().expect("a list of names");
        if operators.iter().any(|operator| operator == name) { Context::default() } else { context.clone() }
    }

    /// Calls an operation; remembers the id of what it made. Gives the result, or the error's code.
    fn call(&mut self, number: usize, context: &Context, args: Vec<Json>) -> Result<Json, String> {
        let operation = &self.operations[number];
        let result = self.runtime.call_as(context, &operation.package, &operation.name, args);
        let made = ["create", "add", "upload", "start", "submit", "send", "upsert", "record", "clone"];
        if let Ok(result) = &result
            && let Some(id) = result["id"].as_str()
            && let Some(noun) = made.iter().find_map(|verb| operation.name.strip_prefix(verb))
        {
            let (package, id) = (operation.package.clone(), id.to_owned());
            for noun in nouns(noun).into_iter().chain([operation.name.to_lowercase()]) {
                self.ids.insert(format!("{package}.{noun}"), id.clone());
            }
        }
        result.map_err(|error| match &error {
            Error::Lua(lua) => lua.code.clone().unwrap_or_else(|| "error".into()),
            _ => error.to_string(),
        })
    }

    /// Returns every row of every model, by the model's name.
    fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let set = self.runtime.packages();
        let database = self.runtime.database();
        let models = set.schema.client_models().map(|(_, model)| model.name.clone());
        models
            .map(|model| {
                let rows: Vec<Json> = database.run(&model, "findMany", json!({})).expect("it answers");
                (model, rows.iter().map(Json::to_string).collect())
            })
            .collect()
    }

    /// Makes some of everything in a tenant: each operation that makes something, until nothing more succeeds.
    fn fill(&mut self, context: &Context, tenant: &str) -> BTreeMap<String, Result<Json, String>> {
        let mut outcomes = BTreeMap::new();
        for round in 0..3 {
            for number in 0..self.operations.len() {
                // The other way round, too: what runs a thing stands before what allows it to be run.
                let number = if round == 1 { self.operations.len() - 1 - number } else { number };
                let operation = &self.operations[number];
                let name = format!("{}.{}", operation.package, operation.name);
                // What takes things away is called last of all, by whoever may not.
                if removes(&operation.name) {
                    continue;
                }
                let args = self.arguments(operation, tenant);
                let outcome = self.call(number, &self.caller(&name, context), args);
                if !matches!(outcomes.get(&name), Some(Ok(_))) {
                    outcomes.insert(name, outcome);
                }
            }
        }
        outcomes
    }
}

fn removes(name: &str) -> bool {
    ["delete", "remove", "leave", "end", "fail", "runNext", "disable"].iter().any(|verb| name.starts_with(verb))
}

/// Returns the words that may name a thing in a parameter: `FormTemplate` is a `template`, too.
fn nouns(name: &str) -> Vec<String> {
    let starts: Vec<usize> =
        name.char_indices().filter(|(_, letter)| letter.is_uppercase()).map(|(at, _)| at).collect();
    starts.into_iter().map(|at| name[at..].to_lowercase()).collect()
}

fn annotations(set: &PackageSet, package: &str) -> Vec<Annotations> {
    let package = set.package(package).expect("it is there");
    let scripts = package.scripts.iter().filter(|script| script.in_scripts && !script.is_test);
    scripts.map(|script| read_annotations(&set.sources.get(script.source).text)).collect()
}

fn tenant(name: &str) -> Context {
    Context { tenant: Some(name.into()), user: Some("ann".into()), level: Some(6), now: None }
}

#[test]
fn no_operation_shows_or_changes_what_belongs_to_another_tenant() {
    let mut tour = Tour::new("acmesecret");
    let (acme, globex) = (tenant("acme"), tenant("globex"));
    let own = tour.fill(&acme, "acme");
    // The other tenant has been here, so that what it brings with it is there before.
    tour.runtime.call_as(&globex, "forum_forge", "listCategories", vec![json!("globex")]).expect("it answers");

    tour.text = "globexsaid".into();
    let mut faults = Vec::new();
    let ids: Vec<String> = tour.ids.values().cloned().collect();
    assert!(ids.len() > 10, "only {} things were made", ids.len());
    for number in 0..tour.operations.len() {
        let operation = &tour.operations[number];
        let name = format!("{}.{}", operation.package, operation.name);
        let before = tour.rows();
        // By the ids of another tenant, with its name and with the caller's own.
        for named in ["acme", "globex"] {
            let args = tour.arguments(&tour.operations[number], named);
            // What the caller itself says comes back, and tells nothing.
            let said = Json::Array(args.clone()).to_string();
            let known = tour.ids.clone();
            let outcome = tour.call(number, &globex, args);
            tour.ids = known;
            let shown = outcome.as_ref().map(Json::to_string).unwrap_or_default();
            let told = ids.iter().filter(|id| !said.contains(*id)).find(|id| shown.contains(*id));
            if let Some(id) = told {
                faults.push(format!("{name} shows {id} of another tenant: {shown}"));
            }
            if shown.contains("acmesecret") && !said.contains("acmesecret") {
                faults.push(format!("{name} shows what another tenant wrote: {shown}"));
            }
            if shown.contains("\"tenantId\":\"acme\"") {
                faults.push(format!("{name} shows a row of another tenant: {shown}"));
            }
        }
        let after = tour.rows();
        for (model, rows) in before {
            let gone: Vec<&String> = rows.iter().filter(|row| !after[&model].contains(row)).collect();
            let of_acme = |row: &&&String| !row.contains("\"tenantId\":\"globex\"");
            if let Some(row) = gone.iter().find(of_acme) {
                faults.push(format!("{name} changes a row of {model}: {row}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}\nas its own tenant:\n{own:#?}", faults.join("\n"));
}

/// Values that nobody planned, one of which is put into each place of an operation's arguments.
fn unplanned() -> Vec<Json> {
    let mut deep = json!("deep");
    for level in 0..40 {
        deep = if level % 2 == 0 { json!([deep]) } else { json!({ "in": deep }) };
    }
    vec![
        Json::Null,
        json!(true),
        json!(-1),
        json!(0),
        json!(1.5),
        json!(1e308),
        json!(i64::MAX),
        json!(i64::MIN),
        json!(""),
        json!(" "),
        json!("nowhere"),
        json!("x".repeat(60_000)),
        json!("\0%s%n\u{fffd}\u{202e}"),
        json!("'; DROP TABLE \"User\"; --"),
        json!("../../etc/passwd"),
        json!("1e9"),
        json!("2026-02-30T25:61:00Z"),
        json!([]),
        json!({}),
        json!([null, 1, "a"]),
        json!({ "": 1, "id": "x", "tenantId": "globex", "__index": {}, "where": {}, "1": 2 }),
        json!([[], {}, [{}]]),
        deep,
    ]
}

/// Calls `visit` with each variant of a value in which one place has another value.
fn vary(value: &Json, others: &[Json], depth: usize, visit: &mut dyn FnMut(Json)) {
    others.iter().for_each(|other| visit(other.clone()));
    if depth == 0 {
        return;
    }
    match value {
        Json::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                vary(item, others, depth - 1, &mut |changed| {
                    let mut items = items.clone();
                    items[index] = changed;
                    visit(Json::Array(items));
                });
            }
        }
        Json::Object(map) => {
            for (key, item) in map {
                vary(item, others, depth - 1, &mut |changed| {
                    let mut map = map.clone();
                    map.insert(key.clone(), changed);
                    visit(Json::Object(map));
                });
            }
        }
        _ => {}
    }
}

#[test]
fn no_operation_stumbles_over_what_nobody_planned() {
    let mut tour = Tour::new("text");
    let acme = tenant("acme");
    tour.fill(&acme, "acme");
    let others = unplanned();
    // What Lua and the database say when an operation did not look at what it got.
    let stumbles = [
        "attempt to",
        "bad argument",
        "stack overflow",
        "has no integer representation",
        "invalid order function",
        "invalid key to",
        "invalid value",
        "table index is",
        "initial' value",
        "malformed",
        "unfinished capture",
        "too complex",
        "timed out",
        "memory",
    ];
    let (mut faults, mut calls) = (BTreeSet::new(), 0);
    let mut kinds: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for number in 0..tour.operations.len() {
        let operation = &tour.operations[number];
        let name = format!("{}.{}", operation.package, operation.name);
        let context = tour.caller(&name, &acme);
        // What may be left out is there in one of both.
        let sample = |field: &Field| tour.sample(&operation.package, &field.name, &field.of, "acme", 1);
        let whole: Vec<Json> = operation.parameters.iter().map(sample).collect();
        let mut variants = Vec::new();
        for args in [tour.arguments(operation, "acme"), whole] {
            vary(&json!(args), &others, 3, &mut |changed| variants.extend(changed.as_array().cloned()));
        }
        for args in variants {
            calls += 1;
            let operation = &tour.operations[number];
            let shown = || {
                let text = Json::Array(args.clone()).to_string();
                text.chars().take(160).collect::<String>()
            };
            let result: mbl::Result<Json> =
                tour.runtime.call_as(&context, &operation.package, &operation.name, args.clone());
            match result {
                Ok(Json::Array(_)) => drop(kinds.entry(name.clone()).or_default().insert("list")),
                // What Lua makes of an empty list that does not know that it is one.
                Ok(Json::Object(map)) if map.is_empty() => {
                    kinds.entry(name.clone()).or_default().insert("empty object");
                }
                Ok(_) => {}
                Err(Error::Lua(error)) => {
                    let message = error.to_string();
                    if stumbles.iter().any(|stumble| message.contains(stumble)) {
                        let first: String = message.lines().next().unwrap_or_default().chars().take(200).collect();
                        faults.insert(format!("{name}: {first}\n    {}", shown()));
                    }
                }
                Err(error) => drop(faults.insert(format!("{name}: {error}\n    {}", shown()))),
            }
        }
    }
    let mut faults: Vec<String> = faults.into_iter().collect();
    let mixed = kinds.iter().filter(|(_, kinds)| kinds.contains("list") && kinds.contains("empty object"));
    faults.extend(mixed.map(|(place, _)| format!("{place} gives a list, and an object where that is empty")));
    assert!(faults.is_empty(), "{} of {calls}:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_operation_is_covered_by_a_permission_and_by_a_sample() {
    let mut tour = Tour::new("text");
    let set = tour.runtime.packages();
    let mut faults = Vec::new();
    for package in &set.packages {
        let listed: BTreeSet<String> = package
            .permissions
            .as_object()
            .into_iter()
            .flatten()
            .flat_map(|(_, permission)| {
                let operations = permission["operations"].as_array().cloned().unwrap_or_default();
                operations.into_iter().filter_map(|name| name.as_str().map(str::to_owned))
            })
            .collect();
        let there: BTreeSet<String> = tour.runtime.operations(&package.id).expect("it is loaded").into_iter().collect();
        for name in there.difference(&listed) {
            faults.push(format!("{}.{name}: no permission covers it", package.id));
        }
        for name in listed.difference(&there) {
            faults.push(format!("{}.{name}: a permission covers it, and there is no such operation", package.id));
        }
    }
    // An operation that cannot be called with a sample proves nothing in the other specs.
    let acme = tenant("acme");
    let mut outcomes = tour.fill(&acme, "acme");
    // What is inside of other things may go first or go with them: either order shows that a sample serves.
    let mut again = Tour::new("text");
    again.fill(&acme, "acme");
    let count = tour.operations.len();
    for (tour, numbers) in [(&mut tour, (0..count).collect::<Vec<_>>()), (&mut again, (0..count).rev().collect())] {
        for number in numbers {
            let operation = &tour.operations[number];
            if removes(&operation.name) {
                let name = format!("{}.{}", operation.package, operation.name);
                let args = tour.arguments(operation, "acme");
                let outcome = tour.call(number, &tour.caller(&name, &acme), args);
                if !matches!(outcomes.get(&name), Some(Ok(_))) {
                    outcomes.insert(name, outcome);
                }
            }
        }
    }
    assert_eq!(outcomes.len(), count);
    for (name, outcome) in outcomes {
        faults.extend(outcome.err().map(|code| format!("{name}: its sample does not serve: {code}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_component_renders_hostile_text_to_known_nodes_and_to_html_that_a_parser_takes() {
    let mut all = Vec::new();
    for text in HOSTILE {
        let text = if *text == LONG { "a".repeat(10_000) } else { (*text).to_owned() };
        let mut tour = Tour::new(&text);
        tour.fill(&tenant("acme"), "acme");
        tour.key = text.clone();
        let set = tour.runtime.packages();
        let names: BTreeSet<String> = NODE_TYPES
            .iter()
            .map(|name| name.to_lowercase())
            .chain(
                set.packages
                    .iter()
                    .flat_map(|package| &package.components)
                    .map(|component| component.name.to_lowercase()),
            )
            .collect();
        let mut faults = Vec::new();
        for package in &set.packages {
            for component in &package.components {
                let name = format!("{}.{}", package.id, component.name);
                let node = match component.definition() {
                    Some(definition) => {
                        let props = tour.props(&package.id, &name);
                        let module = definition.script.module.as_deref().expect("its script is there");
                        let call = format!("require('{}.{module}').render", package.id);
                        let code = format!("{call}(require('json').decode([=====[{props}]=====]))");
                        tour.runtime.eval::<Json>(&code).map_err(|error| format!("{name}: {error}\n{props}"))
                    }
                    None => tour.runtime.render(&package.id, &component.name, &Json::Null).map_err(|e| e.to_string()),
                };
                match node {
                    Ok(node) => {
                        check_node(&node, &names, &name, &mut faults);
                        let html = html::render(&node);
                        faults.extend(html_faults(&html).iter().map(|fault| format!("{name}: {fault}")));
                    }
                    Err(error) => faults.push(error),
                }
            }
        }
        let text: String = text.chars().take(40).collect();
        all.extend(faults.iter().map(|fault| format!("with {text:?}: {fault}")));
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn what_is_wrong_with_html_is_seen() {
    for (html, fault) in [
        ("<div><span></div>", "Unexpected"),
        ("<p><div></div></p>", "No <p>"),
        ("<table>text</table>", "table text"),
        ("<a href=\"x\" href=\"y\">z</a>", "Duplicate attribute"),
        ("a\u{1}b", "Bad character"),
        ("<script>x</script>", "<script>"),
        ("<img src=\"x\" onerror=\"y\">", "onerror"),
        ("<a href=\" java\tscript:x\">z</a>", "leads to"),
        ("<b style=\"x\">z</b>", "style"),
        ("</div>", "EndTag"),
    ] {
        let found = html_faults(html).join("\n");
        assert!(found.contains(fault), "{html}: {found}");
    }
    assert_eq!(html_faults("<ul><li title=\"&lt;\">a &amp; b</li></ul><img src=\"a.png\">"), [] as [&str; 0]);
}

/// Checks that a tree consists of known nodes, with props that are an object and children that are nodes or texts.
fn check_node(node: &Json, names: &BTreeSet<String>, place: &str, faults: &mut Vec<String>) {
    if node.is_string() {
        return;
    }
    let Some(kind) = node["type"].as_str().filter(|kind| names.contains(&kind.to_lowercase())) else {
        faults.push(format!("{place}: `{}` is no known node", node["type"]));
        return;
    };
    if !node["props"].is_object() {
        faults.push(format!("{place}: the props of a {kind} are {}", node["props"]));
    }
    match node["children"].as_array() {
        Some(children) => children.iter().for_each(|child| check_node(child, names, place, faults)),
        None => faults.push(format!("{place}: the children of a {kind} are {}", node["children"])),
    }
}

/// Says what is wrong with HTML: what the parser does not like, elements and attributes that may run something.
fn html_faults(html: &str) -> Vec<String> {
    let mut options = ParseOpts::default();
    options.tokenizer.exact_errors = true;
    options.tree_builder.exact_errors = true;
    let body = QualName::new(None, ns!(html), local_name!("body"));
    let dom = parse_fragment(RcDom::default(), options, body, Vec::new(), false).one(html);
    let mut faults: Vec<String> = dom.errors.borrow().iter().map(|error| error.to_string()).collect();
    let mut left: Vec<std::rc::Rc<Node>> = vec![dom.document.clone()];
    while let Some(node) = left.pop() {
        left.extend(node.children.borrow().iter().cloned());
        let NodeData::Element { name, attrs, .. } = &node.data else { continue };
        let tag = &*name.local;
        if ["script", "style", "iframe", "object", "embed", "base", "meta", "link", "svg", "math"].contains(&tag) {
            faults.push(format!("there is a <{tag}>"));
        }
        for attribute in attrs.borrow().iter() {
            let (name, value) = (&*attribute.name.local, &*attribute.value);
            // A browser passes over blanks and control characters.
            let address: String = value.chars().filter(|letter| !letter.is_control() && *letter != ' ').collect();
            let address = address.to_lowercase();
            let leads = ["href", "src", "action", "formaction", "xlink:href", "srcdoc"].contains(&name);
            if leads && ["javascript:", "data:", "vbscript:"].iter().any(|scheme| address.starts_with(scheme)) {
                faults.push(format!("`{name}` of a <{tag}> leads to {value}"));
            }
            if name.starts_with("on") || name == "style" || name == "srcdoc" {
                faults.push(format!("a <{tag}> has the attribute `{name}`"));
            }
        }
    }
    faults
}

#[test]
fn no_two_files_share_six_lines() {
    let mut seen: HashMap<Vec<String>, PathBuf> = HashMap::new();
    let mut faults = Vec::new();
    let files: Vec<PathBuf> =
        ["packages", "stdlib"].iter().flat_map(|folder| lua_files(&root().join(folder))).collect();
    assert!(files.len() > 200, "only {} files", files.len());
    for path in files {
        let text = fs::read_to_string(&path).expect("it is text");
        // What every module begins and ends with is no code that could be shared.
        let lines: Vec<String> = text
            .lines()
            .map(|line| line.trim().to_owned())
            .filter(|line| !line.is_empty() && !line.starts_with("--") && line != "return M" && line != "local M = {}")
            .filter(|line| !line.starts_with("local ") || !line.contains("require("))
            .collect();
        for window in lines.windows(6) {
            match seen.get(window) {
                Some(other) if *other != path => {
                    faults.push(format!("{} and {}:\n  {}", other.display(), path.display(), window.join("\n  ")));
                }
                _ => drop(seen.insert(window.to_vec(), path.clone())),
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn lua_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(lua_files(&path)),
            false if path.extension().is_some_and(|extension| extension == "lua") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}
