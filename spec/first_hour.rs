//! The first hour of a package's author: from nothing over mistakes to a schema that changes, all green at the end.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::cli::{Folder, root};
use crate::watch::Watched;

#[test]
fn from_nothing_to_a_schema_that_changes() {
    let folder = Folder::new();
    fs::create_dir(folder.path.join("packages")).expect("it can be made");
    let mbl = |line: &str| run(Path::new(env!("CARGO_BIN_EXE_mbl")), line, &folder.path);
    let good = |line: &str| {
        let (code, text) = mbl(line);
        assert_eq!(code, Some(0), "mbl {line}\n{text}");
        text
    };
    let package = folder.path.join("packages/polls/seed");
    let read = |file: &str| fs::read_to_string(package.join(file)).expect("it is there");
    let write = |file: &str, text: &str| fs::write(package.join(file), text).expect("it can be written");

    // A package, and what its editor needs.
    good("new polls --model Poll");
    good("check packages/polls");
    good("test packages/polls");
    good("generate lua");
    good("generate lua --check");
    assert!(
        fs::read_to_string(folder.path.join("types/lua/db.lua"))
            .expect("it was made")
            .contains("---@field poll db.Poll")
    );
    fs::copy(root().join("stylua.toml"), folder.path.join("stylua.toml")).expect("it can be copied");
    for (tool, arguments) in
        [("emmylua_check", "--warnings-as-errors ."), ("stylua", "--check --syntax Lua54 packages")]
    {
        if let Some((code, text)) = installed(tool, arguments, &folder.path) {
            assert_eq!(code, Some(0), "{tool}\n{text}");
        }
    }

    // A mistake is named with its place and a way out.
    let components = read("components.json");
    write("components.json", &components.replace("\"page\"", "\"paeg\""));
    let (code, text) = mbl("check packages/polls");
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("components.json:4:13") && text.contains("did you mean `page`?"), "{text}");
    write("components.json", &components);
    good("check packages/polls");

    // A broken save keeps what runs, and the fix takes over.
    let watched = Watched::run(&folder, "packages/polls");
    let next = || watched.next();
    assert_eq!(next()["event"], "ready");
    let create = read("scripts/db/create.lua");
    write("scripts/db/create.lua", "local M = {\n");
    let failed = next();
    assert_eq!((&failed["ok"], &failed["generation"]), (&false.into(), &1.into()), "{failed}");
    write("scripts/db/create.lua", &create);
    let mended = next();
    assert_eq!((&mended["ok"], &mended["generation"]), (&true.into(), &2.into()), "{mended}");
    watched.interrupt();
    good("test packages/polls");

    // The schema changes: what that means is said first, and the rows stay.
    good(r#"call polls createPoll "default" {"title":"Tea?"}"#);
    let schema = read("schema.prisma");
    assert!(good("schema diff --exit-code").contains("the database is at the schema"));
    write("schema.prisma", &schema.replace("  updatedAt BigInt?\n", "  updatedAt BigInt?\n  closesAt  BigInt?\n"));
    assert_eq!(mbl("generate lua --check").0, Some(4));
    let (code, text) = mbl("schema diff --exit-code");
    assert_eq!(code, Some(4), "{text}");
    assert!(words(&text).contains("+ Poll.closesAt BigInt? safe"), "{text}");
    good("schema apply");
    good("schema diff --exit-code");
    good("run packages/polls");
    good("generate lua");
    good("generate lua --check");
    good("check packages/polls");
    good("test packages/polls");
    assert!(good(r#"call polls listPolls "default""#).contains("Tea?"));

    // What would lose values is refused, and done when it is accepted, after a backup.
    good(r#"query poll.updateMany {"data":{"closesAt":7}}"#);
    write("schema.prisma", &schema);
    let (code, text) = mbl("schema diff --exit-code");
    assert_eq!(code, Some(4), "{text}");
    assert!(words(&text).contains("- Poll.closesAt drops 1 value"), "{text}");
    let (code, text) = mbl("schema apply");
    assert_eq!(code, Some(4), "{text}");
    assert!(text.contains("--accept-data-loss"), "{text}");
    assert_eq!(mbl("call polls listPolls \"default\"").0, Some(3), "nothing runs over a database that waits");
    good("schema apply --accept-data-loss");
    let backups = fs::read_dir(folder.path.join(".mbl")).expect("a folder").flatten();
    assert!(backups.filter(|entry| entry.path().display().to_string().contains("backup")).count() > 0);
    good("schema diff --exit-code");

    // Those who deploy get files.
    good("schema migrate new polls");
    good("schema migrate deploy --db deployed.db");
    good("schema migrate status --db deployed.db");
    assert!(good("schema diff --db deployed.db --exit-code").contains("the database is at the schema"));

    // All green.
    good("generate lua");
    good("check packages");
    good("test packages");
    assert!(good(r#"call polls listPolls "default""#).contains("Tea?"));
    let html = good(r#"render polls PollPage {"tenantId":"default"} --html"#);
    assert!(html.contains("<li><p>Tea?</p></li>"), "{html}");
}

/// Returns a text with one blank where there are several.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs a program with words that blanks separate; returns its exit code and all that it printed.
fn run(program: &Path, line: &str, folder: &Path) -> (Option<i32>, String) {
    let mut command = Command::new(program);
    command.args(line.split_whitespace()).current_dir(folder).stdin(Stdio::null());
    for name in ["DATABASE_URL", "MBL_DB", "MBL_PACKAGES", "MBL_TENANT", "MBL_LEVEL", "MBL_USER", "MBL_LOG"] {
        command.env_remove(name);
    }
    let done = command.output().expect("it runs");
    let text = [done.stdout, done.stderr].concat();
    (done.status.code(), String::from_utf8_lossy(&text).into_owned())
}

/// Runs a tool that need not be installed.
fn installed(tool: &str, line: &str, folder: &Path) -> Option<(Option<i32>, String)> {
    let found =
        std::env::split_paths(&std::env::var_os("PATH")?).map(|path| path.join(tool)).find(|path| path.is_file())?;
    Some(run(&found, line, folder))
}
