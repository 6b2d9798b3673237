//! Runs the examples of the user's pages, so that none of them lies.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use mbl::Runtime;
use mbl::schema::Schema;

#[test]
fn the_examples_of_the_db_page_run() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/db.md")).expect("the page is there");
    let [schema] = blocks(&page, "prisma")[..] else { panic!("the page has one schema") };
    let schema = Schema::parse_text("db.md", schema.1)
        .unwrap_or_else(|(sources, faults)| panic!("{}", faults.render(&sources, Default::default())));
    let runtime = Runtime::builder().schema(Arc::new(schema)).in_memory().build().expect("the runtime starts");
    let examples = blocks(&page, "lua");
    assert!(examples.len() > 15, "only {} examples were found", examples.len());
    for (line, example) in examples {
        // The lines before keep the numbers of the page.
        let text = format!("local db = require('db'){}{example}", "\n".repeat(line));
        if let Err(error) = runtime.exec("@docs/db.md", text.as_bytes(), &[]) {
            panic!("the example at docs/db.md:{line} fails: {error}");
        }
    }
}

#[test]
fn the_examples_of_the_security_page_run() {
    let page =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md")).expect("the page is there");
    let runtime =
        Runtime::builder().in_memory().sandbox_program(env!("CARGO_BIN_EXE_mbl")).build().expect("the runtime starts");
    let examples = blocks(&page, "lua");
    assert!(!examples.is_empty(), "the page has examples");
    for (line, example) in examples {
        let text = format!("{}{example}", "\n".repeat(line));
        if let Err(error) = runtime.exec("@docs/security.md", text.as_bytes(), &[]) {
            panic!("the example at docs/security.md:{line} fails: {error}");
        }
    }
}

/// Returns the fenced blocks of a language, each with the line on which its fence stands.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<(usize, &'a str)> {
    let fence = format!("```{language}\n");
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = page[at..].find(&fence) {
        let start = at + start;
        let body = start + fence.len();
        let end = body + page[body..].find("```").expect("a fence is closed");
        found.push((page[..body].lines().count(), &page[body..end]));
        at = end + 3;
    }
    found
}
