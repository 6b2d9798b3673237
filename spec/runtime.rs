//! The library as a host uses it.

use std::fs;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use mbl::lua::{Context, LuaErrorKind};
use mbl::package::Wanted;
use mbl::store::{DatabaseUrl, Store};
use mbl::{Error, Runtime, RuntimeBuilder};
use serde_json::{Value as Json, json};

use crate::cli::{Folder, root};

#[test]
fn a_runtime_is_called_from_many_threads_at_once() {
    let folder = Folder::new();
    let url = folder.path.join("app.db").display().to_string();
    let runtime = forum().database(url).workers(3).build().expect("it builds");
    let categories: Json = runtime.call("forum_forge.listCategories", ("default",)).expect("it answers");
    let thread: Json =
        runtime.call("forum_forge.createThread", (&categories[0]["id"], "ann", "Hello", "First!")).expect("it answers");
    let id = &thread["id"];
    thread::scope(|scope| {
        for number in 0..8 {
            let runtime = &runtime;
            scope.spawn(move || {
                for reply in 0..5 {
                    let text = format!("{number}.{reply}");
                    runtime.call::<Json>("forum_forge.createPost", (id, "ben", text)).expect("it answers");
                    runtime.call::<Json>("forum_forge.listPosts", (id,)).expect("it answers");
                }
            });
        }
    });
    let thread: Json = runtime.call("forum_forge.getThread", (id,)).expect("it answers");
    assert_eq!(thread["replyCount"], 40);
}

#[test]
fn two_runtimes_live_side_by_side() {
    let (one, two) = (forum().build().expect("it builds"), forum().build().expect("it builds"));
    let named = json!({ "name": "Only here" });
    one.call::<Json>("forum_forge.createCategory", ("default", named)).expect("it answers");
    let count = |runtime: &Runtime| {
        let categories: Vec<Json> = runtime.call("forum_forge.listCategories", ("default",)).expect("it answers");
        categories.len()
    };
    assert_eq!(count(&one), count(&two) + 1);
}

#[test]
fn each_tenant_meets_the_packages_once() {
    let runtime = forum().build().expect("it builds");
    let acme = Context { tenant: Some("acme".into()), ..Context::default() };
    for _ in 0..2 {
        let categories =
            runtime.call_as(&acme, "forum_forge", "listCategories", vec![json!("acme")]).expect("it answers");
        assert_eq!(categories.as_array().map(Vec::len), Some(3), "the starting categories, once");
    }
}

#[test]
fn what_scripts_print_and_log_goes_to_the_host() {
    let (folder, lines) = (Folder::new(), Arc::new(Mutex::new(Vec::new())));
    let package =
        write_package(&folder, "local M = {}\nfunction M.hello(name) print('hello', name) return name end\nreturn M");
    let sink = lines.clone();
    let runtime = Runtime::builder()
        .only(Wanted::Path(package))
        .on_print(move |line| sink.lock().expect("no one panicked").push(String::from_utf8_lossy(line).into_owned()))
        .build()
        .expect("it builds");
    assert_eq!(runtime.call::<String>("polls.hello", ("Ann",)).expect("it answers"), "Ann");
    assert_eq!(*lines.lock().expect("no one panicked"), ["hello\tAnn\n"]);
}

#[test]
fn a_call_that_takes_too_long_is_stopped_and_the_next_one_runs() {
    let folder = Folder::new();
    let package = write_package(
        &folder,
        "local M = {}\nfunction M.loop() while true do end end\nfunction M.one() return 1 end\nreturn M",
    );
    let runtime = Runtime::builder()
        .only(Wanted::Path(package))
        .call_timeout(Some(Duration::from_millis(50)))
        .build()
        .expect("it builds");
    match runtime.call::<Json>("polls.loop", ()) {
        Err(Error::Lua(error)) => assert_eq!(error.kind, LuaErrorKind::TimeLimit, "{error}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(runtime.call::<i64>("polls.one", ()).expect("it answers"), 1);
}

#[test]
fn a_lock_is_not_waited_for_longer_than_a_call_may_take() {
    let folder = Folder::new();
    let file = folder.path.join("app.db");
    let runtime = forum().database(file.display().to_string()).call_timeout(Some(Duration::from_millis(200)));
    let runtime = runtime.build().expect("it builds");
    let other = Store::open(&DatabaseUrl::file(&file)).expect("it opens");
    other.begin().expect("it begins");
    let begun = Instant::now();
    let categories = || runtime.call::<Json>("forum_forge.createCategory", ("default", json!({ "name": "Late" })));
    match categories() {
        Err(Error::Lua(error)) => assert_eq!(error.kind, LuaErrorKind::TimeLimit, "{error}"),
        other => panic!("{other:?}"),
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    other.rollback().expect("it ends");
    categories().expect("it answers");
}

#[test]
fn a_package_gets_the_capabilities_that_its_host_grants() {
    let folder = Folder::new();
    let package = write_package(
        &folder,
        "local db = require('db')\nlocal M = {}\nfunction M.raw(sql) return db.queryRaw(sql) end\nreturn M",
    );
    let metadata =
        r#"{ "packageId": "polls", "name": "Polls", "version": "0.1.0", "capabilities": ["db.raw", "files"] }"#;
    fs::write(package.join("seed/metadata.json"), metadata).expect("a file can be written");
    let builder = Runtime::builder().only(Wanted::Path(package)).in_memory();
    let said = |runtime: &Runtime, sql: &str| match runtime.call::<Json>("polls.raw", (sql,)) {
        Ok(rows) => rows.to_string(),
        Err(error) => error.to_string(),
    };
    let granted = builder.clone().build().expect("it builds");
    assert_eq!(said(&granted, "SELECT 1 AS one"), r#"[{"one":1}]"#);
    for (sql, expected) in [
        ("ATTACH DATABASE 'x.db' AS x", "too many attached databases"),
        ("UPDATE sqlite_schema SET sql = ''", "may not be modified"),
        ("SELECT load_extension('x')", "not authorized"),
        ("SELECT 1; SELECT 2", "the statement failed"),
    ] {
        let answer = said(&granted, sql);
        assert!(answer.contains(expected), "{sql}: {answer}");
    }
    let refused = builder.grant(|package, capability| package != "polls" || capability != "db.raw").build();
    assert!(said(&refused.expect("it builds"), "SELECT 1").contains("only there for a package with the capability"));
}

#[test]
fn a_wrong_name_is_refused_with_the_nearest_right_one() {
    let runtime = forum().build().expect("it builds");
    let said = |name: &str| runtime.call::<Json>(name, ()).expect_err("it is refused").to_string();
    assert_eq!(
        said("forum_forge.listThread"),
        "`forum_forge` has no operation `listThread`; did you mean `listThreads`?"
    );
    assert_eq!(said("forum_forg.listThreads"), "no package `forum_forg` is loaded; did you mean `forum_forge`?");
}

#[test]
fn scripts_run_at_level_zero_unless_the_host_says_otherwise() {
    let folder = Folder::new();
    let script = "local ctx = require('ctx')\nlocal M = {}\nfunction M.who() return { ctx.tenant, ctx.user or 'nobody', ctx.level } end\nreturn M";
    let runtime = Runtime::builder().only(Wanted::Path(write_package(&folder, script))).build().expect("it builds");
    assert_eq!(runtime.call::<Json>("polls.who", ()).expect("it answers"), json!(["default", "nobody", 0]));
    let god = Context { tenant: Some("acme".into()), user: Some("ann".into()), level: Some(5), now: None };
    assert_eq!(runtime.call_as(&god, "polls", "who", Vec::new()).expect("it answers"), json!(["acme", "ann", 5]));
}

fn forum() -> RuntimeBuilder {
    Runtime::builder().only(Wanted::Path(root().join("packages/forum_forge"))).in_memory()
}

/// Makes a package `polls` without models and returns its folder.
fn write_package(folder: &Folder, init: &str) -> std::path::PathBuf {
    let package = folder.path.join("polls");
    fs::create_dir_all(package.join("seed/scripts")).expect("a folder can be made");
    let metadata = r#"{ "packageId": "polls", "name": "Polls", "version": "0.1.0" }"#;
    fs::write(package.join("seed/metadata.json"), metadata).expect("a file can be written");
    fs::write(package.join("seed/scripts/init.lua"), init).expect("a file can be written");
    package
}
