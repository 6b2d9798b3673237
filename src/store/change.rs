//! Brings a database with rows to another layout: looks first, keeps a copy where something is lost, does all or nothing.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::{Batch, Connection, OpenFlags, Row};

use crate::migrate::{Effect, Layout, LikelyRename, Loss, Migration, Step, diff, likely_renames};
use crate::sql::{Script, ScriptStatement, TableChange, is_none_of, quote_name};
use crate::store::deploy::utc_digits;
use crate::store::examine::{Change, Examiner, Verdict, surplus};
use crate::store::introspect::words_of;
use crate::store::{Location, MigrateError, SqliteFault, Store, StoreError};

/// What becomes of tables that the layout does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Surplus {
    /// They stay: the layout is not the whole of what the database is for.
    #[default]
    Stays,
    /// They go.
    Goes,
}

/// A database beside the layout that it is to have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Comparison {
    /// What differs, each with what it means for the rows that are there.
    pub changes: Vec<Change>,
    /// The tables that the layout does not have and that stay, with their numbers of rows.
    pub left: Vec<(String, u64)>,
    /// What looks like a new name, and is treated as one thing that goes and another that comes.
    pub likely_renames: Vec<LikelyRename>,
    /// The SQL that brings the database to the layout.
    pub script: Script,
}

/// What [`Store::change_to`] did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changed {
    /// What differed; all of it is done.
    pub comparison: Comparison,
    /// The copy of the database as it was, when something was lost.
    pub backup: Option<PathBuf>,
}

/// What a change of the database would leave broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Breakage {
    /// Rows whose foreign key leads nowhere.
    ForeignKey {
        /// The table of the rows.
        table: String,
        /// The table that they refer to.
        parent: String,
        /// How many.
        rows: u64,
    },
    /// A view that cannot be read any more.
    View {
        /// The view.
        view: String,
        /// What SQLite says.
        reason: String,
    },
    /// A table that stays refers to one that would go.
    Referred {
        /// The table that would go.
        table: String,
        /// The table that stays.
        by: String,
    },
    /// The database is not at the layout afterwards.
    Differs(Step),
}

impl Comparison {
    /// Compares two layouts without a database: what rows may lose is told by the sort of the change alone.
    pub fn between(old: &Layout, new: &Layout) -> Self {
        let migration = diff(old, new);
        let change = |step: &Step| {
            let (verdict, message) = match step.effect() {
                Effect::Adds | Effect::Needs(Loss::Nothing) | Effect::Waits(Loss::Nothing) => {
                    (Verdict::Safe, String::new())
                }
                Effect::Needs(loss) | Effect::Waits(loss) => (Verdict::Loses, loss.to_string()),
            };
            Change { step: step.clone(), verdict, rows: 0, message, examples: Vec::new(), help: None }
        };
        Self {
            changes: migration.steps.iter().map(change).collect(),
            left: Vec::new(),
            likely_renames: likely_renames(old, new, &migration),
            script: Script::change(old, new, &migration),
        }
    }

    /// Tells whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Counts the changes with this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        self.changes.iter().filter(|change| change.verdict == verdict).count()
    }
}

impl Store {
    /// Compares the database with `layout`. Reads only.
    pub fn compare(&self, layout: &Layout, surplus: Surplus) -> Result<Comparison, StoreError> {
        self.snapshot(|| {
            let old = self.introspect()?;
            self.plan(&old, layout, surplus).map(|(comparison, _)| comparison)
        })
    }

    /// Brings the database to `layout`, with all that is not lost by the change itself.
    ///
    /// One transaction: when anything stands in the way, or `accept_data_loss` is false and something would be lost, nothing has
    /// changed. Foreign keys are checked before the commit. Before something is lost the database is copied to a file beside it.
    /// Several processes may do this at once: one does the work, the others wait up to the busy time-out and find it done.
    pub fn change_to(
        &self,
        layout: &Layout,
        surplus: Surplus,
        accept_data_loss: bool,
    ) -> Result<Changed, MigrateError> {
        let found = self.compare(layout, surplus)?;
        if found.is_empty() {
            return Ok(Changed { comparison: found, backup: None });
        }
        self.rearrange(|| {
            // Another process may have changed it meanwhile.
            let old = self.introspect()?;
            let (comparison, migration) = self.plan(&old, layout, surplus)?;
            let key = self.layout_key(layout);
            self.carry_out(comparison, &migration, accept_data_loss, |store| store.breaks_from(layout, surplus), &key)
        })
    }

    /// Drops tables by name, after a copy of the database when they have rows. All or nothing.
    pub fn prune(&self, tables: &[String]) -> Result<Changed, MigrateError> {
        self.rearrange(|| {
            let old = self.introspect()?;
            let goes = |name: &str| tables.iter().any(|table| table.eq_ignore_ascii_case(name));
            let mut rest = old.clone();
            rest.tables.retain(|table| !goes(&table.name));
            for table in &rest.tables {
                if let Some(key) =
                    table.foreign_keys.iter().find(|key| goes(&key.table) && old.table(&key.table).is_some())
                {
                    let broken = Breakage::Referred { table: key.table.clone(), by: table.name.clone() };
                    return Err(MigrateError::Breaks(vec![broken]));
                }
            }
            let (comparison, migration) = self.plan(&old, &rest, Surplus::Goes)?;
            self.carry_out(comparison, &migration, true, |_| Ok(Vec::new()), "")
        })
    }

    /// Copies the database as it is now to a new file.
    pub fn backup(&self, file: &Path) -> Result<(), StoreError> {
        let Location::File(path) = &self.url().location else {
            return Err(StoreError::CannotOpen {
                database: self.url().to_string(),
                reason: "a database in memory has no copy".into(),
            });
        };
        // A transaction of this connection may be open, in which nothing is copied. The copy comes to its name when it is whole.
        let mut partial = file.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        let copy = || -> rusqlite::Result<()> {
            let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            connection.busy_handler(Some(self.turns.handler(self.url().busy_timeout, self.deadline.clone())))?;
            connection.execute("VACUUM INTO ?1", [partial.to_string_lossy()])?;
            Ok(())
        };
        let _ = std::fs::remove_file(&partial);
        copy().map_err(|error| self.fault(error, "VACUUM INTO"))?;
        let keep = || {
            std::fs::File::open(&partial)?.sync_all()?;
            std::fs::rename(&partial, file)
        };
        keep()
            .map_err(|error| StoreError::CannotOpen { database: file.display().to_string(), reason: error.to_string() })
    }

    /// Compares, and returns the migration without what stays undone.
    fn plan(&self, old: &Layout, layout: &Layout, policy: Surplus) -> Result<(Comparison, Migration), StoreError> {
        let room = self.room(old, layout)?;
        let mut kept = old.clone();
        kept.tables.retain(|table| !room.contains(&table.name));
        let old = &kept;
        let mut migration = diff(old, layout);
        let likely_renames = likely_renames(old, layout, &migration);
        let mut left = Vec::new();
        if policy == Surplus::Stays {
            for table in surplus(old, &migration) {
                left.push((table.name.clone(), self.count_rows(&table.name)?));
            }
            migration.steps.retain(|step| !matches!(step, Step::DropTable { .. }));
        }
        self.limit_values(old, layout, &mut migration)?;
        let changes = Examiner::new(self, old, layout, &migration).examine(&migration)?;
        let mut script = Script::change(old, layout, &migration);
        for table in room {
            let sql = format!("DROP TABLE {}", quote_name(&table));
            script.statements.insert(0, ScriptStatement { heading: Some("DropTable"), sql });
        }
        Ok((Comparison { changes, left, likely_renames, script }, migration))
    }

    /// Adds a step for each column of an enum in which rows hold another value: the tables do not tell of enums, only the rows do.
    fn limit_values(&self, old: &Layout, layout: &Layout, migration: &mut Migration) -> Result<(), StoreError> {
        let changes = TableChange::all(old, layout, migration);
        let mut steps = Vec::new();
        for choice in &layout.choices {
            let Some(change) = changes.iter().find(|change| change.new.name == choice.table) else { continue };
            let Some((_, column)) = change.columns.iter().find(|(_, to)| to.name == choice.column) else { continue };
            let condition = is_none_of(&quote_name(&column.name), &choice.values);
            if self.number(&format!("SELECT EXISTS (SELECT 1 FROM ({}) WHERE {condition})", change.rows()))? > 0 {
                let (table, values) = (choice.table.clone(), choice.values.clone());
                steps.push(Step::LimitValues { table, column: (*column).clone(), values });
            }
        }
        migration.steps.extend(steps);
        Ok(())
    }

    /// Returns the empty tables that have the new name of one with another name: they were made before anybody said that it is new.
    fn room(&self, old: &Layout, layout: &Layout) -> Result<Vec<String>, StoreError> {
        let mut room = Vec::new();
        for table in &layout.tables {
            let older = |name: &String| old.table(name).is_some() && layout.table(name).is_none();
            if let Some(found) = old.table(&table.name).filter(|_| table.renamed_from.iter().any(older))
                && self.count_rows(&found.name)? == 0
            {
                room.push(found.name.clone());
            }
        }
        Ok(room)
    }

    /// Runs `body` in a transaction in which foreign keys are not enforced.
    pub(in crate::store) fn rearrange<T>(
        &self,
        body: impl FnOnce() -> Result<T, MigrateError>,
    ) -> Result<T, MigrateError> {
        if self.depth() > 0 {
            // SQLite leaves this as it is inside a transaction.
            return Err(StoreError::NoTransaction.into());
        }
        self.enforce_foreign_keys(false)?;
        let done = self.transaction(body);
        let enforced = self.enforce_foreign_keys(true);
        let done = done?;
        enforced?;
        Ok(done)
    }

    fn carry_out(
        &self,
        comparison: Comparison,
        migration: &Migration,
        accept_data_loss: bool,
        verify: impl FnOnce(&Self) -> Result<Vec<Breakage>, StoreError>,
        key: &str,
    ) -> Result<Changed, MigrateError> {
        if migration.is_empty() {
            return Ok(Changed { comparison, backup: None });
        }
        let loses = comparison.count(Verdict::Loses) > 0;
        if comparison.count(Verdict::Blocked) > 0 || loses && !accept_data_loss {
            return Err(MigrateError::Stopped(Box::new(comparison)));
        }
        let backup = match (&self.url().location, loses) {
            (Location::File(path), true) => {
                let file = self.backup_name(path);
                self.backup(&file)?;
                Some(file)
            }
            _ => None,
        };
        let done = self.run_checked(&comparison.script, verify).and_then(|()| {
            let recorded = self.record_migration(&comparison.script, key);
            recorded.map_err(MigrateError::from)
        });
        if let (Err(_), Some(file)) = (&done, &backup) {
            // Nothing was lost.
            let _ = std::fs::remove_file(file);
        }
        done?;
        Ok(Changed { comparison, backup })
    }

    /// Runs a script; fails when it breaks what was whole before.
    pub(in crate::store) fn run_checked(
        &self,
        script: &Script,
        verify: impl FnOnce(&Self) -> Result<Vec<Breakage>, StoreError>,
    ) -> Result<(), MigrateError> {
        let dangling = self.dangling_rows()?;
        let views = self.broken_views()?;
        for statement in &script.statements {
            self.run_batch(&statement.sql)?;
        }
        let mut broken = verify(self)?;
        for ((table, parent), rows) in self.dangling_rows()? {
            let before = dangling.get(&(table.clone(), parent.clone())).copied().unwrap_or(0);
            if rows > before {
                broken.push(Breakage::ForeignKey { table, parent, rows: rows - before });
            }
        }
        for (view, reason) in self.broken_views()? {
            if !views.contains_key(&view) {
                broken.push(Breakage::View { view, reason });
            }
        }
        if broken.is_empty() { Ok(()) } else { Err(MigrateError::Breaks(broken)) }
    }

    /// Runs the statements of a text. Inside of a transaction none of them may end it, or begin another: what comes behind would not be
    /// undone.
    pub(in crate::store) fn run_batch(&self, sql: &str) -> Result<(), StoreError> {
        let mut batch = Batch::new(self.connection()?, sql);
        while let Some(mut statement) = batch.next().map_err(|error| self.fault(error, sql))? {
            let words = words_of(&statement.expanded_sql().unwrap_or_default());
            let mut words = words.iter().map(String::as_str);
            let is_control = match words.next() {
                Some("BEGIN" | "COMMIT" | "END") => true,
                Some("ROLLBACK") => !words.any(|word| word == "TO"),
                _ => false,
            };
            if is_control && self.depth() > 0 {
                let message = "this is one transaction, which no statement in it can begin or end: take out BEGIN, COMMIT and ROLLBACK";
                let fault = SqliteFault { code: None, message: message.into(), sql: None };
                return Err(StoreError::Sqlite(Box::new(fault)));
            }
            let mut rows = statement.raw_query();
            while rows.next().map_err(|error| self.fault(error, sql))?.is_some() {}
        }
        Ok(())
    }

    fn breaks_from(&self, layout: &Layout, surplus: Surplus) -> Result<Vec<Breakage>, StoreError> {
        let rest = diff(&self.introspect()?, layout).steps.into_iter();
        let rest = rest.filter(|step| surplus == Surplus::Goes || !matches!(step, Step::DropTable { .. }));
        Ok(rest.map(Breakage::Differs).collect())
    }

    pub(in crate::store) fn enforce_foreign_keys(&self, on: bool) -> Result<(), StoreError> {
        let sql = if on { "PRAGMA foreign_keys = ON" } else { "PRAGMA foreign_keys = OFF" };
        self.run_batch(sql)
    }

    /// Counts the rows whose foreign key leads nowhere, by table and parent.
    fn dangling_rows(&self) -> Result<BTreeMap<(String, String), u64>, StoreError> {
        let sql = "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2";
        let connection = self.connection()?;
        let read = || -> rusqlite::Result<_> {
            let mut statement = connection.prepare(sql)?;
            let count = |row: &Row<'_>| row.get::<_, i64>(2).map(i64::unsigned_abs);
            let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), count(row)?)))?;
            rows.collect()
        };
        read().map_err(|error| self.fault(error, sql))
    }

    fn broken_views(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let sql = "SELECT name FROM sqlite_schema WHERE type = 'view'";
        let read = || {
            let connection = self.connection()?;
            let names: rusqlite::Result<Vec<String>> =
                connection.prepare(sql).and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect());
            let names = names.map_err(|error| self.fault(error, sql))?;
            let reads = |name: &String| {
                let sql = format!("SELECT * FROM {}", quote_name(name));
                connection.prepare(&sql).err().map(|error| error.to_string())
            };
            Ok(names.into_iter().filter_map(|name| reads(&name).map(|reason| (name, reason))).collect())
        };
        read()
    }

    /// Returns the name of a copy beside the database that no file has yet.
    pub(in crate::store) fn backup_name(&self, path: &Path) -> PathBuf {
        let time = utc_digits();
        let name = |number: usize| {
            let number = if number == 0 { String::new() } else { format!("-{number}") };
            let mut name = path.as_os_str().to_owned();
            name.push(format!(".backup-{time}{number}"));
            PathBuf::from(name)
        };
        (0..).map(name).find(|path| !path.exists()).expect("one of the names is free")
    }
}

impl fmt::Display for Breakage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Breakage::ForeignKey { table, parent, rows } => {
                write!(f, "{rows} row{} of `{table}` would refer to a `{parent}` that is not there", plural(*rows))
            }
            Breakage::View { view, reason } => write!(f, "the view `{view}` could not be read any more: {reason}"),
            Breakage::Referred { table, by } => write!(f, "`{by}` refers to `{table}`"),
            Breakage::Differs(step) => write!(f, "it would not be at the schema: {step}"),
        }
    }
}

fn plural(count: u64) -> &'static str {
    if count == 1 { "" } else { "s" }
}
