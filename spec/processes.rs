//! Several processes on one database file.

use std::process::{Child, Command, Output, Stdio};

use mbl::store::{DatabaseUrl, Store};
use serde_json::Value as Json;

use crate::cli::{Folder, project};

#[test]
fn eight_processes_start_on_one_new_database_at_once() {
    let folder = project();
    let children: Vec<Child> = (0..8).map(|_| start(&folder, &["run", "packages/forum_forge", "--json"])).collect();
    let reports: Vec<Json> =
        children.into_iter().map(|child| report(child.wait_with_output().expect("it runs"))).collect();
    assert!(reports.iter().all(|report| report["ok"] == true), "{reports:#?}");
    let installs = reports.iter().filter(|report| report["installed"].as_array().is_some_and(|list| !list.is_empty()));
    assert_eq!(installs.count(), 1, "one of them installs the package: {reports:#?}");
    let makers = reports.iter().filter(|report| report["database"]["tables"].as_u64() > Some(0));
    assert_eq!(makers.count(), 1, "one of them makes the tables: {reports:#?}");
    assert_eq!(query(&folder, "installedPackage.count"), Json::from(1));
    assert_eq!(query(&folder, "tenant.count"), Json::from(1));
    // The eighth start finds what the first one made.
    let again = report(start(&folder, &["run", "packages/forum_forge", "--json"]).wait_with_output().expect("it runs"));
    assert_eq!(again["database"]["tables"], 0);
}

#[test]
fn a_second_process_sees_what_the_first_wrote() {
    let folder = project();
    let call = |operation: &str, args: &[&str]| {
        let words: Vec<&str> =
            ["call", "packages/forum_forge", operation].into_iter().chain(args.iter().copied()).collect();
        report(start(&folder, &words).wait_with_output().expect("it runs"))
    };
    let category = call("createCategory", &[r#""default""#, r#"{"name": "News"}"#]);
    let id = category["id"].to_string();
    let thread = call("createThread", &[&id, r#""ann""#, r#""Hello""#, r#""First!""#]);
    let thread_id = thread["id"].to_string();
    let writers: Vec<Child> = (0..4)
        .map(|number| {
            let text = format!("\"reply {number}\"");
            start(&folder, &["call", "packages/forum_forge", "createPost", &thread_id, r#""bob""#, &text])
        })
        .collect();
    for writer in writers {
        report(writer.wait_with_output().expect("it runs"));
    }
    assert_eq!(call("getThread", &[&thread_id])["replyCount"], 4);
    assert_eq!(call("listPosts", &[&thread_id]).as_array().map(Vec::len), Some(5));
}

#[test]
fn a_database_that_stays_locked_is_named() {
    let folder = project();
    let run =
        |url: &str| start(&folder, &["run", "packages/forum_forge", "--db", url]).wait_with_output().expect("it runs");
    assert!(run("app.db").status.success());
    let store = Store::open(&DatabaseUrl::file(folder.path.join("app.db"))).expect("the database opens");
    store.begin().expect("a transaction begins");
    // A start that finds everything in place only reads, and waits for nobody.
    assert!(run("file:app.db?busy_timeout=50").status.success());
    let other = start(&folder, &["run", "packages/audit_log", "--db", "file:app.db?busy_timeout=50"]);
    let output = other.wait_with_output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{errors}");
    assert!(errors.starts_with("error[database_locked]: database `app.db` is locked"), "{errors}");
    assert!(errors.contains("= help: "), "{errors}");
}

fn start(folder: &Folder, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_mbl"))
        .args(args)
        .current_dir(&folder.path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

fn report(output: Output) -> Json {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

fn query(folder: &Folder, operation: &str) -> Json {
    report(start(folder, &["query", operation]).wait_with_output().expect("it runs"))
}
