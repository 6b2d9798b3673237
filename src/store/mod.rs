//! Runs plans on SQLite: connections, transactions, kept statements.
//!
//! The one module that names `rusqlite`. It knows plans, scripts and layouts, and nothing of queries, arguments or Lua.

mod busy;
mod change;
mod decode;
mod deploy;
mod error;
mod examine;
mod installed;
mod introspect;
mod kept;
mod migrate;
mod observe;
mod prepared;
mod run;
mod snapshot;
mod url;
mod wal;

pub use change::{Breakage, Changed, Comparison, Surplus};
pub use deploy::{AppliedMigration, DeployError, MigrationFile, MigrationStatus, layout_of_migrations, utc_digits};
pub use error::{Constraint, ConstraintFault, SqliteFault, StoreError};
pub use examine::{Change, Verdict};
pub use installed::InstalledPackage;
pub use migrate::{Applied, MigrateError, Policy, Reason, Refusal};
pub use observe::{StatementObserver, StatementRecord};
pub use run::RunError;
pub use snapshot::SnapshotWatch;
pub use url::{DatabaseUrl, Location, Synchronous};

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::id::Ids;
use crate::store::busy::Turns;
use crate::store::kept::KeepingConnection;
use crate::store::snapshot::{SharedSnapshot, Step};

/// How many prepared statements a connection keeps.
const KEPT_STATEMENTS: usize = 512;

/// How many steps of SQLite's machine lie between two looks at the clock: some ten microseconds.
const STEPS: i32 = 1000;

/// What a statement may be and need at most. Lists in arguments become one parameter each, so that these leave plans alone.
const LIMITS: &[(Limit, i32)] = &[
    // One value, and one row.
    (Limit::SQLITE_LIMIT_LENGTH, 256 << 20),
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 8 << 20),
    // Matching takes time that grows with pattern and text, and cannot be interrupted.
    (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 10_000),
    (Limit::SQLITE_LIMIT_ATTACHED, 0),
    (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 100),
    (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
];

/// The same for callers who are not trusted.
const UNTRUSTED_LIMITS: &[(Limit, i32)] =
    &[(Limit::SQLITE_LIMIT_LENGTH, 16 << 20), (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000)];

/// An open SQLite database: one connection, its transactions and its kept statements.
///
/// It belongs to one thread at a time. Several of them, in one process or in many, may open one file.
pub struct Store {
    connection: KeepingConnection,
    url: DatabaseUrl,
    deadline: Arc<Deadline>,
    turns: Turns,
    /// Whether the database has a write-ahead log.
    has_log: bool,
    snapshot: SharedSnapshot,
    rooms: run::Rooms,
    /// The open transactions and savepoints, outermost first.
    levels: RefCell<Vec<Level>>,
    /// How many transactions for writing have begun.
    begun: Cell<u64>,
    /// Who is told of the statements.
    watch: observe::Watch,
    /// Makes the ids that the schema's defaults ask for.
    ids: Ids,
    /// What `now()` and `@updatedAt` say instead of the clock, in milliseconds since the epoch.
    frozen: Cell<Option<i64>>,
}

/// When what runs must be done, as the handlers of SQLite read it.
pub(in crate::store) struct Deadline {
    opened: Instant,
    /// In nanoseconds after `opened`; 0 for never.
    nanoseconds: AtomicU64,
}

/// How a level of [`Store::begin`] or [`Store::begin_read`] was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    /// BEGIN.
    Transaction,
    /// SAVEPOINT.
    Savepoint,
    /// A read inside a transaction, which needs nothing of its own.
    Joined,
}

impl Store {
    /// Returns what makes the ids of the schema's defaults.
    pub fn ids(&self) -> &Ids {
        &self.ids
    }

    /// Lets `now()` and `@updatedAt` say this instant, in milliseconds since the epoch; None for the clock's.
    pub fn freeze(&self, now: Option<i64>) {
        self.frozen.set(now);
    }

    /// Opens a database, and makes the file when there is none.
    ///
    /// Of folders only a missing `.mbl` is made. Waits up to the URL's busy time-out for a lock of another process; any number of
    /// processes may open and so make one file at once.
    pub fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let mut connection = match &url.location {
            Location::Memory => Connection::open_in_memory_with_flags(flags()),
            Location::File(path) => {
                prepare_path(path)?;
                Connection::open_with_flags(path, flags())
            }
        }
        .map_err(|error| StoreError::from_sqlite(error, None, url))?;
        let deadline = Arc::new(Deadline { opened: Instant::now(), nanoseconds: AtomicU64::new(0) });
        let watched = deadline.clone();
        let turns = Turns::new(&url.location);
        let waiting = turns.handler(url.busy_timeout, deadline.clone());
        // Waiting comes before every pragma: those may meet a lock.
        connection
            .busy_handler(Some(waiting))
            .and_then(|()| connection.progress_handler(STEPS, Some(move || watched.is_over())))
            .map_err(|error| StoreError::from_sqlite(error, None, url))?;
        let (levels, watch) = (RefCell::default(), observe::Watch::default());
        let connection = KeepingConnection::new(connection);
        let mut store = Self {
            connection,
            url: url.clone(),
            deadline,
            turns,
            has_log: false,
            snapshot: SharedSnapshot::default(),
            rooms: run::Rooms::default(),
            levels,
            begun: Cell::new(0),
            watch,
            ids: Ids::default(),
            frozen: Cell::new(None),
        };
        store.configure().map_err(|error| StoreError::from_sqlite(error, None, url))?;
        if store.connection.is_readonly("main").unwrap_or(false) {
            return Err(StoreError::ReadOnly { database: url.to_string() });
        }
        store.has_log = store.switch_to_wal()?;
        Ok(store)
    }

    /// Returns what the store was opened with.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Ends what runs when this time has come, with [`StoreError::Interrupted`]; None for never. Nor does a lock make it wait longer.
    ///
    /// What was written by a statement that is ended so, and by the transaction around it, is rolled back.
    pub fn set_deadline(&self, deadline: Option<Instant>) {
        let nanoseconds = deadline.map_or(0, |deadline| {
            let left = deadline.saturating_duration_since(self.deadline.opened).as_nanos();
            u64::try_from(left).unwrap_or(u64::MAX).max(1)
        });
        self.deadline.nanoseconds.store(nanoseconds, Ordering::Relaxed);
    }

    /// Bounds the size of the database's file, or of what it takes in memory. A write that would need more fails with
    /// [`StoreError::Full`]. What is larger already stays.
    pub fn limit_size(&self, bytes: u64) -> Result<(), StoreError> {
        self.release_snapshot();
        let run = || -> rusqlite::Result<()> {
            let page: i64 = self.connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
            let pages = (i64::try_from(bytes).unwrap_or(i64::MAX) / page).clamp(1, i64::from(u32::MAX) - 2);
            self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
        };
        run().map_err(|error| self.fault(error, "PRAGMA max_page_count"))
    }

    /// Looks at the whole file, and returns what is wrong with it: damage, and rows that refer to nothing.
    pub fn check_integrity(&self) -> Result<Vec<String>, StoreError> {
        self.release_snapshot();
        let run = || -> rusqlite::Result<Vec<String>> {
            let mut faults: Vec<String> = self
                .connection
                .prepare("PRAGMA integrity_check(20)")?
                .query_map([], |row| row.get::<_, String>(0))?
                .collect::<rusqlite::Result<_>>()?;
            faults.retain(|fault| fault != "ok");
            let mut broken = self.connection.prepare("PRAGMA foreign_key_check")?;
            let mut rows = broken.query([])?;
            while let Some(row) = rows.next()?.filter(|_| faults.len() < 20) {
                let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
                faults.push(format!("a row of {table} refers to a row of {parent} that is not there"));
            }
            Ok(faults)
        };
        run().map_err(|error| self.fault(error, "PRAGMA integrity_check"))
    }

    /// Returns what ends the statement that runs, from any thread, with [`StoreError::Interrupted`].
    pub fn interrupter(&self) -> impl Fn() + Send + Sync + use<> {
        let handle = self.connection.get_interrupt_handle();
        move || handle.interrupt()
    }

    /// Sets narrower bounds on what a statement may be and need, for callers who are not trusted; `writes` or they only read.
    pub fn bound_untrusted(&self, writes: bool) -> Result<(), StoreError> {
        let run = || -> rusqlite::Result<()> {
            for (limit, most) in UNTRUSTED_LIMITS {
                self.connection.set_limit(*limit, *most)?;
            }
            self.connection.pragma_update(None, "cache_size", -8192)?;
            self.connection.pragma_update(None, "query_only", !writes)
        };
        run().map_err(|error| self.fault(error, "PRAGMA query_only"))
    }

    /// Begins a transaction for writing (BEGIN IMMEDIATE), or a savepoint inside the one that is open.
    ///
    /// Waits for another writer up to the busy time-out, then fails with [`StoreError::Locked`]. Inside [`Store::begin_read`] a
    /// write can fail, when another writer came between: begin for writing whatever may write.
    pub fn begin(&self) -> Result<(), StoreError> {
        let depth = self.depth();
        if depth == 0 {
            self.begun.set(self.begun.get() + 1);
            self.begin_turn()?;
            self.command("BEGIN IMMEDIATE").inspect_err(|_| self.turns.end(false))?;
            self.levels.borrow_mut().push(Level::Transaction);
        } else {
            self.command(&format!("SAVEPOINT mbl_{depth}"))?;
            self.levels.borrow_mut().push(Level::Savepoint);
        }
        Ok(())
    }

    /// Begins to read one snapshot with several statements (BEGIN DEFERRED); inside a transaction it joins that one.
    pub fn begin_read(&self) -> Result<(), StoreError> {
        let level = if self.depth() == 0 {
            self.command("BEGIN DEFERRED")?;
            Level::Transaction
        } else {
            Level::Joined
        };
        self.levels.borrow_mut().push(level);
        Ok(())
    }

    /// Commits the innermost transaction or savepoint.
    ///
    /// When it fails, that transaction or savepoint has been rolled back and is closed.
    pub fn commit(&self) -> Result<(), StoreError> {
        let Some(level) = self.levels.borrow().last().copied() else {
            return Err(StoreError::NoTransaction);
        };
        let committed = match level {
            Level::Transaction => self.command("COMMIT"),
            Level::Savepoint => self.command(&format!("RELEASE mbl_{}", self.depth() - 1)),
            Level::Joined => self.connection().map(|_| ()),
        };
        if committed.is_err() {
            self.rollback()?;
        } else {
            self.levels.borrow_mut().pop();
            if level == Level::Transaction {
                self.turns.end(true);
            }
        }
        committed
    }

    /// Rolls the innermost transaction or savepoint back and closes it.
    pub fn rollback(&self) -> Result<(), StoreError> {
        let Some(level) = self.levels.borrow_mut().pop() else {
            return Err(StoreError::NoTransaction);
        };
        let undo = || match level {
            // A full disk, among others, makes SQLite roll back by itself; then nothing is left to undo.
            _ if self.connection.is_autocommit() => Ok(()),
            Level::Transaction => self.command("ROLLBACK"),
            Level::Savepoint => {
                let name = format!("mbl_{}", self.depth());
                self.command(&format!("ROLLBACK TO {name}"))?;
                self.command(&format!("RELEASE {name}"))
            }
            Level::Joined => Ok(()),
        };
        let undone = undo();
        if level == Level::Transaction {
            self.turns.end(true);
        }
        undone
    }

    /// Returns a number that grows whenever rows are written, or a transaction for writing is asked for.
    pub fn writes(&self) -> u64 {
        self.begun.get() + self.connection.total_changes()
    }

    /// Runs a statement that writes, and is a transaction of its own unless one is open.
    fn write_alone<T, E: From<StoreError>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        if self.depth() > 0 {
            return body();
        }
        self.release_snapshot();
        self.begin_turn()?;
        let _turn = TurnGuard(&self.turns);
        body()
    }

    /// Waits for this connection's turn to write.
    fn begin_turn(&self) -> Result<(), StoreError> {
        let limit = self.url.busy_timeout;
        match self.turns.begin(limit, &self.deadline) {
            true => Ok(()),
            false => Err(StoreError::Locked { database: self.url.to_string(), waited_ms: limit.as_millis() as u64 }),
        }
    }

    /// Returns how many transactions, savepoints and snapshots are open inside one another.
    pub fn depth(&self) -> usize {
        self.levels.borrow().len()
    }

    /// Runs `body` between [`Store::begin`] and [`Store::commit`]; rolls back when it fails or panics.
    pub fn transaction<T, E: From<StoreError>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.begin()?;
        self.finish(body)
    }

    /// Runs `body` between [`Store::begin_read`] and its end: all its statements see one snapshot.
    pub fn snapshot<T, E: From<StoreError>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.begin_read()?;
        self.finish(body)
    }

    /// Lets reads share a snapshot for as long as nobody commits, until what this returns is dropped at the end of a call.
    ///
    /// Each read still sees all that was committed when it began. Whoever may do other things for long between two reads has `watch`
    /// call [`Store::release_snapshot`]: meanwhile the log of other writers would grow.
    pub fn share_reads(&self, watch: Rc<dyn SnapshotWatch>) -> SharedReads<'_> {
        SharedReads { store: self, outer: self.snapshot.set_call(Some(watch)) }
    }

    /// Lets go of the snapshot that the reads of a call share: whoever is about to wait should, as writers may need its end.
    pub fn release_snapshot(&self) {
        if self.snapshot.is_held() {
            self.connection.release_snapshot();
            self.snapshot.release();
        }
    }

    /// Lets a read share the snapshot of the one before, where that is the newest; tells whether it does.
    fn shares_snapshot(&self) -> bool {
        let may_share = self.has_log && self.snapshot.is_in_call() && self.depth() == 0;
        // Whoever is told of statements sees them as they are by themselves.
        let step = match may_share && !self.watch.is_active() {
            true => self.snapshot.decide(self.connection.log()),
            false => Step::Alone,
        };
        if step == Step::Share {
            return true;
        }
        self.release_snapshot();
        if step == Step::Hold {
            match self.connection.hold_snapshot() {
                Ok(true) if self.snapshot.hold(self.connection.log()) => return true,
                // What is wrong, the read itself will meet and tell.
                _ => self.connection.release_snapshot(),
            }
        }
        false
    }

    /// Returns the connection, for the statements of this module's other files.
    ///
    /// Fails with [`StoreError::RolledBack`] when SQLite ended the open transaction by itself: a statement would then run, and
    /// stay, outside of it.
    pub(in crate::store) fn connection(&self) -> Result<&Connection, StoreError> {
        self.release_snapshot();
        self.check_open()?;
        Ok(&self.connection)
    }

    /// Fails when SQLite ended the open transaction by itself.
    fn check_open(&self) -> Result<(), StoreError> {
        match self.depth() > 0 && self.connection.is_autocommit() {
            true => Err(StoreError::RolledBack),
            false => Ok(()),
        }
    }

    /// Puts an error of SQLite in this module's words. `sql` is the statement's text, which holds no values.
    pub(in crate::store) fn fault(&self, error: rusqlite::Error, sql: &str) -> StoreError {
        StoreError::from_sqlite(error, Some(sql), &self.url)
    }

    /// Runs a kept statement without parameters and rows.
    fn command(&self, sql: &str) -> Result<(), StoreError> {
        let connection = self.connection()?;
        let _watched = self.watched(sql)?;
        let run = || connection.prepare_cached(sql)?.execute([]);
        run().map(|_| ()).map_err(|error| self.fault(error, sql))
    }

    /// Sets whether statements that could damage the file are refused: writing to SQLite's schema, turning the journal off.
    pub(in crate::store) fn set_defensive(&self, on: bool) -> Result<(), StoreError> {
        let set = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, on);
        set.map(|_| ()).map_err(|error| self.fault(error, "SQLITE_DBCONFIG_DEFENSIVE"))
    }

    /// Commits after `body`, or rolls back.
    fn finish<T, E: From<StoreError>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let guard = RollbackGuard { store: self, depth: self.depth() - 1 };
        let result = body()?;
        std::mem::forget(guard);
        self.commit()?;
        Ok(result)
    }

    /// Sets what holds for this connection only.
    fn configure(&self) -> rusqlite::Result<()> {
        let connection = &self.connection;
        connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
        // A misspelled column in double quotes is an error, not a string.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        // No statement damages the file.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        for (limit, most) in LIMITS {
            connection.set_limit(*limit, *most)?;
        }
        connection.execute_batch(&format!(
            "PRAGMA foreign_keys = ON;
             PRAGMA synchronous = {};
             PRAGMA cache_size = -65536;
             PRAGMA mmap_size = 268435456;
             PRAGMA temp_store = MEMORY;
             PRAGMA trusted_schema = OFF;",
            self.url.synchronous.name()
        ))?;
        rusqlite::vtab::array::load_module(connection)
    }

    /// Turns the write-ahead log on, which stays with the file.
    ///
    /// Returns whether it is on. SQLite does not wait here, whatever the busy time-out, when two connections switch at once; so this waits.
    fn switch_to_wal(&self) -> Result<bool, StoreError> {
        let begun = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            let switched =
                self.connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
            match switched {
                // A file system without shared memory, and a database in memory, answer their own mode.
                Ok(mode) => return Ok(mode == "wal"),
                Err(error)
                    if matches!(
                        error.sqlite_error_code(),
                        Some(
                            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed
                        )
                    ) && begun.elapsed() < self.url.busy_timeout =>
                {
                    thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(20));
                }
                Err(error) => return Err(self.fault(error, "PRAGMA journal_mode = wal")),
            }
        }
    }
}

impl Deadline {
    fn is_over(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// Returns how long there is; None for ever.
    fn left(&self) -> Option<Duration> {
        match self.nanoseconds.load(Ordering::Relaxed) {
            0 => None,
            nanoseconds => Some(Duration::from_nanos(nanoseconds).saturating_sub(self.opened.elapsed())),
        }
    }
}

/// Lets reads share a snapshot while it lives; see [`Store::share_reads`].
pub struct SharedReads<'a> {
    store: &'a Store,
    outer: Option<Rc<dyn SnapshotWatch>>,
}

impl Drop for SharedReads<'_> {
    fn drop(&mut self) {
        self.store.release_snapshot();
        self.store.snapshot.set_call(self.outer.take());
    }
}

/// Ends a turn when it is dropped.
struct TurnGuard<'a>(&'a Turns);

impl Drop for TurnGuard<'_> {
    fn drop(&mut self) {
        self.0.end(true);
    }
}

/// Rolls back what is open above `depth` when it is dropped.
struct RollbackGuard<'a> {
    store: &'a Store,
    depth: usize,
}

impl Drop for RollbackGuard<'_> {
    fn drop(&mut self) {
        while self.store.depth() > self.depth {
            // The error that brings us here is the one to tell; closing the connection undoes what this could not.
            let _ = self.store.rollback();
        }
    }
}

/// Returns how files are opened: no URI, which [`DatabaseUrl`] reads, and no mutex, as a store belongs to one thread at a time.
fn flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Finds what SQLite says badly or not at all: a folder in the file's place, a missing folder, a file without write permission.
fn prepare_path(path: &Path) -> Result<(), StoreError> {
    let database = || path.display().to_string();
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => {
            return Err(StoreError::CannotOpen { database: database(), reason: "it is a folder".into() });
        }
        // Whoever took the permission away means it, even where root could write.
        Ok(metadata) if metadata.permissions().readonly() => return Err(StoreError::ReadOnly { database: database() }),
        Ok(_) => return Ok(()),
        Err(_) => {}
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => return Ok(()),
    };
    if folder.is_dir() {
        return Ok(());
    }
    if folder.file_name().is_some_and(|name| name == ".mbl") {
        let made = std::fs::create_dir(folder);
        if folder.is_dir() {
            return Ok(());
        }
        if let Err(error) = made
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(StoreError::CannotOpen {
                database: database(),
                reason: format!("the folder `{}` cannot be made: {error}", folder.display()),
            });
        }
    }
    Err(StoreError::MissingFolder { database: database(), folder: PathBuf::from(folder) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(sql: &str) -> Store {
        let store = Store::open(&DatabaseUrl::memory()).unwrap();
        run(&store, sql).unwrap();
        store
    }

    fn run(store: &Store, sql: &str) -> Result<(), StoreError> {
        store.connection()?.execute_batch(sql).map_err(|error| store.fault(error, sql))
    }

    fn values(store: &Store) -> Vec<i64> {
        let mut statement = store.connection().unwrap().prepare_cached("SELECT x FROM t ORDER BY x").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn a_transaction_inside_a_transaction_is_a_savepoint() {
        let store = store("CREATE TABLE t (x)");
        store.begin().unwrap();
        run(&store, "INSERT INTO t VALUES (1)").unwrap();
        store.begin().unwrap();
        run(&store, "INSERT INTO t VALUES (2)").unwrap();
        store.begin_read().unwrap();
        assert_eq!(store.depth(), 3);
        assert_eq!(values(&store), [1, 2]);
        store.commit().unwrap();
        store.rollback().unwrap();
        store.begin().unwrap();
        run(&store, "INSERT INTO t VALUES (3)").unwrap();
        store.commit().unwrap();
        store.commit().unwrap();
        assert_eq!((store.depth(), values(&store)), (0, vec![1, 3]));
        assert_eq!(store.commit(), Err(StoreError::NoTransaction));
        assert_eq!(store.rollback(), Err(StoreError::NoTransaction));
    }

    #[test]
    fn a_body_that_fails_or_panics_is_undone() {
        let store = store("CREATE TABLE t (x)");
        let failed: Result<(), StoreError> = store.transaction(|| {
            run(&store, "INSERT INTO t VALUES (1)")?;
            // What the body leaves open goes, too.
            store.begin()?;
            run(&store, "INSERT INTO t VALUES ()")
        });
        assert!(matches!(failed, Err(StoreError::Sqlite(_))));
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.transaction::<(), StoreError>(|| {
                run(&store, "INSERT INTO t VALUES (2)").unwrap();
                std::panic::resume_unwind(Box::new(()))
            })
        }));
        assert!(panicked.is_err());
        assert_eq!((store.depth(), values(&store)), (0, vec![]));
    }

    #[test]
    fn a_commit_that_fails_leaves_no_transaction_open() {
        let store = store(
            "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (x REFERENCES p DEFERRABLE INITIALLY DEFERRED)",
        );
        store.begin().unwrap();
        run(&store, "INSERT INTO t VALUES (1)").unwrap();
        let Err(StoreError::Constraint(fault)) = store.commit() else { panic!("the parent is missing") };
        assert_eq!(fault.kind, Constraint::ForeignKey);
        assert_eq!((store.depth(), values(&store)), (0, vec![]));
    }

    #[test]
    fn a_statement_ends_with_its_time_and_the_next_one_runs() {
        let store = store("CREATE TABLE t (x)");
        let slow = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) INSERT INTO t SELECT x FROM n WHERE x < 0";
        let begun = Instant::now();
        store.set_deadline(Some(begun + Duration::from_millis(20)));
        assert_eq!(run(&store, slow), Err(StoreError::Interrupted));
        assert!(begun.elapsed() < Duration::from_secs(2));
        store.set_deadline(None);
        run(&store, "INSERT INTO t VALUES (1)").unwrap();
        assert_eq!(values(&store), [1]);
    }

    #[test]
    fn a_database_in_memory_grows_to_its_bound() {
        let store = store("CREATE TABLE t (x)");
        store.limit_size(1 << 20).unwrap();
        let full = run(&store, "INSERT INTO t VALUES (zeroblob(2000000))");
        assert!(matches!(full, Err(StoreError::Full { .. })), "{full:?}");
        run(&store, "INSERT INTO t VALUES (1)").unwrap();
    }

    #[test]
    fn nothing_is_attached_and_the_schema_is_not_written() {
        let store = store("CREATE TABLE t (x)");
        for sql in [
            "ATTACH DATABASE ':memory:' AS other",
            "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'x'",
            "SELECT load_extension('x')",
            "VACUUM INTO '/tmp/x'",
        ] {
            assert!(run(&store, sql).is_err(), "{sql}");
        }
        assert!(values(&store).is_empty());
    }

    #[test]
    fn nothing_runs_outside_of_a_transaction_that_the_database_ended() {
        let store = store("CREATE TABLE t (x UNIQUE)");
        run(&store, "INSERT INTO t VALUES (1)").unwrap();
        store.begin().unwrap();
        store.begin().unwrap();
        run(&store, "INSERT INTO t VALUES (2)").unwrap();
        assert!(matches!(run(&store, "INSERT OR ROLLBACK INTO t VALUES (1)"), Err(StoreError::Constraint(_))));
        assert_eq!(run(&store, "INSERT INTO t VALUES (3)"), Err(StoreError::RolledBack));
        assert_eq!(store.begin(), Err(StoreError::RolledBack));
        store.rollback().unwrap();
        assert_eq!(store.commit(), Err(StoreError::RolledBack));
        assert_eq!((store.depth(), values(&store)), (0, vec![1]));
    }

    #[test]
    fn a_full_database_undoes_the_transaction() {
        let store = store("CREATE TABLE t (x); PRAGMA max_page_count = 8;");
        store.begin().unwrap();
        let error = run(&store, "INSERT INTO t VALUES (zeroblob(100000))").unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error}");
        let _ = store.commit();
        assert_eq!(store.depth(), 0);
        assert!(values(&store).is_empty());
    }

    #[test]
    fn an_error_names_table_columns_and_statement_but_no_values() {
        let store =
            store("CREATE TABLE \"Like\" (a NOT NULL, b, UNIQUE (a, b)); INSERT INTO \"Like\" VALUES (1, 'secret');");
        let sql = "INSERT INTO \"Like\" VALUES (?1, ?2)";
        let error = store.connection().unwrap().execute(sql, (1, "secret")).map_err(|error| store.fault(error, sql));
        let Err(StoreError::Constraint(fault)) = error else { panic!("{error:?}") };
        assert_eq!((fault.kind, fault.table.as_deref()), (Constraint::Unique, Some("Like")));
        assert_eq!(fault.columns, ["a", "b"]);
        assert_eq!(fault.sql.as_deref(), Some(sql));
        assert_eq!(fault.code, 2067);
        assert!(!fault.message.contains("secret"));
        let misspelled = run(&store, "SELECT \"c\" FROM \"Like\"").unwrap_err();
        assert_eq!(misspelled.code(), Some(1));
    }

    #[test]
    fn a_list_is_bound_as_one_value() {
        let store = store("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3)");
        let list = std::rc::Rc::new(vec![rusqlite::types::Value::Integer(1), rusqlite::types::Value::Integer(3)]);
        let sql = "SELECT count(*) FROM t WHERE x IN rarray(?1)";
        let count: i64 = store.connection().unwrap().query_row(sql, [list], |row| row.get(0)).unwrap();
        assert_eq!(count, 2);
    }

    #[test]
    fn a_snapshot_sees_one_state() {
        let path = std::env::temp_dir().join(format!("mbl-snapshot-{}.db", std::process::id()));
        let _ = std::fs::remove_file(&path);
        let url = DatabaseUrl::file(&path);
        let (reader, writer) = (Store::open(&url).unwrap(), Store::open(&url).unwrap());
        run(&writer, "CREATE TABLE t (x); INSERT INTO t VALUES (1)").unwrap();
        let seen: Result<_, StoreError> = reader.snapshot(|| {
            let before = values(&reader);
            run(&writer, "INSERT INTO t VALUES (2)")?;
            Ok((before, values(&reader)))
        });
        assert_eq!(seen.unwrap(), (vec![1], vec![1]));
        assert_eq!(values(&reader), [1, 2]);
        drop((reader, writer));
        std::fs::remove_file(&path).unwrap();
    }
}
