//! Runs plans on SQLite: connections, transactions, kept statements.
//!
//! The one module that names `rusqlite`. It knows plans, scripts and layouts, and nothing of queries, arguments or Lua.

mod error;
mod url;

pub use error::{Constraint, ConstraintFault, SqliteFault, StoreError};
pub use url::{DatabaseUrl, Location, Synchronous};

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

/// How many prepared statements a connection keeps.
const KEPT_STATEMENTS: usize = 512;

/// An open SQLite database: one connection, its transactions and its kept statements.
///
/// It belongs to one thread at a time. Several of them, in one process or in many, may open one file.
pub struct Store {
    connection: Connection,
    url: DatabaseUrl,
    /// The open transactions and savepoints, outermost first.
    levels: RefCell<Vec<Level>>,
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
    /// Opens a database, and makes the file when there is none.
    ///
    /// Of folders only a missing `.mbl` is made. Waits up to the URL's busy time-out for a lock of another process; any number of
    /// processes may open and so make one file at once.
    pub fn open(url: &DatabaseUrl) -> Result<Self, StoreError> {
        let connection = match &url.location {
            Location::Memory => Connection::open_in_memory_with_flags(flags()),
            Location::File(path) => {
                prepare_path(path)?;
                Connection::open_with_flags(path, flags())
            }
        }
        .map_err(|error| StoreError::from_sqlite(error, None, url))?;
        let store = Self { connection, url: url.clone(), levels: RefCell::default() };
        store.configure().map_err(|error| StoreError::from_sqlite(error, None, url))?;
        if store.connection.is_readonly("main").unwrap_or(false) {
            return Err(StoreError::ReadOnly { database: url.to_string() });
        }
        store.switch_to_wal()?;
        Ok(store)
    }

    /// Returns what the store was opened with.
    pub fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Begins a transaction for writing (BEGIN IMMEDIATE), or a savepoint inside the one that is open.
    ///
    /// Waits for another writer up to the busy time-out, then fails with [`StoreError::Locked`]. Inside [`Store::begin_read`] a
    /// write can fail, when another writer came between: begin for writing whatever may write.
    pub fn begin(&self) -> Result<(), StoreError> {
        let depth = self.depth();
        if depth == 0 {
            self.command("BEGIN IMMEDIATE")?;
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
        }
        committed
    }

    /// Rolls the innermost transaction or savepoint back and closes it.
    pub fn rollback(&self) -> Result<(), StoreError> {
        let Some(level) = self.levels.borrow_mut().pop() else {
            return Err(StoreError::NoTransaction);
        };
        // A full disk, among others, makes SQLite roll back by itself; then nothing is left to undo.
        if self.connection.is_autocommit() {
            return Ok(());
        }
        match level {
            Level::Transaction => self.command("ROLLBACK"),
            Level::Savepoint => {
                let name = format!("mbl_{}", self.depth());
                self.command(&format!("ROLLBACK TO {name}"))?;
                self.command(&format!("RELEASE {name}"))
            }
            Level::Joined => Ok(()),
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

    /// Returns the connection, for the statements of this module's other files.
    ///
    /// Fails with [`StoreError::RolledBack`] when SQLite ended the open transaction by itself: a statement would then run, and
    /// stay, outside of it.
    pub(in crate::store) fn connection(&self) -> Result<&Connection, StoreError> {
        if self.depth() > 0 && self.connection.is_autocommit() {
            return Err(StoreError::RolledBack);
        }
        Ok(&self.connection)
    }

    /// Puts an error of SQLite in this module's words. `sql` is the statement's text, which holds no values.
    pub(in crate::store) fn fault(&self, error: rusqlite::Error, sql: &str) -> StoreError {
        StoreError::from_sqlite(error, Some(sql), &self.url)
    }

    /// Runs a kept statement without parameters and rows.
    fn command(&self, sql: &str) -> Result<(), StoreError> {
        let connection = self.connection()?;
        let run = || connection.prepare_cached(sql)?.execute([]);
        run().map(|_| ()).map_err(|error| self.fault(error, sql))
    }

    /// Commits after `body`, or rolls back.
    fn finish<T, E: From<StoreError>>(&self, body: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let guard = RollbackGuard { store: self, depth: self.depth() - 1 };
        let result = body()?;
        std::mem::forget(guard);
        self.commit()?;
        Ok(result)
    }

    /// Sets what holds for this connection only. The busy time-out comes before every other pragma: those may meet a lock.
    fn configure(&self) -> rusqlite::Result<()> {
        let connection = &self.connection;
        connection.busy_timeout(self.url.busy_timeout)?;
        connection.set_prepared_statement_cache_capacity(KEPT_STATEMENTS);
        // A misspelled column in double quotes is an error, not a string.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
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
    /// SQLite does not wait here, whatever the busy time-out, when two connections switch at once; so this waits.
    fn switch_to_wal(&self) -> Result<(), StoreError> {
        let begun = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            let switched =
                self.connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0));
            match switched {
                // A file system without shared memory, and a database in memory, answer their own mode.
                Ok(_) => return Ok(()),
                Err(error)
                    if matches!(
                        error.sqlite_error_code(),
                        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
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
