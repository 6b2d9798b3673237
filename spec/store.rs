//! Opening databases, and bringing them to a layout.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use mbl::migrate::{Layout, diff};
use mbl::sql::Script;
use mbl::store::{DatabaseUrl, MigrateError, Policy, RunError, Store, StoreError};
use rusqlite::Connection;

const FORUM: &str = r#"
    CREATE TABLE "User" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "email" TEXT NOT NULL, "name" TEXT);
    CREATE TABLE "Post" (
        "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL, "views" INTEGER NOT NULL DEFAULT 0,
        "authorId" INTEGER NOT NULL,
        CONSTRAINT "Post_authorId_fkey" FOREIGN KEY ("authorId") REFERENCES "User" ("id") ON DELETE CASCADE ON UPDATE CASCADE
    );
    CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
    CREATE INDEX "Post_title_idx" ON "Post"("title");
"#;

const ROWS: &str = r#"
    INSERT INTO "User" ("id", "email", "name") VALUES (1, 'a@x', 'Ann'), (2, 'b@x', NULL), (3, 'c@x', 'Ann');
    INSERT INTO "Post" ("id", "title", "views", "authorId") VALUES (1, 't1', 5, 1), (2, 't2', 0, 1);
"#;

/// A folder of its own for one test, gone with it.
pub struct Folder(PathBuf);

impl Folder {
    /// Makes a new one.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("mbl-spec-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Returns the path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn open(path: &Path) -> Result<Store, StoreError> {
    Store::open(&DatabaseUrl::file(path))
}

fn open_error(path: &Path) -> StoreError {
    open(path).err().expect("it must not open")
}

fn run(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// Returns what the query answers: a line a row.
fn rows(path: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Returns the layout that SQL makes.
fn layout(sql: &str) -> Layout {
    let folder = Folder::new();
    let path = folder.file("layout.db");
    run(&path, sql);
    open(&path).unwrap().introspect().unwrap()
}

#[test]
fn what_cannot_be_opened_is_named_and_left_as_it_was() {
    let folder = Folder::new();
    let text = folder.file("notes.txt");
    fs::write(&text, "milk, bread, and a whole page of other things to buy\n".repeat(40)).unwrap();
    let before = fs::read(&text).unwrap();
    assert!(matches!(open_error(&text), StoreError::NotADatabase { .. }));
    assert_eq!(fs::read(&text).unwrap(), before);

    let short = folder.file("short.txt");
    fs::write(&short, "milk").unwrap();
    assert!(matches!(open_error(&short), StoreError::NotADatabase { .. }));
    assert_eq!(fs::read(&short).unwrap(), b"milk");

    assert!(matches!(open_error(&folder.file("")), StoreError::CannotOpen { .. }));
    let missing = folder.file("no/such/app.db");
    assert!(matches!(open_error(&missing), StoreError::MissingFolder { .. }));
    assert!(!folder.file("no").exists());
    assert!(matches!(open_error(&text.join("app.db")), StoreError::MissingFolder { .. }));
    assert!(matches!(
        open_error(&text.join(".mbl/app.db")),
        StoreError::CannotOpen { .. } | StoreError::MissingFolder { .. }
    ));

    let names: Vec<String> =
        fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn a_read_only_file_is_refused() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    run(&path, FORUM);
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let error = open_error(&path);
    assert!(matches!(error, StoreError::ReadOnly { .. }));
    assert_eq!(error.to_string(), format!("database `{}` is read-only", path.display()));
}

#[test]
fn a_damaged_file_is_named() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    run(&path, FORUM);
    let mut bytes = fs::read(&path).unwrap();
    bytes[100..1000].fill(0x5a);
    fs::write(&path, &bytes).unwrap();
    let error = open(&path).and_then(|store| store.introspect()).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.help().is_some());
}

#[test]
fn a_missing_mbl_folder_is_made() {
    let folder = Folder::new();
    let path = folder.file(".mbl/dev.db");
    open(&path).unwrap();
    assert!(path.exists());
    assert_eq!(rows(&path, "SELECT journal_mode FROM pragma_journal_mode"), ["wal"]);
}

#[test]
fn a_database_that_stays_locked_is_named() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let url = DatabaseUrl::parse(&format!("file:{}?busy_timeout=50", path.display())).unwrap();
    run(&path, FORUM);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = Store::open(&url).err().expect("it is locked");
    assert!(matches!(error, StoreError::Locked { waited_ms: 50, .. }), "{error}");
    other.execute_batch("COMMIT").unwrap();

    let store = Store::open(&url).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.begin().unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("database `{}` is locked by another connection; waited 50 ms for it", path.display())
    );
    // The write-ahead log lets readers be.
    assert_eq!(store.introspect().unwrap(), layout(FORUM));
    let wanted = layout(&format!("{FORUM} ALTER TABLE \"User\" ADD COLUMN \"age\" INTEGER;"));
    assert!(matches!(store.bring_to(&wanted, Policy::Additive), Err(MigrateError::Store(StoreError::Locked { .. }))));
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(store.bring_to(&wanted, Policy::Additive).unwrap().columns, 1);
}

#[test]
fn what_is_there_already_is_seen_without_looking() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let wanted = layout(FORUM);
    let store = open(&path).unwrap();
    let applied = store.bring_to(&wanted, Policy::Additive).unwrap();
    assert!(applied.created);
    assert_eq!((applied.tables, applied.columns, applied.indexes), (2, 0, 2));
    assert_eq!(store.introspect().unwrap(), wanted);
    let again = store.bring_to(&wanted, Policy::Additive).unwrap();
    assert_eq!((again.created, again.tables, again.script.statements.len()), (false, 0, 0));

    // Someone else's change is seen.
    run(&path, r#"DROP INDEX "Post_title_idx""#);
    assert_eq!(store.bring_to(&wanted, Policy::Additive).unwrap().indexes, 1);
    assert_eq!(rows(&path, "SELECT count(*) || '' FROM _mbl_migrations"), ["2"]);
    assert_eq!(rows(&path, "SELECT count(*) || '' FROM _mbl_state"), ["1"]);
    assert_eq!(
        rows(&path, "SELECT script FROM _mbl_migrations WHERE id = 2"),
        ["-- CreateIndex\nCREATE INDEX \"Post_title_idx\" ON \"Post\"(\"title\");\n"]
    );
}

#[test]
fn what_only_adds_is_applied_to_rows_that_are_there() {
    let post = r#"ALTER TABLE "Post" ADD COLUMN"#;
    for (change, count, expected) in [
        (r#"ALTER TABLE "User" ADD COLUMN "age" INTEGER;"#, r#"SELECT count(*) FROM "User" WHERE "age" IS NULL"#, 3),
        (
            &format!(r#"{post} "kind" TEXT NOT NULL DEFAULT 'it''s';"#),
            r#"SELECT count(*) FROM "Post" WHERE "kind" = 'it''s'"#,
            2,
        ),
        (
            &format!(r#"{post} "editorId" INTEGER REFERENCES "User" ("id") ON DELETE SET NULL ON UPDATE CASCADE;"#),
            r#"SELECT count(*) FROM pragma_foreign_key_list('Post') WHERE on_delete = 'SET NULL'"#,
            1,
        ),
        (r#"CREATE TABLE "Log" ("id" TEXT NOT NULL PRIMARY KEY);"#, r#"SELECT count(*) FROM "Log""#, 0),
        (r#"CREATE INDEX "User_name_idx" ON "User"("name" DESC);"#, r#"SELECT count(*) FROM "User""#, 3),
        (r#"CREATE UNIQUE INDEX "Post_title_key" ON "Post"("title", "views");"#, r#"SELECT count(*) FROM "Post""#, 2),
        // NULLs are distinct.
        (
            r#"ALTER TABLE "User" ADD COLUMN "phone" TEXT; CREATE UNIQUE INDEX "User_phone_key" ON "User"("phone");"#,
            r#"SELECT count(*) FROM "User" WHERE "phone" IS NULL"#,
            3,
        ),
    ] {
        let folder = Folder::new();
        let path = folder.file("app.db");
        run(&path, &format!("{FORUM}{ROWS}"));
        let wanted = layout(&format!("{FORUM}{change}"));
        let store = open(&path).unwrap();
        store.bring_to(&wanted, Policy::Additive).unwrap();
        assert!(diff(&store.introspect().unwrap(), &wanted).is_empty(), "{change}");
        let found: i64 = Connection::open(&path).unwrap().query_row(count, [], |row| row.get(0)).unwrap();
        assert_eq!(found, expected, "{change}");
        assert_eq!(rows(&path, "PRAGMA integrity_check"), ["ok"], "{change}");
    }
}

#[test]
fn a_computed_default_is_added_to_rows_that_are_there() {
    for (column, pattern) in [
        (r#""at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP"#, "____-__-__ __:__:__"),
        (r#""at" TEXT NOT NULL DEFAULT ('x-' || lower(hex(randomblob(2))))"#, "x-____"),
    ] {
        let folder = Folder::new();
        let path = folder.file("app.db");
        run(&path, &format!("{FORUM}{ROWS}"));
        let wanted = layout(&FORUM.replace(r#""title" TEXT NOT NULL"#, &format!(r#""title" TEXT NOT NULL, {column}"#)));
        let store = open(&path).unwrap();
        store.bring_to(&wanted, Policy::Additive).unwrap();
        assert!(diff(&store.introspect().unwrap(), &wanted).is_empty());
        run(&path, r#"INSERT INTO "Post" ("id", "title", "authorId") VALUES (3, 't3', 1)"#);
        assert_eq!(rows(&path, &format!(r#"SELECT count(*) || '' FROM "Post" WHERE "at" LIKE '{pattern}'"#)), ["3"]);
        assert_eq!(rows(&path, "PRAGMA integrity_check"), ["ok"]);
        assert_eq!(rows(&path, r#"SELECT count(*) || '' FROM "Post" WHERE "views" = 5"#), ["1"]);
    }
}

#[test]
fn what_does_more_than_add_is_refused_and_nothing_changes() {
    for (wanted, reasons) in [
        (
            FORUM.replace(r#""name" TEXT"#, r#""name" INTEGER"#),
            vec!["column `User.name` is TEXT and should be INTEGER (rows that are there may stand in the way)"],
        ),
        (
            FORUM.replace(r#""name" TEXT"#, r#""name" TEXT NOT NULL, "age" INTEGER NOT NULL"#),
            vec![
                "new column `User.age` INTEGER NOT NULL (rows that are there may stand in the way)",
                "column `User.name` is TEXT and should be TEXT NOT NULL (rows that are there may stand in the way)",
            ],
        ),
        (
            FORUM.replace("DEFAULT 0", "DEFAULT 1"),
            vec![
                "column `Post.views` is INTEGER NOT NULL DEFAULT 0 and should be INTEGER NOT NULL DEFAULT 1 (nothing would be lost)",
            ],
        ),
        (
            FORUM.replace("ON DELETE CASCADE", "ON DELETE RESTRICT"),
            vec![
                "foreign key on `Post`: (authorId) refers to `User` (id), on delete cascade, on update cascade; it should be: (authorId) refers to `User` (id), on delete restrict, on update cascade (nothing would be lost)",
            ],
        ),
        (
            FORUM.replace(r#", "name" TEXT"#, ""),
            vec!["column `User.name` that the schema does not have (values would be lost)"],
        ),
        (
            FORUM.replace("UNIQUE INDEX \"User_email_key\"", "INDEX \"User_email_key\""),
            vec![
                "unique index `User_email_key` (email) should be index `User_email_key` (email) on `User` (nothing would be lost)",
            ],
        ),
        (
            format!(
                r#"{FORUM} CREATE UNIQUE INDEX "User_name_key" ON "User"("name"); CREATE TABLE "New" ("id" TEXT);"#
            ),
            vec!["new unique index `User_name_key` (name) on `User` (rows with the same values are in the way)"],
        ),
        (
            format!(
                r#"{FORUM} ALTER TABLE "User" ADD COLUMN "code" INTEGER NOT NULL DEFAULT 7;
                CREATE UNIQUE INDEX "User_code_key" ON "User"("code");"#
            ),
            vec!["new unique index `User_code_key` (code) on `User` (rows with the same values are in the way)"],
        ),
        (
            FORUM.replace(
                r#""email" TEXT NOT NULL, "name" TEXT"#,
                r#""email" TEXT NOT NULL, "name" TEXT, "at" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP"#,
            ) + r#"CREATE UNIQUE INDEX "User_at_key" ON "User"("at");"#,
            vec!["new unique index `User_at_key` (at) on `User` (rows with the same values are in the way)"],
        ),
    ] {
        let folder = Folder::new();
        let path = folder.file("app.db");
        run(&path, &format!("{FORUM}{ROWS}"));
        let before = rows(&path, "SELECT coalesce(sql, name) FROM sqlite_schema");
        let store = open(&path).unwrap();
        let error = store.bring_to(&layout(&wanted), Policy::Additive).unwrap_err();
        let MigrateError::Refused(refusals) = error else { panic!("{error}") };
        let found: Vec<String> = refusals.iter().map(ToString::to_string).collect();
        assert_eq!(found, reasons);
        assert_eq!(store.depth(), 0);
        assert_eq!(rows(&path, "SELECT coalesce(sql, name) FROM sqlite_schema"), before);
        assert!(diff(&store.introspect().unwrap(), &layout(FORUM)).is_empty());
    }
}

#[test]
fn the_policy_never_reports_and_changes_nothing() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let store = open(&path).unwrap();
    let error = store.bring_to(&layout(FORUM), Policy::Never).unwrap_err().to_string();
    assert!(error.starts_with("the database is not at the schema:\n  new table `User`\n  new table `Post`"), "{error}");
    assert!(rows(&path, "SELECT name FROM sqlite_schema").is_empty());
    run(&path, FORUM);
    store.bring_to(&layout(FORUM), Policy::Never).unwrap();
}

#[test]
fn other_tables_and_plain_indexes_are_left_alone() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    run(
        &path,
        &format!(
            r#"{FORUM}{ROWS}
            CREATE TABLE "Other" ("x" TEXT UNIQUE, "y" AS (lower(x)));
            CREATE VIEW "Names" AS SELECT "name" FROM "User";
            CREATE INDEX "User_lower" ON "User"(lower("name"));
            CREATE INDEX "User_name" ON "User"("name");
            CREATE UNIQUE INDEX "Post_first" ON "Post"("title") WHERE "views" = 0;"#
        ),
    );
    let store = open(&path).unwrap();
    let applied = store.bring_to(&layout(FORUM), Policy::Additive).unwrap();
    assert!(applied.script.statements.is_empty());
    let left: Vec<String> = applied.left.iter().map(ToString::to_string).collect();
    assert_eq!(
        left,
        [
            "index `User_name` (name) on `User` that the schema does not have",
            "table `Other` that the schema does not have"
        ]
    );
}

#[test]
fn a_change_is_part_of_the_open_transaction() {
    let folder = Folder::new();
    let path = folder.file("app.db");
    let store = open(&path).unwrap();
    store.begin().unwrap();
    assert_eq!(store.bring_to(&layout(FORUM), Policy::Additive).unwrap().tables, 2);
    assert_eq!(store.depth(), 1);
    store.rollback().unwrap();
    assert!(rows(&path, "SELECT name FROM sqlite_schema").is_empty());
    store.begin().unwrap();
    store.bring_to(&layout(FORUM), Policy::Additive).unwrap();
    // A refusal undoes itself only.
    store.bring_to(&layout(&FORUM.replace("DEFAULT 0", "DEFAULT 1")), Policy::Additive).unwrap_err();
    store.commit().unwrap();
    assert_eq!(store.introspect().unwrap(), layout(FORUM));
}

#[test]
fn many_open_and_make_one_file_at_once() {
    let wanted = layout(FORUM);
    for _ in 0..10 {
        let folder = Folder::new();
        let path = folder.file(".mbl/app.db");
        let barrier = Barrier::new(8);
        let made: usize = thread::scope(|scope| {
            let work = || {
                barrier.wait();
                let store = open(&path).unwrap();
                store.bring_to(&wanted, Policy::Additive).unwrap().tables
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(made, 2);
        assert_eq!(open(&path).unwrap().introspect().unwrap(), wanted);
        assert_eq!(rows(&path, "SELECT count(*) || '' FROM _mbl_migrations"), ["1"]);
    }
}

#[test]
fn names_need_no_care() {
    let odd = r#"CREATE TABLE "a ""b"" 'c'" ("x, y" TEXT NOT NULL DEFAULT 'q"''', "select" TEXT, PRIMARY KEY ("x, y", "select"));
        CREATE UNIQUE INDEX "i ""1""" ON "a ""b"" 'c'"("select" DESC, "x, y");"#;
    let wanted = layout(odd);
    let store = Store::open(&DatabaseUrl::memory()).unwrap();
    store.bring_to(&wanted, Policy::Additive).unwrap();
    assert_eq!(store.introspect().unwrap(), wanted);
    assert_eq!(Script::create(&wanted).statements.len(), 2);
}

#[test]
fn a_writer_without_pause_lets_others_have_their_turn() {
    let folder = Folder::new();
    let url = DatabaseUrl::file(folder.file("app.db"));
    let store = Store::open(&url).unwrap();
    store.execute_raw("CREATE TABLE t (x)", &[]).unwrap();
    let write = |store: &Store| store.transaction(|| store.execute_raw("INSERT INTO t VALUES (1)", &[]));
    let (done, ready) = (AtomicBool::new(false), Barrier::new(2));
    thread::scope(|scope| {
        scope.spawn(|| {
            let other = Store::open(&url).unwrap();
            ready.wait();
            while !done.load(Ordering::Relaxed) {
                let busy = || {
                    thread::sleep(Duration::from_millis(10));
                    other.execute_raw("INSERT INTO t VALUES (1)", &[])
                };
                other.transaction(busy).unwrap();
            }
        });
        // Longer than a turn takes, and shorter than it took to meet one by chance.
        let patient = DatabaseUrl { busy_timeout: Duration::from_secs(5), ..url.clone() };
        let store = Store::open(&patient).unwrap();
        ready.wait();
        thread::sleep(Duration::from_millis(5));
        let turns: Result<Vec<i64>, _> = (0..10).map(|_| write(&store)).collect();
        done.store(true, Ordering::Relaxed);
        turns.unwrap();
    });
}

/// The writers of one process wait for one another, for as long as their busy time-out and their deadline allow, and nobody keeps a turn
/// that is over.
#[test]
fn writers_of_one_process_wait_for_their_turn() {
    let folder = Folder::new();
    let url = DatabaseUrl { busy_timeout: Duration::from_millis(100), ..DatabaseUrl::file(folder.file("app.db")) };
    let first = Store::open(&url).unwrap();
    first.execute_raw("CREATE TABLE t (x UNIQUE)", &[]).unwrap();
    let insert = |store: &Store| store.execute_raw("INSERT INTO t VALUES (random())", &[]);
    let second = Store::open(&url).unwrap();
    first.begin().unwrap();
    let begun = Instant::now();
    assert!(matches!(second.begin(), Err(StoreError::Locked { waited_ms: 100, .. })));
    assert!(matches!(insert(&second), Err(RunError::Store(StoreError::Locked { .. }))));
    assert!(begun.elapsed() >= Duration::from_millis(200));
    // A deadline comes before the busy time-out.
    second.set_deadline(Some(Instant::now()));
    assert!(second.begin().is_err());
    second.set_deadline(None);
    first.commit().unwrap();
    insert(&second).unwrap();
    // What fails or is undone gives its turn back, and so does who goes away in the middle.
    second.begin().unwrap();
    second.rollback().unwrap();
    assert!(second.execute_raw("INSERT INTO t VALUES (", &[]).is_err());
    let failed: Result<(), StoreError> = second.transaction(|| Err(StoreError::Interrupted));
    assert_eq!(failed, Err(StoreError::Interrupted));
    insert(&first).unwrap();
    second.begin().unwrap();
    insert(&second).unwrap();
    drop(second);
    insert(&first).unwrap();
    // SQLite ends a transaction by itself.
    let third = Store::open(&url).unwrap();
    third.begin().unwrap();
    third.execute_raw("INSERT INTO t VALUES ('twice')", &[]).unwrap();
    assert!(third.execute_raw("INSERT OR ROLLBACK INTO t VALUES ('twice')", &[]).is_err());
    third.rollback().unwrap();
    insert(&first).unwrap();
    assert_eq!(rows(&folder.file("app.db"), "SELECT CAST(count(*) AS TEXT) FROM t"), ["4"]);
}

#[test]
fn many_writers_of_one_process_lose_nothing() {
    let folder = Folder::new();
    let url = DatabaseUrl::file(folder.file("app.db"));
    Store::open(&url).unwrap().execute_raw("CREATE TABLE t (x)", &[]).unwrap();
    thread::scope(|scope| {
        for writer in 0..6 {
            let url = &url;
            scope.spawn(move || {
                let store = Store::open(url).unwrap();
                for round in 0..50 {
                    let insert = || store.execute_raw("INSERT INTO t VALUES (1)", &[]);
                    match (writer + round) % 3 {
                        0 => drop(store.transaction(|| insert().and_then(|_| insert())).unwrap()),
                        1 => drop((insert().unwrap(), insert().unwrap())),
                        _ => {
                            let undone: Result<(), RunError> =
                                store.transaction(|| insert().and(Err(StoreError::Interrupted.into())));
                            assert!(undone.is_err());
                            store.transaction(|| insert().and_then(|_| insert())).unwrap();
                        }
                    }
                }
            });
        }
    });
    assert_eq!(rows(&folder.file("app.db"), "SELECT CAST(count(*) AS TEXT) FROM t"), ["600"]);
}
