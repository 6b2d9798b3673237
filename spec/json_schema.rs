//! The JSON Schemas of `mbl generate json-schema` and the checker say the same of metadata.json and components.json: what one refuses, the
//! other refuses, as far as one document alone can tell.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use mbl::diag::{Diagnostic, Severity};
use mbl::generate::json_schemas;
use mbl::package::{LoadOptions, load};
use serde_json::{Value as Json, json};

use crate::cli::{Folder, root};

/// What takes more than one document, or more than a JSON Schema can say, to be seen.
const BEYOND: [&str; 6] = [
    "cyclic_dependency",
    "duplicate_component",
    "duplicate_package",
    "missing_dependency",
    "missing_script",
    "wrong_version",
];

#[test]
fn what_stands_in_the_repository_is_judged_alike() {
    let mut files = Vec::new();
    for folder in ["packages", "spec/package", "spec/stdlib"] {
        find(&root().join(folder), &mut files);
    }
    assert!(files.len() > 40, "{} files", files.len());
    let judges = Judges::new();
    let mut faults = Vec::new();
    for file in files {
        // A text that is no JSON is no matter of a schema.
        let text = fs::read_to_string(&file).unwrap_or_default();
        let Ok(document) = serde_json::from_str::<Json>(text.trim_start_matches('\u{feff}')) else { continue };
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
        judges.compare(name, &document, &format!("{}", file.display()), &mut faults);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_change_of_a_sound_document_is_judged_alike() {
    let metadata = json!({
        "packageId": "polls",
        "name": "Polls",
        "version": "1.0.0",
        "description": "Questions with answers",
        "author": "Ann",
        "category": "social",
        "dependencies": ["tags"],
        "devDependencies": { "kit": "^1.0" },
        "capabilities": ["db.raw"],
        "exports": { "components": ["PollPage"], "scripts": ["init"], "pages": [] },
        "minLevel": 1,
        "primary": true,
        "permissions": { "polls.write": { "minLevel": 1, "description": "Write" } },
        "tests": { "scripts": ["tests/a.test"] },
        "schema": { "entities": ["Poll"] },
        "bindings": { "dbal": true },
    });
    let components = json!([
        { "name": "PollPage", "type": "page", "script": "ui/poll_page.lua", "description": "All", "props": { "take": "integer?" } },
        {
            "name": "AnswerList",
            "type": "Molecule",
            "script": "ui/answer_list.lua",
            "props": [{ "name": "answers", "type": "array", "required": true, "description": "What to choose from" }],
        },
        { "name": "Long", "type": "atom", "script": "ui/long.lua", "props": { "size": { "type": "number", "required": false } } },
        { "id": "hero", "type": "Stack", "props": { "gap": 2 }, "children": [{ "type": "Heading", "children": "Polls" }, "text"] },
        { "name": "Laid", "type": "organism", "layout": { "type": "Box" }, "script": "ui/laid.lua" },
    ]);
    let judges = Judges::new();
    let (mut faults, mut seen) = (Vec::new(), 0);
    for (name, sound) in [("metadata.json", &metadata), ("components.json", &components)] {
        assert!(judges.refusal(name, sound).is_none(), "{:?}", judges.refusal(name, sound));
        let wrapped = json!({ "components": sound });
        for document in changes(sound).into_iter().chain(if sound.is_array() { changes(&wrapped) } else { Vec::new() })
        {
            judges.compare(name, &document, &document.to_string(), &mut faults);
            seen += 1;
        }
    }
    assert!(seen > 900, "{seen} changes");
    assert!(faults.is_empty(), "{} of {seen}:\n{}", faults.len(), faults.join("\n"));
}

/// What stands beside a document that is judged.
const METADATA: &str = r#"{ "packageId": "polls", "version": "1.0.0" }"#;
const COMPONENTS: &str = "[]";

/// Both who judge.
struct Judges {
    metadata: Validator,
    components: Validator,
    folder: Folder,
}

impl Judges {
    fn new() -> Self {
        let schema = |name: &str| {
            let made = json_schemas().into_iter().find(|made| made.name == name).expect("it is made");
            jsonschema::validator_for(&serde_json::from_str(&made.text).expect("JSON")).expect("a JSON Schema")
        };
        let folder = Folder::new();
        fs::create_dir_all(folder.path.join("polls/seed")).expect("a folder can be made");
        folder.write("polls/seed/metadata.json", METADATA);
        folder.write("polls/seed/components.json", COMPONENTS);
        Self { metadata: schema("metadata.schema.json"), components: schema("components.schema.json"), folder }
    }

    fn compare(&self, name: &str, document: &Json, subject: &str, faults: &mut Vec<String>) {
        let schema = if name == "metadata.json" { &self.metadata } else { &self.components };
        let refusal = self.refusal(name, document);
        match (&refusal, schema.validate(document)) {
            (None, Err(error)) => {
                faults.push(format!("only the schema refuses {subject}\n  {} {error}", error.instance_path()))
            }
            (Some(refusal), Ok(())) => faults.push(format!("only the checker refuses {subject}\n  {refusal}")),
            _ => {}
        }
    }

    /// Returns what the checker has against a document that stands alone.
    fn refusal(&self, name: &str, document: &Json) -> Option<String> {
        let file = format!("polls/seed/{name}");
        self.folder.write(&file, &document.to_string());
        let set =
            load(std::slice::from_ref(&self.folder.path), &[], &LoadOptions::default()).expect("the root is there");
        self.folder.write(&file, if name == "metadata.json" { METADATA } else { COMPONENTS });
        let is_in = |finding: &&Diagnostic| {
            let place =
                finding.span.map(|span| PathBuf::from(&*set.sources.get(span.source).name)).or(finding.path.clone());
            place.is_some_and(|place| place.ends_with(name))
        };
        let mut refused = set.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).filter(is_in);
        refused
            .find(|finding| !BEYOND.contains(&finding.code))
            .map(|finding| format!("{}: {}", finding.code, finding.message))
    }
}

/// Returns a document once for each of its parts and each thing that may stand there instead, or be left out.
fn changes(document: &Json) -> Vec<Json> {
    let others = [
        Json::Null,
        json!(true),
        json!(7),
        json!(3),
        json!(-1),
        json!(1.5),
        json!(""),
        json!("word"),
        json!("page"),
        json!("string?"),
        json!("1.0.0-rc.1+b"),
        json!("01.0.0"),
        json!("db"),
        json!("7up"),
        json!([]),
        json!({}),
        json!([1]),
        json!(["word"]),
        json!([{}]),
        json!({ "word": 1 }),
        json!({ "word": "string" }),
        json!({ "word": {} }),
        json!("../up.lua"),
        json!("a:b"),
        json!("tags@>=1, <2"),
        json!("tags@x.1"),
        json!({ "type": "integer", "default": "three" }),
        json!({ "type": "function?", "default": "a.b", "name": "on" }),
        json!({ "type": "array", "default": null, "name": 1 }),
        json!({ "minLevel": 9, "operations": [1] }),
        json!({ "type": "Stack", "children": [[], "text"] }),
        json!({ "name": "Word", "layout": 1 }),
    ];
    let mut changed = Vec::new();
    for pointer in pointers(document) {
        for other in &others {
            let mut copy = document.clone();
            *copy.pointer_mut(&pointer).expect("it is there") = other.clone();
            changed.push(copy);
        }
        let Some((parent, key)) = pointer.rsplit_once('/') else { continue };
        let mut copy = document.clone();
        match copy.pointer_mut(parent).expect("it is there") {
            Json::Object(fields) => drop(fields.remove(key)),
            Json::Array(items) => drop(items.remove(key.parse().expect("a place"))),
            _ => {}
        }
        changed.push(copy);
    }
    changed
}

fn pointers(document: &Json) -> Vec<String> {
    let parts: Vec<(String, &Json)> = match document {
        Json::Object(fields) => fields.iter().map(|(key, part)| (key.clone(), part)).collect(),
        Json::Array(items) => items.iter().enumerate().map(|(place, part)| (place.to_string(), part)).collect(),
        _ => Vec::new(),
    };
    let inner =
        parts.into_iter().flat_map(|(key, part)| pointers(part).into_iter().map(move |rest| format!("/{key}{rest}")));
    std::iter::once(String::new()).chain(inner).collect()
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            find(&path, files);
        } else if path.ends_with("metadata.json") || path.ends_with("components.json") {
            files.push(path);
        }
    }
    files.sort();
}
