//! Packages with one fault that people make: each file below `spec/package/broken` says what it puts in place of the files of the
//! sound package in `base`, and what `check` finds then.
//!
//! `UPDATE_EXPECT=1 cargo test` rewrites the expectations.

use std::fs;
use std::path::Path;

use mbl::Runtime;
use mbl::diag::RenderOptions;

use crate::cli::{Folder, copy_tree, root};

#[test]
fn every_fault_is_found_where_it_is() {
    let folder = root().join("spec/package/broken");
    let mut cases: Vec<_> = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("one").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    cases.sort();
    assert!(cases.len() >= 60, "there are {} cases", cases.len());
    let mut faults = Vec::new();
    for case in cases {
        let text = fs::read_to_string(&case).expect("a text");
        let (files, expected) = text.split_once("\n== findings\n").expect("findings");
        let found = findings(&folder.join("base"), files);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&case, format!("{files}\n== findings\n{found}")).expect("the expectation can be written");
        } else if expected != found {
            faults.push(format!("{}:\n--- expected\n{expected}--- found\n{found}", case.display()));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_sound_package_has_no_findings() {
    assert_eq!(findings(&root().join("spec/package/broken/base"), ""), "");
}

#[test]
fn the_same_input_gives_the_same_findings() {
    let folder = root().join("spec/package/broken");
    for case in ["syntax_several.txt", "db_local.txt", "component_no_render.txt"] {
        let text = fs::read_to_string(folder.join(case)).expect("a text");
        let files = text.split_once("\n== findings\n").expect("findings").0;
        assert_eq!(findings(&folder.join("base"), files), findings(&folder.join("base"), files));
    }
}

/// Checks the packages of `base` with these files in the place of its own.
fn findings(base: &Path, files: &str) -> String {
    let folder = Folder::new();
    copy_tree(base, &folder.path);
    for part in files.split("\n-- ").skip(1) {
        let (head, text) = part.split_once('\n').unwrap_or((part, ""));
        let (path, mark) = head.split_once(" (").map_or((head, ""), |(path, mark)| (path, mark.trim_end_matches(')')));
        let path = folder.path.join(path);
        if mark == "gone" {
            fs::remove_file(&path).expect("the file is there");
            continue;
        }
        fs::create_dir_all(path.parent().expect("a folder")).expect("it can be made");
        let text = format!("{}\n", text.trim_end_matches('\n'));
        let start = if mark == "bom" { "\u{feff}" } else { "" };
        fs::write(&path, format!("{start}{}", if text == "\n" { "" } else { &text })).expect("it can be written");
    }
    let set = Runtime::builder().packages(&folder.path).base(&folder.path).check().expect("the packages can be read");
    set.diagnostics.render(&set.sources, RenderOptions::default())
}
