//! Migration files in the layout of Prisma's tools, and the history of those that ran: the table `_prisma_migrations`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{OptionalExtension, params};
use thiserror::Error;

use crate::hash::sha256;
use crate::migrate::{Layout, Step, diff};
use crate::sql::{Script, ScriptStatement};
use crate::store::introspect::words_of;
use crate::store::{DatabaseUrl, Location, MigrateError, Store, StoreError};

/// A migration that lies in a folder: `migrations/20240131120000_add_posts/migration.sql`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationFile {
    /// The folder's name.
    pub name: String,
    /// The text of migration.sql.
    pub script: String,
}

/// A row of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedMigration {
    /// The migration's name.
    pub name: String,
    /// The SHA-256 of its text, in hexadecimal digits.
    pub checksum: String,
    /// Whether it ran to its end.
    pub finished: bool,
    /// Whether somebody marked it as undone.
    pub rolled_back: bool,
}

/// Migration files beside the history of a database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MigrationStatus {
    /// The names of those that ran, in order.
    pub applied: Vec<String>,
    /// The names of those that have not run yet, in order.
    pub pending: Vec<String>,
    /// The names of those whose text is not what ran.
    pub changed: Vec<String>,
    /// The names of those that began and did not end.
    pub failed: Vec<String>,
    /// The names of those that ran and have no file.
    pub missing: Vec<String>,
    /// What differs between the database and what the applied migrations make: the way back to it.
    pub drift: Vec<Step>,
    /// Whether the database has tables and no history.
    pub is_unknown: bool,
}

/// A migration that did not run. Nothing of it is in the database; those before it are.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("migration `{migration}` did not run: {error}")]
pub struct DeployError {
    /// Those that ran before it, in order.
    pub done: Vec<String>,
    /// Its name.
    pub migration: String,
    /// Why.
    pub error: Box<MigrateError>,
}

/// Prisma's own text.
const TABLE: &str = r#"CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id"                    TEXT PRIMARY KEY NOT NULL,
    "checksum"              TEXT NOT NULL,
    "finished_at"           DATETIME,
    "migration_name"        TEXT NOT NULL,
    "logs"                  TEXT,
    "rolled_back_at"        DATETIME,
    "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
    "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
)"#;

const HISTORY: &str = r#"
    SELECT "migration_name", "checksum", "finished_at" IS NOT NULL, "rolled_back_at" IS NOT NULL
    FROM "_prisma_migrations" ORDER BY "started_at", "rowid""#;

const RECORD: &str = r#"
    INSERT INTO "_prisma_migrations" ("id", "checksum", "migration_name", "started_at", "finished_at", "applied_steps_count")
    VALUES (?1, ?2, ?3, ?4, ?5, 1)"#;

impl MigrationFile {
    /// Reads the migrations of a folder, in order; none when there is no such folder.
    ///
    /// # Errors
    /// Fails when the folder or a migration.sql in it cannot be read.
    pub fn read_all(folder: &Path) -> io::Result<Vec<Self>> {
        let mut found = Vec::new();
        let entries = match std::fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            let file = path.join("migration.sql");
            if let Some(name) = path.file_name().and_then(|name| name.to_str())
                && path.is_dir()
                && file.exists()
            {
                found.push(Self { name: name.to_owned(), script: std::fs::read_to_string(&file)? });
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// Returns the SHA-256 of the text, as Prisma's tools write it.
    pub fn checksum(&self) -> String {
        sha256(self.script.as_bytes())
    }

    /// Tells whether the text is the one of a checksum. Line ends make no difference.
    fn is_of(&self, checksum: &str) -> bool {
        let unix = self.script.replace("\r\n", "\n");
        let others = [unix.replace('\n', "\r\n"), unix].map(|script| Self { name: String::new(), script });
        self.checksum() == checksum || others.iter().any(|other| other.checksum() == checksum)
    }
}

/// Returns the layout that migrations make from nothing.
///
/// # Errors
/// Fails with the name of the migration that does not run, and why.
pub fn layout_of_migrations<'a>(
    migrations: impl IntoIterator<Item = &'a MigrationFile>,
) -> Result<Layout, (String, StoreError)> {
    let store = Store::open(&DatabaseUrl::memory()).map_err(|error| (String::new(), error))?;
    for migration in migrations {
        store.run_batch(&migration.script).map_err(|error| (migration.name.clone(), error))?;
    }
    store.introspect().map_err(|error| (String::new(), error))
}

impl MigrationStatus {
    /// Tells whether the history and the files agree as far as the history goes, and the database is what they make.
    pub fn is_sound(&self) -> bool {
        let names = [&self.changed, &self.failed, &self.missing];
        names.iter().all(|names| names.is_empty()) && self.drift.is_empty() && !self.is_unknown
    }
}

impl Store {
    /// Returns what Prisma's tools, or [`Store::deploy`], ran on this database.
    pub fn history(&self) -> Result<Vec<AppliedMigration>, StoreError> {
        let connection = self.connection()?;
        let read = || -> rusqlite::Result<Vec<AppliedMigration>> {
            let is_there = "SELECT 1 FROM sqlite_schema WHERE name = '_prisma_migrations'";
            if connection.query_row(is_there, [], |_| Ok(())).optional()?.is_none() {
                return Ok(Vec::new());
            }
            let mut statement = connection.prepare(HISTORY)?;
            let rows = statement.query_map([], |row| {
                let (name, checksum) = (row.get(0)?, row.get(1)?);
                Ok(AppliedMigration { name, checksum, finished: row.get(2)?, rolled_back: row.get(3)? })
            })?;
            rows.collect()
        };
        read().map_err(|error| self.fault(error, HISTORY))
    }

    /// Compares the migrations of a folder with what ran on this database. Reads only.
    pub fn migration_status(&self, migrations: &[MigrationFile]) -> Result<MigrationStatus, StoreError> {
        self.snapshot(|| {
            let history = self.history()?;
            let mut status = MigrationStatus::default();
            for row in history.iter().filter(|row| !row.rolled_back) {
                let file = migrations.iter().find(|file| file.name == row.name);
                match (row.finished, file) {
                    (false, _) => status.failed.push(row.name.clone()),
                    (true, None) => status.missing.push(row.name.clone()),
                    (true, Some(file)) => {
                        if !file.is_of(&row.checksum) {
                            status.changed.push(row.name.clone());
                        }
                        status.applied.push(row.name.clone());
                    }
                }
            }
            let ran = |name: &String| status.applied.contains(name);
            status.pending = migrations.iter().map(|file| &file.name).filter(|name| !ran(name)).cloned().collect();
            let found = self.introspect()?;
            status.is_unknown = history.is_empty() && !migrations.is_empty() && !found.tables.is_empty();
            // What a changed or missing file made is not known.
            if !history.is_empty() && status.changed.is_empty() && status.missing.is_empty() {
                let applied = migrations.iter().filter(|file| status.applied.contains(&file.name));
                if let Ok(made) = layout_of_migrations(applied) {
                    status.drift = diff(&found, &made).steps;
                }
            }
            Ok(status)
        })
    }

    /// Runs the migrations that have not run yet, in order, and keeps each in the history. Returns their names.
    ///
    /// Each is one transaction with its row in the history, and leaves no foreign key broken; when one fails, those before it stay
    /// done. Several processes may do this at once.
    pub fn deploy(&self, migrations: &[MigrationFile]) -> Result<Vec<String>, DeployError> {
        let mut done = Vec::new();
        for migration in migrations {
            let ran = self.rearrange(|| {
                // Another process may have run it while this one waited.
                let history = self.history()?;
                if history.iter().any(|row| row.name == migration.name && row.finished && !row.rolled_back) {
                    return Ok(false);
                }
                let sql = migration.script.clone();
                let script = Script { statements: vec![ScriptStatement { heading: None, sql }] };
                let started = milliseconds();
                self.run_checked(&script, |_| Ok(Vec::new()))?;
                self.note_run(migration, started)?;
                Ok(true)
            });
            match ran {
                Ok(true) => done.push(migration.name.clone()),
                Ok(false) => {}
                Err(error) => {
                    return Err(DeployError { done, migration: migration.name.clone(), error: Box::new(error) });
                }
            }
        }
        Ok(done)
    }

    /// Writes into the history that migrations ran, without running them: the database is what they make already.
    pub fn record_deployed(&self, migrations: &[MigrationFile]) -> Result<(), StoreError> {
        self.transaction(|| migrations.iter().try_for_each(|migration| self.note_run(migration, milliseconds())))
    }

    /// Copies the database beside itself when a migration that is to run drops anything; returns the copy.
    pub fn backup_before(&self, migrations: &[MigrationFile]) -> Result<Option<PathBuf>, StoreError> {
        let drops = |file: &MigrationFile| words_of(&file.script).iter().any(|word| word == "DROP");
        let Location::File(path) = &self.url().location else { return Ok(None) };
        if !migrations.iter().any(drops) || self.introspect()?.tables.is_empty() {
            return Ok(None);
        }
        let file = self.backup_name(path);
        self.backup(&file)?;
        Ok(Some(file))
    }

    fn note_run(&self, migration: &MigrationFile, started: i64) -> Result<(), StoreError> {
        self.run_batch(TABLE)?;
        let id = self.ids.uuid();
        let row = params![id, migration.checksum(), migration.name, started, milliseconds()];
        let written = self.connection()?.execute(RECORD, row);
        written.map(|_| ()).map_err(|error| self.fault(error, RECORD))
    }
}

/// Returns the time in UTC, to the second, in digits: `20240131120000`.
pub fn utc_digits() -> String {
    jiff::Timestamp::now().strftime("%Y%m%d%H%M%S").to_string()
}

/// Returns the time in ms since the Unix epoch.
fn milliseconds() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
}
