//! Every code that can be told has its page in `docs/diagnostics.md`.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::cli::root;

/// What stands before a code in the source.
const BEFORE: &[&str] = &[
    "Diagnostic::error(",
    "Diagnostic::warning(",
    "Severity::Error,",
    "Severity::Warning,",
    ".fault(",
    ".missing(",
    ".unknown(",
    "at_start(script,",
    "code: ",
    "LuaErrorKind::",
];

#[test]
fn every_code_has_a_page() {
    let pages = fs::read_to_string(root().join("docs/diagnostics.md")).expect("a text");
    let pages: BTreeSet<&str> = pages.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let mut codes = BTreeSet::new();
    read_folder(&root().join("src"), &mut codes);
    // Those that were told somewhere in the expectations, however they are made.
    for folder in ["spec/package", "spec/schema"] {
        told(&root().join(folder), &mut codes);
    }
    assert!(codes.len() > 150, "{} codes", codes.len());
    let without: Vec<&String> = codes.iter().filter(|code| !pages.contains(&code[..])).collect();
    assert!(without.is_empty(), "add to docs/diagnostics.md: {without:?}");
    let ordered: Vec<&&str> = pages.iter().collect();
    assert!(ordered.is_sorted());
}

fn is_code(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let prisma = text.len() == 5 && text.starts_with('P') && text[1..].bytes().all(|byte| byte.is_ascii_digit());
    prisma || (text.len() > 1 && text.bytes().all(plain) && text.as_bytes()[0].is_ascii_lowercase())
}

fn read_folder(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            read_folder(&path, codes);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).expect("a text");
            // What stands behind are tests of the file's own.
            let text = text.split("#[cfg(test)]").next().unwrap_or("");
            let kinds = path.ends_with("lua/error.rs");
            for before in BEFORE.iter().filter(|before| kinds || **before != "LuaErrorKind::") {
                for rest in text.split(before).skip(1) {
                    // The names of the kinds of a script's errors stand behind an arrow.
                    let rest = match *before == "LuaErrorKind::" {
                        true => rest.split_once(" => ").map_or("", |(_, rest)| rest),
                        false => rest.trim_start(),
                    };
                    let Some(rest) = rest.strip_prefix('"') else { continue };
                    let Some((code, _)) = rest.split_once('"') else { continue };
                    if is_code(code) {
                        codes.insert(code.to_owned());
                    }
                }
            }
        }
    }
}

/// Collects what stands in the brackets of `error[...]` and `warning[...]`.
fn told(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            told(&path, codes);
        } else if let Ok(text) = fs::read_to_string(&path) {
            for before in ["error[", "warning["] {
                for rest in text.split(before).skip(1) {
                    if let Some((code, _)) =
                        rest.split_once(']').filter(|(code, rest)| is_code(code) && rest.starts_with(": "))
                    {
                        codes.insert(code.to_owned());
                    }
                }
            }
        }
    }
}
