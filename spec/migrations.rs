//! Changes of a database with rows, seen from outside: pull, migration files, several processes, processes that are killed.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use mbl::migrate::{Layout, diff, pull};
use mbl::schema::Schema;
use mbl::store::{DatabaseUrl, MigrationFile, Policy, Store, Surplus, Verdict, layout_of_migrations};
use rusqlite::Connection;

use crate::cli::Folder as Project;
use crate::store::Folder;

fn root(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn schema(name: &str, text: &str) -> Schema {
    Schema::parse_text(name, text)
        .unwrap_or_else(|(sources, faults)| panic!("{}\n{text}", faults.render(&sources, Default::default())))
}

/// Every schema that makes tables: the recorded ones, the small ones, the core's and the packages'.
fn schemas_at_hand() -> Vec<(String, String)> {
    let read = |path: &str| fs::read_to_string(root(path)).expect("it is there");
    let mut found = Vec::new();
    for path in [
        "spec/conformance/schemas/blog.prisma",
        "spec/conformance/schemas/domain.prisma",
        "spec/conformance/schemas/types.prisma",
        "spec/schema/whole.prisma",
        "stdlib/core.prisma",
    ] {
        let text = read(path);
        found.push((path.to_owned(), text.split_inclusive('\n').filter(|line| !line.starts_with("//!")).collect()));
    }
    let mut packages: Vec<_> = fs::read_dir(root("packages")).expect("a folder").flatten().collect();
    packages.sort_by_key(|entry| entry.path());
    for package in packages {
        let path = package.path().join("seed/schema.prisma");
        // A package may do with the core's models.
        if let Ok(text) = fs::read_to_string(&path) {
            Schema::parse_text("schema.prisma", &text).unwrap_or_else(|_| panic!("{}", path.display()));
            found.push((path.display().to_string(), text));
        }
    }
    let cases: Vec<serde_json::Value> = serde_json::from_str(&read("spec/conformance/ddl/models.json")).expect("JSON");
    for case in cases {
        let text = case["schema"].as_str().expect("a schema").to_owned();
        found.push((case["name"].as_str().expect("a name").to_owned(), text));
    }
    found
}

#[test]
fn what_is_pulled_differs_in_nothing() {
    for (name, text) in schemas_at_hand() {
        let Ok(known) = Schema::parse_text(&name, &text) else { continue };
        let layout = Layout::of(&known);
        let store = Store::open(&DatabaseUrl::memory()).expect("it opens");
        store.bring_to(&layout, Policy::Additive).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = store.introspect().expect("it is read");
        for known in [None, Some(&known)] {
            let kept = if known.is_some() { vec![text.as_str()] } else { Vec::new() };
            let pulled = mbl::schema::keep(&kept, &pull(&found, known));
            let pulled = mbl::schema::format(&name, &pulled).unwrap_or_else(|_| panic!("{name}:\n{pulled}"));
            // What was kept is kept again.
            let again = mbl::schema::keep(&[&pulled], &pull(&found, Some(&schema(&name, &pulled))));
            assert_eq!(mbl::schema::format(&name, &again).unwrap_or(again), pulled, "{name}");
            let steps = diff(&found, &Layout::of(&schema(&name, &pulled))).steps;
            assert!(steps.is_empty(), "{name}: {steps:?}\n{pulled}");
        }
        if !known.foreign_keys {
            // No table tells of such relations.
            continue;
        }
        // With the schema at hand, its names come back.
        let again = schema(&name, &pull(&found, Some(&known)));
        let names = |schema: &Schema| -> Vec<(String, Vec<String>)> {
            let fields = |model: &mbl::schema::Model| {
                let mut names: Vec<String> = model.fields.iter().map(|field| field.name.clone()).collect();
                names.sort();
                names
            };
            let mut models: Vec<_> = schema.models.iter().map(|model| (model.name.clone(), fields(model))).collect();
            models.sort();
            models
        };
        assert_eq!(names(&again), names(&known), "{name}");
    }
}

#[test]
fn databases_made_by_hand_are_pulled() {
    let mut faults = Vec::new();
    for entry in fs::read_dir(root("spec/ddl/pull")).expect("a folder").flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        let folder = Folder::new();
        let file = folder.file("app.db");
        Connection::open(&file).unwrap().execute_batch(&fs::read_to_string(&path).unwrap()).unwrap();
        let found = Store::open(&DatabaseUrl::file(&file)).unwrap().introspect().unwrap();
        // A schema that it had before.
        let known = path.with_extension("known.prisma");
        let text = fs::read_to_string(&known).unwrap_or_default();
        let parsed = known.exists().then(|| schema("known.prisma", &text));
        let pulled = mbl::schema::keep(&[&text], &pull(&found, parsed.as_ref()));
        let pulled =
            mbl::schema::format("pulled.prisma", &pulled).unwrap_or_else(|_| panic!("{}: {pulled}", path.display()));
        let expected = path.with_extension("prisma");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &pulled).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != pulled {
            faults.push(format!("{} differs; found:\n{pulled}", expected.display()));
        }
        let steps = diff(&found, &Layout::of(&schema("pulled.prisma", &pulled))).steps;
        assert!(steps.is_empty(), "{}: {steps:?}", path.display());
    }
    assert!(faults.is_empty(), "{}\nUPDATE_EXPECT=1 cargo test rewrites it", faults.join("\n"));
}

#[test]
fn migrations_run_once_in_order_and_are_seen_to_be_changed() {
    let migration = |name: &str, script: &str| MigrationFile { name: name.into(), script: script.into() };
    let mut files = vec![
        migration("1_a", "CREATE TABLE \"A\" (\"id\" INTEGER NOT NULL PRIMARY KEY);\n"),
        migration("2_b", "ALTER TABLE \"A\" ADD COLUMN \"x\" TEXT;\nINSERT INTO \"A\" VALUES (1, 'x');\n"),
    ];
    let store = Store::open(&DatabaseUrl::memory()).unwrap();
    assert_eq!(store.migration_status(&files).unwrap().pending, ["1_a", "2_b"]);
    assert_eq!(store.deploy(&files[..1]).unwrap(), ["1_a"]);
    assert_eq!(store.deploy(&files).unwrap(), ["2_b"]);
    assert!(store.deploy(&files).unwrap().is_empty());
    let status = store.migration_status(&files).unwrap();
    assert!(status.is_sound() && status.pending.is_empty(), "{status:?}");
    // One that fails leaves nothing, and nothing behind it runs.
    files.push(migration("3_c", "CREATE TABLE \"C\" (x);\nINSERT INTO \"A\" VALUES (1, 'twice');\n"));
    files.push(migration("4_d", "CREATE TABLE \"D\" (x);\n"));
    let error = store.deploy(&files).unwrap_err();
    assert_eq!((error.migration.as_str(), error.done.len()), ("3_c", 0));
    assert!(store.introspect().unwrap().table("C").is_none());
    assert_eq!(store.migration_status(&files).unwrap().pending, ["3_c", "4_d"]);
    // A change of a file that ran, with other line ends and with other words.
    files[0].script = files[0].script.replace('\n', "\r\n");
    assert!(store.migration_status(&files).unwrap().changed.is_empty());
    files[0].script.push_str("-- more\n");
    assert_eq!(store.migration_status(&files).unwrap().changed, ["1_a"]);
    // A file that is gone leaves the history without its ground.
    let status = store.migration_status(&files[1..2]).unwrap();
    assert_eq!((status.missing.clone(), status.is_sound()), (vec!["1_a".to_owned()], false));
    assert!(layout_of_migrations(&files[..2]).unwrap().table("A").is_some());
}

#[test]
fn a_migration_cannot_end_its_transaction() {
    for word in ["COMMIT", "commit", "END TRANSACTION", "ROLLBACK", "BEGIN", "/* x */ -- y\n COMMIT", "BEGIN IMMEDIATE"]
    {
        let folder = Folder::new();
        let store = Store::open(&DatabaseUrl::file(folder.file("app.db"))).unwrap();
        let file = |name: &str, script: String| MigrationFile { name: name.into(), script };
        let first = file(
            "1_a",
            "CREATE TABLE \"A\" (\"id\" INTEGER NOT NULL PRIMARY KEY);\nINSERT INTO \"A\" VALUES (1);".into(),
        );
        store.deploy(std::slice::from_ref(&first)).unwrap();
        let script = format!(
            "CREATE TABLE \"B\" (x);\nDELETE FROM \"A\";\n{word};\nDELETE FROM \"A\";\nSELECT * FROM nowhere;\n"
        );
        let files = [first, file("2_b", script)];
        let error = store.deploy(&files).unwrap_err().to_string();
        assert!(error.contains("is one transaction"), "{word}: {error}");
        assert!(store.introspect().unwrap().table("B").is_none(), "{word}");
        let connection = Connection::open(folder.file("app.db")).unwrap();
        let count: i64 = connection.query_row("SELECT count(*) FROM \"A\"", [], |row| row.get(0)).unwrap();
        assert_eq!(count, 1, "{word}");
        assert_eq!(store.migration_status(&files).unwrap().pending, ["2_b"], "{word}");
    }
    // A trigger has a BEGIN and an END, and a savepoint ends within it.
    let store = Store::open(&DatabaseUrl::memory()).unwrap();
    let script = "CREATE TABLE \"A\" (x);\nCREATE TRIGGER t AFTER INSERT ON \"A\" BEGIN SELECT 1; END;\n\
                  SAVEPOINT s;\nINSERT INTO \"A\" VALUES (1);\nROLLBACK TO s;\nRELEASE s;\nSELECT * FROM \"A\";";
    assert_eq!(store.deploy(&[MigrationFile { name: "1".into(), script: script.into() }]).unwrap(), ["1"]);
}

/// Users with the roles USER, ADMIN and twice GUEST, and the numbers 7, 8, 7, 7.
const ROLES: &str =
    "enum Role {\n  USER\n  ADMIN\n  GUEST\n}\nmodel User {\n  id Int @id\n  role Role\n  number Int\n}\n";

#[test]
fn rows_with_a_value_that_an_enum_has_no_more_are_counted_and_not_left_behind() {
    const STAYS: &str = "1 USER 7, 2 ADMIN 8, 3 GUEST 7, 4 GUEST 7";
    // What the values and the fields are to be, what is said of it, and the rows when all that can be accepted was.
    for (values, fields, said, after) in [
        ("USER ADMIN GUEST", "role Role, number Int", "", STAYS),
        ("USER ADMIN GUEST OTHER", "role Role, number Int", "", STAYS),
        ("USER ADMIN VISITOR@map(\"GUEST\")", "role Role, number Int", "", STAYS),
        (
            "USER ADMIN",
            "role Role, number Int",
            "blocked: 2 rows hold another value [\"GUEST\"]: change those rows first, keep the value in the enum, or give the field a @default(...) or a `?`",
            STAYS,
        ),
        (
            "USER ADMIN",
            "role Role?, number Int",
            "loses: 2 rows hold another value, which would become NULL [\"GUEST\"]",
            "1 USER 7, 2 ADMIN 8, 3 - 7, 4 - 7",
        ),
        (
            "USER ADMIN",
            "role Role @default(USER), number Int",
            "loses: 2 rows hold another value, which would become 'USER' [\"GUEST\"]",
            "1 USER 7, 2 ADMIN 8, 3 USER 7, 4 USER 7",
        ),
        (
            "USER ADMIN",
            "/// @renamed-from role, part Role? @map(\"role of\"), number Int",
            "loses: 2 rows hold another value, which would become NULL [\"GUEST\"]",
            "1 USER 7, 2 ADMIN 8, 3 - 7, 4 - 7",
        ),
        // Values that are not to come twice have no default to become.
        (
            "USER ADMIN",
            "id2 Int?, role Role @default(USER), number Int, @@unique([role,id2])",
            "blocked: 2 rows hold another value [\"GUEST\"]: change those rows first, or keep the value in the enum",
            STAYS,
        ),
        // Another type, whose values are those of an enum now.
        (
            "SEVEN@map(\"7\")",
            "role String, number Role?",
            "loses: 1 row holds another value, which would become NULL [\"8\"]",
            "1 USER 7, 2 ADMIN -, 3 GUEST 7, 4 GUEST 7",
        ),
    ] {
        let folder = Folder::new();
        let path = folder.file("app.db");
        let store = Store::open(&DatabaseUrl::file(&path)).unwrap();
        store.bring_to(&Layout::of(&schema("old.prisma", ROLES)), Policy::Additive).unwrap();
        let connection = Connection::open(&path).unwrap();
        let rows = "INSERT INTO \"User\" VALUES (1, 'USER', 7), (2, 'ADMIN', 8), (3, 'GUEST', 7), (4, 'GUEST', 7)";
        connection.execute_batch(rows).unwrap();

        let values = values.replace(' ', "\n").replace('@', " @");
        let fields = fields.replace(", ", "\n");
        let text = format!("enum Role {{\n{values}\n}}\nmodel User {{\nid Int @id\n{fields}\n}}\n");
        let layout = Layout::of(&schema("new.prisma", &text));
        let comparison = store.compare(&layout, Surplus::Goes).unwrap();
        let stops = comparison.changes.iter().filter(|change| change.verdict != Verdict::Safe).map(|change| {
            let help = change.help.as_ref().map(|help| format!(": {help}")).unwrap_or_default();
            format!("{}: {} [{}]{help}", change.verdict.name(), change.message, change.examples.join(", "))
        });
        assert_eq!(stops.collect::<Vec<_>>().join("; "), said, "{text}");
        let refused = store.change_to(&layout, Surplus::Goes, false);
        assert_eq!(refused.is_err(), !said.is_empty(), "{text}: {refused:?}");
        let accepted = store.change_to(&layout, Surplus::Goes, true);
        assert_eq!(accepted.is_err(), said.starts_with("blocked"), "{text}: {accepted:?}");
        assert_eq!(store.compare(&layout, Surplus::Goes).unwrap().is_empty(), accepted.is_ok(), "{text}");
        let role = if fields.contains("role of") && accepted.is_ok() { "role of" } else { "role" };
        let sql = format!(
            "SELECT group_concat(id || ' ' || coalesce(\"{role}\", '-') || ' ' || coalesce(number, '-'), ', ') FROM \"User\""
        );
        let found: String = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(found, after, "{text}");
    }
}

const OLD: &str = "model User {\n  id Int @id @default(autoincrement())\n  name String\n  age String?\n}\n";
const NEW: &str = "model User {\n  id Int @id @default(autoincrement())\n  /// @renamed-from name\n  label String\n  age Int?\n  bio String @default(\"-\")\n\n  @@index([label])\n}\n";

/// Makes a database at the old schema with rows, and the file of the new schema.
fn rows(folder: &Path, count: u64) {
    fs::write(folder.join("new.prisma"), NEW).unwrap();
    let path = folder.join("app.db");
    let store = Store::open(&DatabaseUrl::file(&path)).unwrap();
    store.bring_to(&Layout::of(&schema("old.prisma", OLD)), Policy::Additive).unwrap();
    drop(store);
    let connection = Connection::open(&path).unwrap();
    connection
        .execute(
            "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?1)
             INSERT INTO \"User\" (name, age) SELECT 'name' || x, x % 100 FROM n",
            [count as i64],
        )
        .unwrap();
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
}

fn apply(folder: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_mbl"))
        .args(["schema", "apply", "--schema", "new.prisma", "--db", "app.db", "--json"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn of_processes_that_apply_at_once_one_does_it() {
    let project = Project::new();
    rows(&project.path, 2000);
    let children: Vec<Child> = (0..4).map(|_| apply(&project.path)).collect();
    let mut changes = 0;
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        changes += usize::from(report["summary"]["changes"] != 0);
    }
    assert_eq!(changes, 1);
}

/// `MBL_KILLS` and `MBL_ROWS` say how many processes are killed, over how many rows.
#[test]
fn a_killed_apply_leaves_the_old_schema_or_the_new_one() {
    let setting =
        |name: &str, default: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default);
    let (kills, count) = (setting("MBL_KILLS", 3), setting("MBL_ROWS", 5000));
    let project = Project::new();
    rows(&project.path, count);
    let path = project.path.join("app.db");
    let original = fs::read(&path).unwrap();
    let restore = || {
        for name in ["app.db-wal", "app.db-shm"] {
            let _ = fs::remove_file(project.path.join(name));
        }
        fs::write(&path, &original).unwrap();
    };
    let begun = Instant::now();
    assert!(apply(&project.path).wait().unwrap().success());
    let whole = begun.elapsed();
    let (old, new) = (Layout::of(&schema("old.prisma", OLD)), Layout::of(&schema("new.prisma", NEW)));
    let (mut kept, mut done) = (0, 0);
    for kill in 0..kills {
        restore();
        let mut child = apply(&project.path);
        // Spread over the whole of it, and a little beyond.
        thread::sleep(whole.mul_f64((kill as f64 + 0.5) / kills as f64 * 1.1).min(Duration::from_secs(20)));
        child.kill().unwrap();
        child.wait().unwrap();
        let store = Store::open(&DatabaseUrl::file(&path)).unwrap();
        let found = store.introspect().unwrap();
        let name = match (diff(&found, &old).is_empty(), diff(&found, &new).is_empty()) {
            (true, _) => "name",
            (_, true) => "label",
            _ => panic!("neither the old schema nor the new one: {found:?}"),
        };
        let connection = Connection::open(&path).unwrap();
        let sql = format!("SELECT count(*), sum({name} = 'name' || id AND age = id % 100) FROM \"User\"");
        let counts: (u64, u64) = connection
            .query_row(&sql, [], |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64)))
            .unwrap();
        assert_eq!(counts, (count, count), "after kill {kill}");
        let integrity: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(integrity, "ok");
        if name == "name" {
            kept += 1
        } else {
            done += 1
        }
        // The next one finishes the work.
        store.change_to(&new, Surplus::Goes, false).unwrap();
    }
    println!("{kills} kills over {count} rows within {whole:?}: {kept} left the old schema, {done} the new one");
}
