//! LuaLS definitions: `db` with its models, the inputs of its operations, the standard library, and the faces of packages.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::generate::Generated;
use crate::generate::package::TAKEN;
use crate::package::{Package, PackageSet, read_annotations};
use crate::query::Action;
use crate::query::inputs::{Input, InputField, Takes};
use crate::schema::{Arity, Field, FieldKind, Model, ModelId, ScalarType, Schema};

/// Returns the definitions for a set of packages, sorted by name; `library` are the modules of the standard library and their texts.
///
/// `globals.lua` declares what scripts and specs find as globals.
pub fn lua<'a>(set: &PackageSet, library: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Generated> {
    let library: BTreeMap<&str, &str> = library.into_iter().collect();
    let mut files = BTreeMap::new();
    for (name, text) in &library {
        match *name {
            "db" => drop(files.insert("db".to_owned(), db(&set.schema, text))),
            "test" => drop(files.insert("globals".to_owned(), globals(text))),
            name => drop(files.insert(name.to_owned(), format!("---@meta {name}\n---@diagnostic disable\n\n{text}"))),
        }
    }
    files.insert("models".to_owned(), models(&set.schema));
    for package in set.packages.iter().chain(&set.refused) {
        files.entry(package.id.clone()).or_insert_with(|| face(set, package));
    }
    files.into_iter().map(|(name, text)| Generated { name: format!("{name}.lua"), text }).collect()
}

const HEAD: &str = "-- Made by `mbl generate lua`: changes are lost.\n";

/// What a spec finds beside the standard globals; its classes come out of the test module's own text.
const GLOBALS: &str = r#"
json = require('json')
log = require('log')
unpack = table.unpack
loadstring = load

---@class test.Describe
---@field skip fun(name: string, body: fun())
---@field only fun(name: string, body: fun())
---@overload fun(name: string, body: fun())
describe = {}

---@class test.It
---@field skip fun(name: string, body?: fun())
---@field only fun(name: string, body: fun())
---@field each fun(cases: any[]): fun(name: string, body: fun(...: any))
---@overload fun(name: string, body: fun())
it = {}
test = it

---@param cases any[]
---@param name? string
---@param body? fun(...: any)
---@return fun(name: string, body: fun(...: any))
function it_each(cases, name, body) end

---@param value any
---@return test.Expectation
function expect(value) end

---@param body fun()
function before_each(body) end
---@param body fun()
function after_each(body) end
---@param body fun()
function before_all(body) end
---@param body fun()
function after_all(body) end
beforeEach, afterEach, beforeAll, afterAll = before_each, after_each, before_all, after_all
setup, teardown = before_all, after_all

--- Runs `body` on behalf of another caller.
---@param caller test.Caller
---@param body function
---@return any ...
function asCaller(caller, body) end

---@type table<string, any>
mock = {}
---@type table<string, any>
spy = {}

---@param path string
---@return any
function load_cases(path) end
"#;

fn globals(text: &str) -> String {
    let mut out = format!("---@meta\n{HEAD}---@diagnostic disable\n");
    let mut lines = text.lines().map(str::trim_start).peekable();
    while let Some(line) = lines.next() {
        if line.starts_with("---@class test.") {
            out.push_str(&format!("\n{line}\n"));
            while let Some(line) =
                lines.next_if(|line| line.starts_with("---@field") || line.starts_with("---@overload"))
            {
                out.push_str(&format!("{line}\n"));
            }
        }
    }
    out.push_str(GLOBALS);
    out
}

/// What stands for marks in the arguments of operations.
const MARKS: &str = "
---@class db.Null: userdata NULL: `db.null`
---@class db.All: userdata every row: `db.all`
---@class db.FieldReference: userdata another field of the same row: `db.post.fields.views`

---@class db.Count
---@field count integer how many rows
";

fn db(schema: &Schema, text: &str) -> String {
    let mut out = format!("---@meta db\n{HEAD}{MARKS}");
    for (id, model) in schema.client_models() {
        let name = &model.name;
        let _ = write!(out, "\n---@class db.{name}{}\n", remark(model.doc.as_deref()));
        for action in Action::ALL {
            let args = Input::Args(id, action).name(schema);
            let optional = !Input::Args(id, action).fields(schema).iter().any(|field| field.required);
            let mark = if optional { "?" } else { "" };
            let _ = writeln!(out, "---@field {} fun(args{mark}: {args}): {}", action.name(), answer(name, action));
        }
        let _ = writeln!(out, "---@field fields table<{}, db.FieldReference>", field_names(schema, id));
    }
    out.push_str("\n--- The database, as Prisma Client sees it.\n---@class db\n");
    for (name, kind, what) in [
        ("null", "db.Null", "NULL"),
        ("dbNull", "db.Null", "NULL in the database, for a Json field"),
        ("jsonNull", "db.Null", "the JSON value `null`, for a Json field"),
        ("anyNull", "db.Null", "either of the two, in a filter of a Json field"),
        ("all", "db.All", "every row, where updateMany and deleteMany ask for a `where`"),
    ] {
        let _ = writeln!(out, "---@field {name} {kind} {what}");
    }
    for (id, model) in schema.client_models() {
        for accessor in schema.accessors_of(id).into_iter().filter(|accessor| !TAKEN.contains(accessor)) {
            let _ = writeln!(out, "---@field {accessor} db.{}{}", model.name, remark(model.doc.as_deref()));
        }
    }
    out.push_str("local db = {}\n");
    out.push_str(&declared(text));
    out.push_str("\nreturn db\n");
    out
}

/// Returns the functions that a standard module declares, without their bodies: `function M.transaction` as `function db.transaction`.
fn declared(text: &str) -> String {
    let mut out = String::new();
    let mut comment = String::new();
    for line in text.lines().map(str::trim_start) {
        if line.starts_with("---@class") || line.starts_with("---@field") {
            // A class of the module's own; it is followed by its fields.
            if line.starts_with("---@class db.") || comment.starts_with("---@class") {
                comment.push_str(&format!("{line}\n"));
            }
            continue;
        }
        if line.starts_with("---") {
            comment.push_str(&format!("{line}\n"));
            continue;
        }
        if comment.starts_with("---@class db.") {
            out.push_str(&format!("\n{comment}"));
        }
        if let Some(head) = line.strip_prefix("function M.") {
            out.push_str(&format!("\n{comment}function db.{head} end\n"));
        } else if let Some((name, _)) = line.strip_prefix("M.").and_then(|rest| rest.split_once(" = native.")) {
            // Its parameters stand in its annotations.
            let names: Vec<&str> =
                comment.lines().filter_map(|line| line.strip_prefix("---@param ")?.split_whitespace().next()).collect();
            if !names.is_empty() {
                out.push_str(&format!("\n{comment}function db.{name}({}) end\n", names.join(", ")));
            }
        }
        comment.clear();
    }
    out
}

fn answer(model: &str, action: Action) -> String {
    match action {
        Action::FindMany | Action::CreateManyAndReturn | Action::UpdateManyAndReturn => format!("{model}[]"),
        Action::FindFirst | Action::FindUnique => format!("{model}?"),
        Action::FindFirstOrThrow
        | Action::FindUniqueOrThrow
        | Action::Create
        | Action::Update
        | Action::Upsert
        | Action::Delete => model.to_owned(),
        Action::CreateMany | Action::UpdateMany | Action::DeleteMany => "db.Count".to_owned(),
        Action::Count => "integer".to_owned(),
        Action::Aggregate => "table<string, any>".to_owned(),
        Action::GroupBy => "table<string, any>[]".to_owned(),
    }
}

fn models(schema: &Schema) -> String {
    let mut out = format!("---@meta\n{HEAD}");
    for enumeration in &schema.enums {
        let values: Vec<String> = enumeration.values.iter().map(|value| format!("'{}'", value.name)).collect();
        let values = if values.is_empty() { "string".to_owned() } else { values.join("|") };
        let _ = write!(out, "\n---@alias {} {values}\n", enumeration.name);
    }
    for (_, model) in schema.client_models() {
        record(schema, model, &mut out);
    }
    let mut inputs: BTreeMap<String, Input> = BTreeMap::new();
    let mut left: Vec<Input> =
        schema.client_models().flat_map(|(id, _)| Action::ALL.map(|action| Input::Args(id, action))).collect();
    while let Some(input) = left.pop() {
        if inputs.insert(input.name(schema), input).is_some() {
            continue;
        }
        for takes in input.fields(schema).into_iter().flat_map(|field| field.takes) {
            if let Takes::Table(inner) | Takes::Tables(inner) = takes {
                left.push(inner);
            }
        }
    }
    for (name, input) in inputs {
        let _ = write!(out, "\n---@class {name}\n");
        let fields = input.fields(schema);
        let mut known = BTreeSet::new();
        for field in fields.iter().filter(|field| known.insert(field.name.clone())) {
            input_field(schema, field, &mut out);
        }
    }
    out
}

/// Writes the class of a record.
fn record(schema: &Schema, model: &Model, out: &mut String) {
    out.push('\n');
    doc(model.doc.as_deref(), out);
    let _ = writeln!(out, "---@class {}", model.name);
    for field in model.fields.iter().filter(|field| !field.ignored) {
        let (mark, kind) = match &field.kind {
            FieldKind::Relation(relation) => {
                let target = &schema.model(relation.target).name;
                ("?", if field.arity == Arity::List { format!("{target}[]") } else { target.clone() })
            }
            FieldKind::Scalar(scalar) => (optional(field), read_type(*scalar).to_owned()),
            FieldKind::Enum(id) => (optional(field), schema.enumeration(*id).name.clone()),
            FieldKind::Unsupported(_) => continue,
        };
        let _ = writeln!(out, "---@field {}{mark} {kind}{}", field.name, remark(field.doc.as_deref()));
    }
    if model.relations().any(|(_, field, _)| field.arity == Arity::List) {
        out.push_str("---@field _count? table<string, integer> how many related records there are\n");
    }
}

fn optional(field: &Field) -> &'static str {
    if field.is_optional() { "?" } else { "" }
}

/// Writes a doc comment above what it is about.
fn doc(text: Option<&str>, out: &mut String) {
    for line in text.unwrap_or_default().lines() {
        out.push_str(format!("--- {line}").trim_end());
        out.push('\n');
    }
}

/// Returns the first line of a doc comment, as a remark behind an annotation.
fn remark(doc: Option<&str>) -> String {
    let Some(line) = doc.and_then(|doc| doc.lines().map(str::trim).find(|line| !line.is_empty())) else {
        return String::new();
    };
    // `string in seconds`, `string | nothing` would be read as part of the type.
    let word = line.split_whitespace().next().unwrap_or_default();
    let is_plain = line.starts_with(|first: char| first.is_alphanumeric() || first == '`')
        && !matches!(word, "in" | "and" | "or" | "extends" | "keyof" | "is");
    format!(" {}{line}", if is_plain { "" } else { "# " })
}

fn read_type(scalar: ScalarType) -> &'static str {
    match scalar {
        ScalarType::Int | ScalarType::BigInt => "integer",
        ScalarType::Float => "number",
        ScalarType::Boolean => "boolean",
        ScalarType::Json => "any",
        ScalarType::String | ScalarType::DateTime | ScalarType::Bytes | ScalarType::Decimal => "string",
    }
}

fn write_type(scalar: ScalarType) -> &'static str {
    match scalar {
        ScalarType::Decimal => "string|number",
        other => read_type(other),
    }
}

fn input_field(schema: &Schema, field: &InputField, out: &mut String) {
    let mut types = Vec::new();
    for takes in &field.takes {
        let text = match takes {
            Takes::Scalar(scalar) => write_type(*scalar).to_owned(),
            Takes::Scalars(ScalarType::Decimal) => "(string|number)[]".to_owned(),
            Takes::Scalars(scalar) => format!("{}[]", write_type(*scalar)),
            Takes::Enum(id) => schema.enumeration(*id).name.clone(),
            Takes::Enums(id) => format!("{}[]", schema.enumeration(*id).name),
            Takes::Null => "db.Null".to_owned(),
            Takes::All => "db.All".to_owned(),
            Takes::True => "boolean".to_owned(),
            Takes::Count => "integer".to_owned(),
            Takes::Words(words) => words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join("|"),
            Takes::FieldNames(model) => {
                let names = field_names(schema, *model);
                format!("{names}|({names})[]")
            }
            Takes::FieldReference => "db.FieldReference".to_owned(),
            // A condition on the related record may stand where `is` and `isNot` may.
            Takes::Table(input @ Input::OneFilter(model)) => {
                format!("{}|{}", Input::Where(*model).name(schema), input.name(schema))
            }
            Takes::Table(input) => input.name(schema),
            Takes::Tables(input) => format!("{}[]", input.name(schema)),
        };
        if !types.contains(&text) {
            types.push(text);
        }
    }
    let text = if types.iter().any(|text| text == "any") { "any".to_owned() } else { types.join("|") };
    let mark = if field.required { "" } else { "?" };
    let remark = remark(field.doc.as_deref());
    match field.name.as_str() {
        // Keywords are no names; the others are what scripts may write for them.
        name @ ("in" | "not") => {
            let _ = writeln!(out, "---@field ['{name}']{mark} {text}{remark}\n---@field {name}_{mark} {text}{remark}");
        }
        name => {
            let _ = writeln!(out, "---@field {name}{mark} {text}{remark}");
        }
    }
}

fn field_names(schema: &Schema, id: ModelId) -> String {
    let names: Vec<String> = schema.model(id).scalars().map(|(_, field)| format!("'{}'", field.name)).collect();
    if names.is_empty() { "string".to_owned() } else { names.join("|") }
}

/// Returns what other packages see of a package.
fn face(set: &PackageSet, package: &Package) -> String {
    let id = &package.id;
    let mut out = format!("---@meta {id}\n{HEAD}\n");
    doc(package.description.as_deref(), &mut out);
    let _ = write!(out, "---@class {id}\nlocal M = {{}}\n");
    let mut known = BTreeSet::new();
    let scripts = package.scripts.iter().filter(|script| script.in_scripts && !script.is_test);
    for script in scripts.filter(|script| script.path == "init.lua" || script.path.starts_with("db/")) {
        for function in read_annotations(&set.sources.get(script.source).text).functions {
            let name = &function.name;
            let inner = name.starts_with('_') || name.starts_with("on_") || matches!(name.as_str(), "main" | "init");
            if !function.exported || inner || !known.insert(name.clone()) {
                continue;
            }
            out.push('\n');
            doc(function.doc.as_deref(), &mut out);
            for parameter in &function.parameters {
                let kind = parameter.type_name.as_deref().unwrap_or("any");
                let mark = if parameter.optional && parameter.name != "..." { "?" } else { "" };
                let _ = writeln!(
                    out,
                    "---@param {}{mark} {kind}{}",
                    parameter.name,
                    remark(parameter.description.as_deref())
                );
            }
            for returned in &function.returns {
                let name = returned.name.as_deref().map(|name| format!(" {name}")).unwrap_or_default();
                let _ = writeln!(out, "---@return {}{name}", returned.type_name);
            }
            if function.deprecated {
                out.push_str("---@deprecated\n");
            }
            let names: Vec<&str> = function.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
            let _ = writeln!(out, "function M.{name}({}) end", names.join(", "));
        }
    }
    out.push_str("\nreturn M\n");
    out
}
