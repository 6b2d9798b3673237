//! Runs the scripts in `examples/scripts`: what they print is what stands behind their arrows.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use mbl::Runtime;

use crate::cli::root;

#[test]
fn scripts_print_what_stands_behind_their_arrows() {
    let folder = root().join("examples/scripts");
    let mut files: Vec<_> =
        fs::read_dir(&folder).expect("it is a folder").flatten().map(|entry| entry.path()).collect();
    files.sort();
    assert!(files.len() >= 3, "{files:?}");
    for file in files {
        let text = fs::read_to_string(&file).expect("a script is UTF-8");
        let expected: Vec<&str> =
            text.lines().filter_map(|line| line.split_once("--> ")).map(|(_, shown)| shown).collect();
        assert!(!expected.is_empty(), "{}", file.display());
        assert_eq!(printed(&file, &text), expected, "{}", file.display());
    }
}

/// Runs a script over a new database and returns its lines.
fn printed(file: &Path, text: &str) -> Vec<String> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let sink = lines.clone();
    let runtime = Runtime::builder()
        .packages(root().join("packages"))
        .in_memory()
        .on_print(move |line| sink.lock().expect("no one panicked").push(String::from_utf8_lossy(line).into_owned()))
        .build()
        .expect("it builds");
    if let Err(error) = runtime.exec(&file.display().to_string(), text.as_bytes(), &[]) {
        panic!("{}: {error}", file.display());
    }
    let lines = std::mem::take(&mut *lines.lock().expect("no one panicked"));
    lines.iter().map(|line| line.trim_end_matches('\n').to_owned()).collect()
}
