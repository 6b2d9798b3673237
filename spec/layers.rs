//! Keeps the table of modules in `ARCHITECTURE.md` true.

use std::fs;
use std::path::{Path, PathBuf};

/// Each module, and the modules it may name besides itself.
const LAYERS: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("cache", &[]),
    ("value", &[]),
    ("id", &[]),
    ("hash", &[]),
    ("markdown", &[]),
    ("files", &["hash", "diag"]),
    ("image", &[]),
    ("watch", &[]),
    ("sandbox", &[]),
    ("json", &["diag", "value"]),
    ("schema", &["diag", "value"]),
    ("query", &["schema", "value", "diag"]),
    ("migrate", &["schema"]),
    ("package", &["schema", "json", "diag", "value"]),
    ("lint", &["package", "query", "schema", "json", "value", "diag"]),
    ("generate", &["package", "query", "schema", "diag"]),
    ("html", &["package", "markdown"]),
    ("sql", &["query", "migrate", "schema", "value"]),
    ("store", &["sql", "migrate", "schema", "value", "id", "hash", "cache"]),
    ("db", &["store", "sql", "query", "migrate", "schema", "value", "diag", "cache"]),
    ("lua", &["db", "package", "json", "value", "diag", "id", "hash", "markdown", "files", "image", "sandbox"]),
    ("error", &["diag", "db", "lua", "package", "store"]),
    (
        "runtime",
        &[
            "error", "lua", "lint", "db", "package", "store", "migrate", "query", "schema", "json", "value", "diag",
            "id", "watch", "files", "sandbox",
        ],
    ),
];

#[test]
fn modules_look_downwards_only() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    for (module, allowed) in LAYERS {
        let files = rust_files(&src.join(module), &src.join(module).with_extension("rs"));
        assert!(!files.is_empty(), "`{module}` is in the table but not in `src`");
        for file in files {
            let text = fs::read_to_string(&file).expect("a source file is UTF-8");
            if text.contains("crate::{") {
                faults.push(format!("{}: write one `use crate::module::...` per module", file.display()));
            }
            for name in names_after(&text, "crate::") {
                let known = LAYERS.iter().any(|(other, _)| *other == name);
                if known && name != *module && !allowed.contains(&name) {
                    faults.push(format!("{}: `{module}` may not use `{name}`", file.display()));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_table_of_modules_says_the_same() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).expect("it is UTF-8");
    let told: Vec<(String, Vec<String>)> = text
        .lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let module = cells.get(2)?.strip_prefix('`')?.strip_suffix('`')?;
            cells.get(1)?.parse::<u8>().ok()?;
            let mut allowed = names_in(cells.get(4)?);
            allowed.sort();
            Some((module.to_owned(), allowed))
        })
        .collect();
    for (module, allowed) in LAYERS {
        let mut allowed: Vec<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        allowed.sort();
        let row = told.iter().find(|(name, _)| name == module);
        assert_eq!(row.map(|(_, names)| names), Some(&allowed), "the row of `{module}` in ARCHITECTURE.md");
    }
    assert_eq!(told.len(), LAYERS.len(), "each module in ARCHITECTURE.md is in the table here");
}

/// Returns the names that a cell of the table has in backquotes.
fn names_in(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns every identifier that follows `prefix`.
fn names_after<'a>(text: &'a str, prefix: &str) -> Vec<&'a str> {
    text.split(prefix)
        .skip(1)
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(""))
        .collect()
}

/// Returns `single` if it is a file, and all Rust files below `folder`.
fn rust_files(folder: &Path, single: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    if single.is_file() {
        found.push(single.to_owned());
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(rust_files(&path, Path::new("")));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}
