//! Packages in the form of those that exist already: they load, and their tests pass.

use mbl::Runtime;
use mbl::diag::Severity;
use mbl::runtime::{Outcome, TestOptions};
use serde_json::{Value as Json, json};

use crate::cli::root;

fn runtime() -> Runtime {
    let folder = root().join("spec/package/compat");
    Runtime::builder().packages(&folder).base(&folder).in_memory().build().expect("they load")
}

#[test]
fn their_modules_load_but_for_what_does_not_compile() {
    let runtime = runtime();
    let mut loaded = 0;
    for package in ["kit_base", "kit_forum", "kit_shop", "kit_units"] {
        for module in runtime.load_modules(package).expect("it is loaded") {
            match module.error {
                None => loaded += 1,
                Some(error) => assert_eq!(module.path, "broken.lua", "{error}"),
            }
        }
    }
    assert_eq!(loaded, 19);
    let faults = runtime.check();
    let errors = faults.iter().filter(|finding| finding.severity == Severity::Error);
    assert_eq!(errors.map(|finding| finding.code).collect::<Vec<_>>(), ["syntax"]);
}

#[test]
fn their_tests_pass() {
    let report = runtime().test(&TestOptions::default(), &mut |_| {}).expect("they run");
    let faults: Vec<String> = report
        .tests
        .iter()
        .filter_map(|test| match &test.outcome {
            Outcome::Failed(error) => Some(format!("{} ({}): {error}", test.full_name(), test.file)),
            _ => None,
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let (passed, _, skipped) = report.counts();
    assert_eq!(
        (passed, skipped),
        (59, 3),
        "{:#?}",
        report.tests.iter().map(|test| test.full_name()).collect::<Vec<_>>()
    );
}

#[test]
fn an_operation_that_takes_a_handle_is_given_it() {
    let runtime = runtime();
    let post: Json = runtime.call("kit_forum.createPost", ("acme", json!({ "title": "hello" }))).expect("it is made");
    let found: Json = runtime.call("kit_forum.getPost", post["id"].as_str().expect("an id")).expect("it is read");
    assert_eq!((&found["title"], &found["likes"]), (&json!("hello"), &json!(0)));
    let list: Json = runtime.call("kit_forum.listPosts", "acme").expect("they are listed");
    assert_eq!(list.as_array().map(Vec::len), Some(1));
}

#[test]
fn what_their_scripts_say_is_sound() {
    let folder = root().join("spec/package/compat");
    let set = Runtime::builder().packages(&folder).base(&folder).check().expect("they can be read");
    let found: Vec<String> = set.diagnostics.iter().map(|finding| finding.render_line(&set.sources)).collect();
    assert_eq!(
        found,
        [
            "kit_forum/seed/scripts/broken.lua:4:3: syntax: '}' expected (to close '{' at line 2) near 'b'",
            "kit_shop/seed/metadata.json:11:84: unknown_export: the package exports a script `missing_script` that it does not have",
            "kit_shop/seed/metadata.json:11:123: unknown_key: unknown key `luaScripts`",
            "kit_shop/seed/metadata.json:23:3: unknown_key: unknown key `seed`",
            "kit_shop/seed/metadata.json:24:3: unknown_key: unknown key `storybook`",
            "kit_shop/seed/metadata.json:25:3: unknown_key: unknown key `layouts`",
        ],
    );
}
