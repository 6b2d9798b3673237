//! Texts that nobody would write, in the places where texts come in: schemas, JSON, arguments, scripts, metadata and components.
//!
//! Each input is made from a right one by a few changes that know of words, brackets and numbers. The same ones come in each run;
//! `MBL_FUZZ` says how many (a million in a long run), and then an input that takes longer than 100 ms is a fault, too. What was worth
//! keeping lies in `spec/fuzz/<target>/`, and comes first.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use mbl::Runtime;
use mbl::diag::{Diagnostics, Sources};
use mbl::migrate::Layout;
use mbl::package::{LoadOptions, Wanted, load};
use mbl::runtime::{Door, answer};
use mbl::sandbox::Untrusted;
use mbl::schema::Schema;
use rustix::time::ClockId;

use crate::cli::{Folder, root, spent};
use crate::props::random::{Random, setting};

/// The most that one input may take, in a long run.
const MOST: Duration = Duration::from_millis(100);

#[test]
fn a_schema_is_read_or_refused() {
    let corpus = files(&root().join("spec/schema"), "prisma");
    let words = [
        "model",
        "enum",
        "datasource",
        "generator",
        "@id",
        "@@id",
        "@unique",
        "@default",
        "@relation",
        "fields:",
        "references:",
        "[]",
        "?",
        "@map",
        "@@map",
        "@@index",
        "String",
        "Int",
        "BigInt",
        "Json",
        "Unsupported(\"x\")",
        "autoincrement()",
        "now()",
        "cuid()",
        "dbgenerated(\"x\")",
        "env(\"X\")",
        "\"",
        "//",
        "///",
        "\u{feff}",
        "9223372036854775808",
        "-1",
        "1e999",
    ];
    fuzz("schema", &corpus, &words, |text| {
        if let Ok(schema) = Schema::parse_text("schema.prisma", text) {
            Layout::of(&schema);
        }
    });
}

#[test]
fn json_is_read_or_refused() {
    let corpus = lines(&root().join("spec/props/operations.jsonl"));
    fuzz("json", &corpus, JSON_WORDS, |text| {
        let mut sources = Sources::new();
        let source = sources.add("x.json", text);
        let mut diagnostics = Diagnostics::new();
        let node = mbl::json::read(&sources, source, &mut diagnostics);
        assert!(node.is_some() || diagnostics.has_errors(), "what is no JSON is named: {text}");
        diagnostics.render(&sources, Default::default());
    });
}

#[test]
fn arguments_are_answered() {
    let corpus = lines(&root().join("spec/props/operations.jsonl"));
    let schema = crate::props::recorded_schema("blog.prisma");
    let schema = Schema::parse_text("schema.prisma", &schema).unwrap_or_else(|_| panic!("the schema is right"));
    let door = Door::open(":memory:", Arc::new(schema)).expect("a database");
    let mut words = JSON_WORDS.to_vec();
    words.extend([
        "\"where\":",
        "\"data\":",
        "\"include\":",
        "\"select\":",
        "\"AND\":",
        "\"NOT\":",
        "\"in\":",
        "\"not\":",
        "\"some\":",
        "\"connect\":",
        "\"create\":",
        "\"set\":",
        "\"increment\":",
        "\"orderBy\":",
        "\"cursor\":",
        "\"take\":",
        "\"by\":",
        "\"having\":",
        "\"path\":",
        "{\"$bigint\":\"1\"}",
        "{\"$bytes\":\"AA==\"}",
        "{\"$datetime\":\"2020-01-01T00:00:00Z\"}",
    ]);
    door.database().begin().expect("a transaction begins");
    fuzz("arguments", &corpus, &words, |text| {
        let before = door.database().depth();
        let answer = answer(door.database(), text.as_bytes());
        assert!(answer.starts_with('{') && !answer.contains("panicked"), "{answer}");
        assert_eq!(door.database().depth(), before, "nothing stays open");
    });
}

#[test]
fn metadata_and_components_are_read_or_refused() {
    for (target, file) in [("metadata", "metadata.json"), ("components", "components.json")] {
        let corpus: Vec<String> = fs::read_dir(root().join("packages"))
            .expect("packages is a folder")
            .flatten()
            .filter_map(|entry| fs::read_to_string(entry.path().join("seed").join(file)).ok())
            .collect();
        let folder = Folder::new();
        let seed = folder.path.join("p/seed");
        fs::create_dir_all(seed.join("scripts")).expect("a folder can be made");
        fs::write(seed.join("scripts/init.lua"), "return {}").expect("a file can be written");
        let metadata = r#"{ "packageId": "p", "name": "P", "version": "1.0.0" }"#;
        fs::write(seed.join("metadata.json"), metadata).expect("a file can be written");
        let wanted = [Wanted::Path(folder.path.join("p"))];
        let options = LoadOptions { without_core: true, ..LoadOptions::default() };
        let mut words = JSON_WORDS.to_vec();
        words.extend([
            "\"packageId\":",
            "\"version\":",
            "\"dependencies\":",
            "\"type\":",
            "\"props\":",
            "\"script\":",
            "\"children\":",
            "\"../x.lua\"",
        ]);
        fuzz(target, &corpus, &words, |text| {
            fs::write(seed.join(file), text).expect("a file can be written");
            let set = load(&[], &wanted, &options).expect("the folder is there");
            set.diagnostics.render(&set.sources, Default::default());
        });
    }
}

/// In Lua itself: a million calls from outside would measure the way there.
#[test]
fn scripts_and_json_in_lua_are_compiled_or_refused() {
    let mut corpus = files(&root().join("stdlib"), "lua");
    corpus.extend(files(&root().join("spec/fuzz/load"), "lua"));
    let runtime = Runtime::builder().build().expect("a runtime");
    let mut code = Untrusted::new("fuzz.lua", include_str!("fuzz/fuzz.lua"));
    let count = setting("MBL_FUZZ", 3000);
    code.args = serde_json::json!({
        "texts": corpus,
        "json": lines(&root().join("spec/props/operations.jsonl")),
        "count": count,
        "long": std::env::var_os("MBL_FUZZ").is_some(),
    });
    code.timeout = Duration::from_secs(3600);
    code.memory_bytes = 256 << 20;
    let outcome = runtime.run_untrusted(&code, |_| ());
    assert_eq!(outcome.error, None);
    println!("lua: {}", outcome.result);
}

const JSON_WORDS: &[&str] = &[
    "null",
    "true",
    "-0",
    "1e400",
    "9223372036854775808",
    "1.5",
    "\"\\ud800\"",
    "\"\\u0000\"",
    "\"\"",
    "{}",
    "[]",
    "{\"$type\":1}",
    "\u{feff}",
    "NaN",
    "'",
    "//",
    "\"__proto__\":",
    "\"id\":",
];

/// Gives a target the inputs that were kept, then as many changed ones as are asked for.
fn fuzz(target: &str, corpus: &[String], words: &[&str], run: impl Fn(&str)) {
    assert!(!corpus.is_empty(), "{target} has right inputs");
    let (count, is_long) = (setting("MBL_FUZZ", 1500), std::env::var_os("MBL_FUZZ").is_some());
    let kept: Vec<String> = files(&root().join("spec/fuzz").join(target), "txt");
    let mut random = Random::new(setting("MBL_SEED", 1));
    let changed = (0..count).map(|_| change(&mut random, corpus, words));
    let mut slowest = (Duration::ZERO, String::new());
    for text in kept.into_iter().chain(changed) {
        let before = spent(ClockId::ThreadCPUTime);
        if catch_unwind(AssertUnwindSafe(|| run(&text))).is_err() {
            panic!("{target}: a panic at this input; keep it in spec/fuzz/{target}/:\n{text}");
        }
        let took = spent(ClockId::ThreadCPUTime) - before;
        assert!(!is_long || took <= MOST, "{target}: {took:?} for an input of {} bytes:\n{text}", text.len());
        if took > slowest.0 {
            slowest = (took, text.chars().take(200).collect());
        }
    }
    println!("{target}: {count} inputs, the slowest in {:?}: {:?}", slowest.0, slowest.1);
}

/// Makes an input of a right one.
fn change(random: &mut Random, corpus: &[String], words: &[&str]) -> String {
    let mut text = random.pick(corpus).clone();
    for _ in 0..random.between(1, 6) {
        let mut parts = split(&text);
        let at = random.below(parts.len() + 1);
        let other = random.below(parts.len().max(1));
        match random.below(10) {
            0 if at < parts.len() => drop(parts.remove(at)),
            1 if at < parts.len() => parts.insert(at, parts[at]),
            2 if at < parts.len() => parts.swap(at, other),
            3 | 4 => parts.insert(at, words[random.below(words.len())]),
            5 => parts.truncate(at),
            6 if at < parts.len() => {
                // The same again and again: deep, when it opens something.
                let part = parts[at];
                let times = random.between(2, 300);
                parts.splice(at..at, std::iter::repeat_n(part, times));
            }
            7 if at < other => drop(parts.drain(at..other)),
            8 if at < other && parts.len() < 4000 => {
                let span = parts[at..other].to_vec();
                parts.splice(at..at, span);
            }
            _ => {
                let mut bytes = text.clone().into_bytes();
                if !bytes.is_empty() {
                    let place = random.below(bytes.len());
                    bytes[place] = random.next() as u8;
                }
                text = String::from_utf8_lossy(&bytes).into_owned();
                continue;
            }
        }
        text = parts.concat();
    }
    text
}

/// Splits a text into words, spaces and signs.
fn split(text: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        _ if c.is_alphanumeric() || c == '_' => 0,
        _ if c.is_whitespace() => 1,
        _ => 2 + c as u32,
    };
    let mut parts = Vec::new();
    let mut start = 0;
    for (place, pair) in
        text.char_indices().zip(text.chars().skip(1)).map(|((place, a), b)| (place + a.len_utf8(), (a, b)))
    {
        if kind(pair.0) != kind(pair.1) || kind(pair.0) > 1 {
            parts.push(&text[start..place]);
            start = place;
        }
    }
    if start < text.len() {
        parts.push(&text[start..]);
    }
    parts
}

fn files(folder: &Path, extension: &str) -> Vec<String> {
    let mut paths: Vec<_> = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let wanted = paths.iter().filter(|path| path.extension().is_some_and(|found| found == extension));
    wanted.filter_map(|path| fs::read(path).ok()).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

fn lines(file: &Path) -> Vec<String> {
    fs::read_to_string(file).expect("the file is there").lines().map(str::to_owned).collect()
}
