//! `schema format`: `spec/format/NAME.prisma`, and what Prisma's own formatter made of it, `NAME.formatted`.
//!
//! `NAME.ours` stands in its place where ours keeps what that one loses; `UPDATE_EXPECT=1 cargo test` rewrites these only.

use std::fs;
use std::path::{Path, PathBuf};

use mbl::schema::{format, merge};

#[test]
fn a_schema_is_formatted_as_prisma_does_or_better() {
    let mut faults = Vec::new();
    let files = schemas(&folder("spec/format"));
    assert!(!files.is_empty());
    for file in files {
        let text = read(&file);
        let found = formatted(&file, &text);
        let ours = file.with_extension("ours");
        if ours.exists() && std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&ours, &found).expect("it can be written");
        }
        let expected = if ours.exists() { ours } else { file.with_extension("formatted") };
        if read(&expected) != found {
            faults.push(format!("{} differs; found:\n{found}", expected.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn formatting_twice_is_formatting_once_and_no_word_is_lost() {
    for folder_name in ["spec/format", "spec/schema", "spec/conformance/schemas", "packages", "stdlib"] {
        for file in schemas(&folder(folder_name)) {
            let text = read(&file);
            let Ok(once) = format("a.prisma", &text) else { continue };
            assert_eq!(formatted(&file, &once), once, "{}", file.display());
            let letters = |text: &str| {
                let mut letters: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace()).collect();
                letters.sort_unstable();
                letters
            };
            assert_eq!(letters(text.trim_start_matches('\u{feff}')), letters(&once), "{}", file.display());
        }
    }
}

#[test]
fn what_cannot_be_read_is_not_formatted() {
    let Err((_, diagnostics)) = format("a.prisma", "model A {\n  id Int @id(\n}\n") else { panic!("it is no schema") };
    assert!(diagnostics.has_errors());
}

#[test]
fn files_merge_into_one_with_one_datasource() {
    let a = "datasource a {\n  provider = \"sqlite\"\n}\ngenerator g {\n provider = \"x\"\n}\n// of A\nmodel A {\n id Int @id\n}\n";
    let b = "datasource b {\n  provider = \"sqlite\"\n}\ngenerator g {\n provider = \"y\"\n}\n\n/// B\nmodel B {\n id Int @id\n}\n";
    let merged = merge(&[("a.prisma", a), ("b.prisma", b)], true).expect("both are schemas");
    let expected = "datasource a {\n  provider = \"sqlite\"\n}\n\ngenerator g {\n  provider = \"x\"\n}\n\n// a.prisma\n\n// of A\nmodel A {\n  id Int @id\n}\n\n// b.prisma\n\n/// B\nmodel B {\n  id Int @id\n}\n";
    assert_eq!(merged, expected);
}

fn formatted(file: &Path, text: &str) -> String {
    format("a.prisma", text).unwrap_or_else(|(sources, faults)| {
        panic!("{}: {}", file.display(), faults.render(&sources, Default::default()))
    })
}

fn folder(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Returns the .prisma files below a folder.
fn schemas(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(schemas(&path));
        } else if path.extension().is_some_and(|extension| extension == "prisma") {
            found.push(path);
        }
    }
    found.sort();
    found
}
