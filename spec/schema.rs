//! Golden schemas: each file holds a schema and, as trailing `//!` lines, the findings that it gives.
//!
//! A folder is one schema of several files. A `.dump` file beside a schema holds what was understood of it.
//! `UPDATE_EXPECT=1 cargo test` rewrites the expectations.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use mbl::diag::{Diagnostics, Severity, SourceId, Sources};
use mbl::schema::{Arity, FieldKind, Index, IndexField, Model, Schema};

#[test]
fn every_schema_gives_its_findings() {
    let mut faults = Vec::new();
    let mut entries = entries(&folder("spec/schema"));
    entries.retain(|path| path.is_dir() || path.extension().is_some_and(|extension| extension == "prisma"));
    assert!(!entries.is_empty());
    for entry in entries {
        let files = if entry.is_dir() { self::entries(&entry) } else { vec![entry.clone()] };
        let mut sources = Sources::new();
        let mut texts = Vec::new();
        for file in files {
            let text = fs::read_to_string(&file).expect("a schema is UTF-8");
            let schema: String = text.split_inclusive('\n').filter(|line| !line.starts_with("//!")).collect();
            let name = file.file_name().expect("a file").to_string_lossy().into_owned();
            texts.push((file, text, sources.add(name, schema.clone()), schema));
        }
        let ids: Vec<SourceId> = texts.iter().map(|(_, _, id, _)| *id).collect();
        let (schema, diagnostics) = Schema::parse(&sources, &ids);
        for (file, text, id, body) in texts {
            let found = format!("{body}{}", expectations(&sources, &diagnostics, id));
            expect(&file, &text, &found, &mut faults);
        }
        let dump_file = entry.with_extension("dump");
        if dump_file.exists() {
            let text = fs::read_to_string(&dump_file).expect("a dump is UTF-8");
            expect(&dump_file, &text, &dump(&schema), &mut faults);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn recorded_verdicts_and_lines_agree() {
    let text = fs::read_to_string(folder("spec/conformance/schema-errors.json")).expect("the recorded cases");
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let mut faults = Vec::new();
    for case in &cases {
        let name = case["name"].as_str().expect("a name");
        let mut sources = Sources::new();
        let source = sources.add("schema.prisma", case["schema"].as_str().expect("a schema"));
        let (_, diagnostics) = Schema::parse(&sources, &[source]);
        let expected_line = case["errors"][0]["line"].as_u64();
        let first = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
        let line = first.and_then(|first| first.span).map(|span| u64::from(sources.get(source).position(span.start).0));
        let found: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render_line(&sources)).collect();
        if case["valid"].as_bool() == Some(diagnostics.has_errors()) || line != expected_line {
            faults.push(format!("{name}: expected {}\n  found {}", case["errors"], found.join("\n        ")));
        } else if found.len() > 1 {
            faults.push(format!("{name}: one fault was told more than once:\n  {}", found.join("\n  ")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_recorded_schemas_are_whole() {
    for name in ["blog", "types", "domain"] {
        let text = recorded(name);
        let schema = Schema::parse_text(name, &text).map_err(|(sources, diagnostics)| {
            diagnostics.iter().map(|diagnostic| diagnostic.render_line(&sources)).collect::<Vec<_>>().join("\n")
        });
        let schema = schema.unwrap_or_else(|findings| panic!("{findings}"));
        assert_eq!(schema.models.len(), text.lines().filter(|line| line.starts_with("model ")).count());
    }
}

#[test]
fn an_acronym_answers_to_its_readable_name_too() {
    let schema = Schema::parse_text("domain", &recorded("domain")).expect("a whole schema");
    let name = |accessor| schema.model_by_accessor(accessor).map(|id| schema.model(id).name.as_str());
    assert_eq!(name("cSSTheme"), Some("CSSTheme"));
    assert_eq!(name("cssTheme"), Some("CSSTheme"));
    assert_eq!(name("gitHubAction"), Some("GitHubAction"));
    assert_eq!(name("auditLog"), Some("AuditLog"));
    assert_eq!(name("CSSTheme"), None);
    let clash = "model CSSTheme {\n  id Int @id\n}\nmodel CssTheme {\n  id Int @id\n}\n";
    let schema = Schema::parse_text("clash", clash).expect("a whole schema");
    let name = |accessor| schema.model_by_accessor(accessor).map(|id| schema.model(id).name.as_str());
    assert_eq!(name("cssTheme"), Some("CssTheme"));
    assert_eq!(name("cSSTheme"), Some("CSSTheme"));
}

#[test]
fn broken_text_never_panics() {
    let texts: Vec<String> = ["blog", "types"].into_iter().map(recorded).collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..3000 {
        let whole = texts[round % texts.len()].as_bytes();
        // A window keeps each round small.
        let start = random.below(whole.len());
        let mut bytes = whole[start..(start + 700).min(whole.len())].to_vec();
        for _ in 0..=random.below(6) {
            mutate(&mut bytes, &mut random);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut sources = Sources::new();
        let source = sources.add("random.prisma", text);
        let (schema, diagnostics) = Schema::parse(&sources, &[source]);
        // What is handed out is sound, also of a broken schema.
        dump(&schema);
        for diagnostic in &diagnostics {
            diagnostic.render(&sources, Default::default());
        }
    }
}

/// Anything that takes more than time in proportion would not end here.
#[test]
fn large_texts_are_read() {
    let deep = format!("model A {{\n  x Int @default({}\n}}\n", "[".repeat(200_000));
    let faulty = "model A {\n  x Strin\n}\n".repeat(10_000);
    let wide: String = (0..10_000).map(|n| format!("model M{n} {{\n  id Int @id\n}}\n")).collect();
    let braces = "{".repeat(200_000);
    let calls = format!("model A {{\n  x Int @default({}\n}}\n", "a(".repeat(100_000));
    let comments = "/*".repeat(100_000);
    let distinct: String = (0..10_000).map(|n| format!("model M{n} {{\n  id Int @id\n  x Nope{n}\n}}\n")).collect();
    let docs = format!("{}model A {{\n  id Int @id\n}}\n", "/// line\n".repeat(50_000));
    let attributes = format!("model A {{\n  id Int {}\n}}\n", "@id ".repeat(50_000));
    let blocks = format!("model A {{\n{}}}\n", "  @@id([a])\n".repeat(10_000));
    let values: String = (0..10_000).map(|n| format!("  V{n} @map(\"x\")\n")).collect();
    let values = format!("enum E {{\n{values}}}\n");
    let lists: String = (0..10_000).map(|n| format!("  f{n} B[] @relation(\"r{n}\")\n")).collect();
    let lists = format!("model A {{\n  id Int @id\n{lists}}}\nmodel B {{\n  id Int @id\n}}\n");
    for text in [deep, faulty, wide, braces, calls, comments, distinct, docs, attributes, blocks, values, lists] {
        let _ = Schema::parse_text("large", &text);
    }
}

/// Compares, or rewrites the file.
fn expect(file: &Path, text: &str, found: &str, faults: &mut Vec<String>) {
    if text == found {
        return;
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(file, found).expect("the expectation can be written");
        return;
    }
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (wanted, found) = (lines(text), lines(found));
    let missing = wanted.iter().filter(|line| !found.contains(line)).map(|line| format!("  - {line}"));
    let extra = found.iter().filter(|line| !wanted.contains(line)).map(|line| format!("  + {line}"));
    let difference: Vec<String> = missing.chain(extra).collect();
    faults.push(format!("{}:\n{}", file.display(), difference.join("\n")));
}

/// Renders the findings in one source as `//!` lines.
fn expectations(sources: &Sources, diagnostics: &Diagnostics, source: SourceId) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let Some(span) = diagnostic.span.filter(|span| span.source == source) else { continue };
        let (line, column) = sources.get(source).position(span.start);
        let warning = if diagnostic.severity == Severity::Warning { "warning " } else { "" };
        let _ = writeln!(out, "//! {line}:{column} {warning}{}: {}", diagnostic.code, diagnostic.message);
        for help in &diagnostic.help {
            let _ = writeln!(out, "//!     help: {help}");
        }
    }
    out
}

/// Renders what was understood of a schema.
fn dump(schema: &Schema) -> String {
    let mut out = String::new();
    for enumeration in &schema.enums {
        let _ = writeln!(out, "enum {}", enumeration.name);
        for value in &enumeration.values {
            let _ = writeln!(out, "  {} = {:?}", value.name, value.db_name);
        }
    }
    for model in &schema.models {
        dump_model(schema, model, &mut out);
    }
    for relation in &schema.relations {
        let side = |(model, field)| format!("{}.{}", schema.model(model).name, schema.field(model, field).name);
        let columns = |model, fields: &[_]| {
            fields.iter().map(|field| schema.field(model, *field).column.as_str()).collect::<Vec<_>>().join(", ")
        };
        let _ = writeln!(
            out,
            "relation {} {:?} {:?}: {} [{}] -> {} [{}] delete {:?} update {:?}",
            relation.name,
            relation.db_name,
            relation.kind,
            side(relation.from),
            columns(relation.from.0, &relation.fields),
            side(relation.to),
            columns(relation.to.0, &relation.references),
            relation.on_delete,
            relation.on_update,
        );
    }
    out
}

fn dump_model(schema: &Schema, model: &Model, out: &mut String) {
    let ignored = |ignored| if ignored { " ignored" } else { "" };
    let _ = writeln!(out, "model {} {:?} db.{}{}", model.name, model.table, model.accessor, ignored(model.ignored));
    if let Some(doc) = &model.doc {
        let _ = writeln!(out, "  doc {doc:?}");
    }
    for field in &model.fields {
        let kind = match &field.kind {
            FieldKind::Scalar(scalar) => scalar.name().to_owned(),
            FieldKind::Enum(id) => schema.enumeration(*id).name.clone(),
            FieldKind::Relation(relation) => {
                let opposite = &schema.field(relation.target, relation.opposite).name;
                format!("{}.{opposite}", schema.model(relation.target).name)
            }
            FieldKind::Unsupported(text) => format!("Unsupported({text:?})"),
        };
        let arity = match field.arity {
            Arity::Required => "",
            Arity::Optional => "?",
            Arity::List => "[]",
        };
        let default = field.default.as_ref().map(|default| format!(" default {default:?}")).unwrap_or_default();
        let updated_at = if field.updated_at { " updatedAt" } else { "" };
        let doc = field.doc.as_ref().map(|doc| format!(" doc {doc:?}")).unwrap_or_default();
        let _ = writeln!(
            out,
            "  {} {:?} {kind}{arity}{default}{updated_at}{}{doc}",
            field.name,
            field.column,
            ignored(field.ignored)
        );
    }
    let columns = |fields: &[IndexField]| {
        let column = |part: &IndexField| {
            format!("{}{}", model.field(part.field).column, if part.descending { " desc" } else { "" })
        };
        fields.iter().map(column).collect::<Vec<_>>().join(", ")
    };
    if let Some(key) = &model.primary_key {
        let _ = writeln!(out, "  id {} [{}]", key.name, columns(&key.fields));
    }
    let mut index = |what: &str, index: &Index| {
        let _ = writeln!(out, "  {what} {} {:?} [{}]", index.name, index.db_name, columns(&index.fields));
    };
    model.uniques.iter().for_each(|unique| index("unique", unique));
    model.indexes.iter().for_each(|plain| index("index", plain));
}

/// A small generator of numbers (xorshift): the same ones each time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

fn mutate(bytes: &mut Vec<u8>, random: &mut Random) {
    const PIECES: [&str; 24] = [
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "@",
        "@@",
        "\"",
        "\\",
        "/*",
        "///",
        "\n",
        "?",
        "[]",
        ":",
        ",",
        "=",
        "é",
        "@@id([a, b])",
        "@relation(",
        "model X {",
        "-",
        "\\u12",
    ];
    let at = random.below(bytes.len() + 1);
    match random.below(4) {
        0 if at < bytes.len() => {
            bytes.remove(at);
        }
        1 if at < bytes.len() => bytes[at] = random.below(256) as u8,
        2 => {
            let end = (at + random.below(40)).min(bytes.len());
            let copy = bytes[at..end].to_vec();
            let to = random.below(bytes.len() + 1);
            bytes.splice(to..to, copy);
        }
        _ => {
            bytes.splice(at..at, PIECES[random.below(PIECES.len())].bytes());
        }
    }
}

fn recorded(name: &str) -> String {
    fs::read_to_string(folder("spec/conformance/schemas").join(name).with_extension("prisma"))
        .expect("a recorded schema")
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Returns what lies in a folder, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect();
    entries.sort();
    entries
}
