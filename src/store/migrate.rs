//! Brings a database to a layout, and keeps the history of what was done.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{OptionalExtension, params};
use thiserror::Error;

use crate::migrate::{Effect, Layout, Loss, Migration, Step, diff};
use crate::sql::{Script, quote_name};
use crate::store::{Breakage, Comparison, Constraint, Store, StoreError, Verdict};

/// What may be done to a database without being asked by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Policy {
    /// Nothing: what is missing is reported.
    Never,
    /// What only adds.
    #[default]
    Additive,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Applied {
    /// Whether there was no table before.
    pub created: bool,
    /// How many tables were made.
    pub tables: usize,
    /// How many columns were added to tables that were there.
    pub columns: usize,
    /// How many indexes were made.
    pub indexes: usize,
    /// What was done, in order.
    pub steps: Vec<Step>,
    /// The statements that ran.
    pub script: Script,
    /// What the schema does not have, and works with in place: other tables, plain indexes. Not looked for when the database
    /// was brought to this layout before, and nothing changed since.
    pub left: Vec<Step>,
}

/// Why a database was not brought to a layout. It is as it was.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum MigrateError {
    /// The policy, the rows or the sort of the change forbid it; every reason is here.
    #[error("the database is not at the schema:{}", lines(.0))]
    Refused(Vec<Refusal>),
    /// Rows stand in the way of [`Store::change_to`], or values would be lost and that is not accepted.
    #[error("the database was left as it is: {}", reasons(.0))]
    Stopped(Box<Comparison>),
    /// It would have left the database broken.
    #[error("the database was left as it is:{}", .0.iter().map(|broken| format!("\n  {broken}")).collect::<String>())]
    Breaks(Vec<Breakage>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A step that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The step.
    pub step: Step,
    /// Why.
    pub reason: Reason,
}

/// Why a step is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It does more than add.
    Loss(Loss),
    /// Rows have the same values in the columns of a new unique index.
    Duplicates,
    /// [`Policy::Never`].
    Policy,
}

/// Ours: what was applied, and what is known of the database.
const OWN_TABLES: &str = "
    CREATE TABLE IF NOT EXISTS _mbl_migrations (
        id INTEGER PRIMARY KEY,
        script TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied_at INTEGER NOT NULL -- ms since the Unix epoch
    );
    CREATE TABLE IF NOT EXISTS _mbl_state (
        key TEXT PRIMARY KEY NOT NULL,
        value TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS _mbl_tenant (
        tenantId TEXT NOT NULL,
        packageId TEXT NOT NULL,
        PRIMARY KEY (tenantId, packageId)
    ) WITHOUT ROWID;";

/// SQLite's schema version grows with every change of a table or an index by anyone.
const IS_AT: &str = "
    SELECT value = (SELECT CAST(schema_version AS TEXT) FROM pragma_schema_version) FROM _mbl_state WHERE key = ?1";

impl Store {
    /// Brings the database to `layout`, in one transaction of its own or as part of the one that is open.
    ///
    /// Tables and plain indexes that the layout does not have stay. When a step is refused or fails, nothing has changed. Several
    /// processes may do this at once: the first does the work, the others find it done. When the database was brought to this
    /// layout before and no one changed it since, that is seen without looking at its tables.
    pub fn bring_to(&self, layout: &Layout, policy: Policy) -> Result<Applied, MigrateError> {
        let key = self.layout_key(layout);
        if self.is_at(&key)? {
            return Ok(Applied::default());
        }
        let applied = self.transaction(|| {
            // Another process may have done it while this one waited.
            if self.is_at(&key)? {
                return Ok(Applied::default());
            }
            // A column is added with a default that SQLite computes by writing to its schema, which no other statement may.
            self.set_defensive(false)?;
            self.apply(layout, policy, &key)
        });
        if applied.is_err() {
            // A script that stopped midway may have left it on; the pragma is no part of the transaction.
            let sql = "PRAGMA writable_schema = OFF";
            self.connection()?.execute_batch(sql).map_err(|error| self.fault(error, sql))?;
        }
        self.set_defensive(true)?;
        applied
    }

    /// Returns the key under which it is kept that the database is at a layout.
    pub(in crate::store) fn layout_key(&self, layout: &Layout) -> String {
        format!("layout:{}", checksum(&Script::create(layout).to_string()))
    }

    /// Tells whether the database was brought to the layout of `key`, and its tables have not changed since.
    fn is_at(&self, key: &str) -> Result<bool, StoreError> {
        let connection = self.connection()?;
        let has_state = || connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_mbl_state'")?.exists([]);
        if !has_state().map_err(|error| self.fault(error, "SELECT 1 FROM sqlite_schema"))? {
            return Ok(false);
        }
        let is_at = connection.query_row(IS_AT, [key], |row| row.get(0)).optional();
        Ok(is_at.map_err(|error| self.fault(error, IS_AT))?.unwrap_or(false))
    }

    fn apply(&self, layout: &Layout, policy: Policy, key: &str) -> Result<Applied, MigrateError> {
        let old = self.introspect()?;
        let migration = diff(&old, layout);
        let (refusals, left) = self.judge(&old, &migration, policy)?;
        if !refusals.is_empty() {
            return Err(MigrateError::Refused(refusals));
        }
        let migration = migration.additive();
        let count = |wanted: fn(&Step) -> bool| migration.steps.iter().filter(|step| wanted(step)).count();
        let applied = Applied {
            created: old.tables.is_empty() && !migration.is_empty(),
            tables: count(|step| matches!(step, Step::CreateTable(_))),
            columns: count(|step| matches!(step, Step::AddColumn { .. })),
            indexes: count(|step| matches!(step, Step::CreateIndex { .. })),
            steps: migration.steps.clone(),
            script: Script::of(&migration),
            left,
        };
        self.run_steps(&migration)?;
        if !migration.is_empty() {
            self.verify(layout)?;
        }
        if policy != Policy::Never {
            self.record_migration(&applied.script, key)?;
        }
        Ok(applied)
    }

    /// Returns the steps that must not be done, and those that need not be.
    fn judge(
        &self,
        old: &Layout,
        migration: &Migration,
        policy: Policy,
    ) -> Result<(Vec<Refusal>, Vec<Step>), StoreError> {
        let mut refusals = Vec::new();
        let mut left = Vec::new();
        for step in &migration.steps {
            let reason = match step.effect() {
                Effect::Waits(_) => {
                    left.push(step.clone());
                    continue;
                }
                Effect::Needs(loss) => Reason::Loss(loss),
                Effect::Adds if policy == Policy::Never => Reason::Policy,
                Effect::Adds if self.has_duplicates(old, step)? => Reason::Duplicates,
                Effect::Adds => continue,
            };
            refusals.push(Refusal { step: step.clone(), reason });
        }
        Ok((refusals, left))
    }

    /// Tells whether a new unique index over columns that are there meets duplicates.
    fn has_duplicates(&self, old: &Layout, step: &Step) -> Result<bool, StoreError> {
        let Step::CreateIndex { table, index } = step else {
            return Ok(false);
        };
        let Some(old) = old.table(table).filter(|_| index.unique) else {
            return Ok(false);
        };
        if index.columns.iter().any(|column| old.column(&column.name).is_none()) {
            return Ok(false);
        }
        let columns: Vec<String> = index.columns.iter().map(|column| quote_name(&column.name)).collect();
        let present: Vec<String> = columns.iter().map(|column| format!("{column} IS NOT NULL")).collect();
        let sql = format!(
            "SELECT 1 FROM {} WHERE {} GROUP BY {} HAVING count(*) > 1 LIMIT 1",
            quote_name(table),
            present.join(" AND "),
            columns.join(", ")
        );
        let exists = || {
            self.connection()?
                .prepare(&sql)
                .and_then(|mut statement| statement.exists([]))
                .map_err(|error| self.fault(error, &sql))
        };
        exists()
    }

    fn run_steps(&self, migration: &Migration) -> Result<(), MigrateError> {
        for step in &migration.steps {
            let script = Script::of(&Migration { steps: vec![step.clone()] });
            for statement in &script.statements {
                let connection = self.connection()?;
                let run = connection.execute_batch(&statement.sql).map_err(|error| self.fault(error, &statement.sql));
                match run {
                    Ok(()) => {}
                    // A new column's default may repeat itself.
                    Err(StoreError::Constraint(fault)) if fault.kind == Constraint::Unique => {
                        let refusal = Refusal { step: step.clone(), reason: Reason::Duplicates };
                        return Err(MigrateError::Refused(vec![refusal]));
                    }
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(())
    }

    /// Looks whether the database now is what was asked for; whatever is not is refused, and undone with the transaction.
    fn verify(&self, layout: &Layout) -> Result<(), MigrateError> {
        let rest = diff(&self.introspect()?, layout);
        let refusals: Vec<Refusal> = rest
            .steps
            .into_iter()
            .filter(|step| !matches!(step.effect(), Effect::Waits(_)))
            .map(|step| Refusal { step, reason: Reason::Loss(Loss::Nothing) })
            .collect();
        if refusals.is_empty() { Ok(()) } else { Err(MigrateError::Refused(refusals)) }
    }

    /// Keeps what ran, and that the database is at the layout of `key` now; no layout's when it is empty.
    pub(in crate::store) fn record_migration(&self, script: &Script, key: &str) -> Result<(), StoreError> {
        let connection = self.connection()?;
        let write = || {
            connection.execute_batch(OWN_TABLES)?;
            if !script.statements.is_empty() {
                let text = script.to_string();
                let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
                connection.execute(
                    "INSERT INTO _mbl_migrations (script, checksum, applied_at) VALUES (?1, ?2, ?3)",
                    params![text, checksum(&text), now],
                )?;
            }
            let version: i64 = connection.pragma_query_value(None, "schema_version", |row| row.get(0))?;
            let version = version.to_string();
            connection.execute("DELETE FROM _mbl_state WHERE key LIKE 'layout:%' AND value <> ?1", [&version])?;
            if !key.is_empty() {
                connection
                    .execute("INSERT OR REPLACE INTO _mbl_state (key, value) VALUES (?1, ?2)", [key, &version])?;
            }
            Ok(())
        };
        write().map_err(|error| self.fault(error, "writing the history of the database"))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Reason::Loss(loss) => write!(f, "{} ({loss})", self.step),
            Reason::Duplicates => write!(f, "{} (rows with the same values are in the way)", self.step),
            Reason::Policy => write!(f, "{}", self.step),
        }
    }
}

/// Says which changes stop, and why.
fn reasons(comparison: &Comparison) -> String {
    let stops = comparison.changes.iter().filter(|change| change.verdict != Verdict::Safe);
    stops.map(|change| format!("\n  {}: {}", change.step, change.message)).collect()
}

fn lines(refusals: &[Refusal]) -> String {
    refusals.iter().map(|refusal| format!("\n  {refusal}")).collect()
}

/// Returns the FNV-1a hash of a text, in hexadecimal digits: the same on every machine and in every version.
fn checksum(text: &str) -> String {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}
