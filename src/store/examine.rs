//! Looks at the rows that a migration meets: what it keeps, what it loses, and what stands in its way.

use rusqlite::Row;

use crate::migrate::{Column, ForeignKey, Layout, Migration, Step, Table};
use crate::sql::{Conversion, TableChange, is_none_of, quote_name, stand_in};
use crate::store::{Store, StoreError};

/// A step, and what it means for the rows that are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The step.
    pub step: Step,
    /// What it may cost.
    pub verdict: Verdict,
    /// How many rows or values it is about: those that are lost, that stand in the way, or that change.
    pub rows: u64,
    /// What happens to them, in words; for a step that stays undone, why.
    pub message: String,
    /// Some of the values, quoted and cut short.
    pub examples: Vec<String>,
    /// What to do about it.
    pub help: Option<String>,
}

/// What a step costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing is lost.
    Safe,
    /// Values or rules are lost; it is done only when that is accepted.
    Loses,
    /// Rows stand in the way; it cannot be done before they are changed.
    Blocked,
}

impl Verdict {
    /// Returns the word for machines.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Safe => "safe",
            Verdict::Loses => "loses",
            Verdict::Blocked => "blocked",
        }
    }
}

/// How many examples a message shows.
const EXAMPLES: usize = 3;

/// Looks at the rows for one migration.
pub(super) struct Examiner<'a> {
    store: &'a Store,
    old: &'a Layout,
    changes: Vec<TableChange<'a>>,
}

impl<'a> Examiner<'a> {
    pub(super) fn new(store: &'a Store, old: &'a Layout, new: &'a Layout, migration: &Migration) -> Self {
        Self { store, old, changes: TableChange::all(old, new, migration) }
    }

    /// Returns what each step means, in order.
    pub(super) fn examine(&self, migration: &Migration) -> Result<Vec<Change>, StoreError> {
        let mut changes = Vec::new();
        for step in &migration.steps {
            changes.push(self.step(step)?);
        }
        for change in self.changes.iter().filter(|change| change.is_rebuilt) {
            // A constraint that no schema can say goes with the old table.
            if let Some(first) =
                changes.iter_mut().find(|other| other.step.table().eq_ignore_ascii_case(&change.new.name))
                && !change.old.beyond.is_empty()
                && first.verdict != Verdict::Blocked
            {
                let what = change.old.beyond.join(", ");
                let also = if first.message.is_empty() { String::new() } else { format!("{}; ", first.message) };
                first.message = format!("{also}the table is made anew without its {what}");
                first.verdict = Verdict::Loses;
            }
        }
        Ok(changes)
    }

    fn step(&self, step: &Step) -> Result<Change, StoreError> {
        let mut change = Change {
            step: step.clone(),
            verdict: Verdict::Safe,
            rows: 0,
            message: String::new(),
            examples: Vec::new(),
            help: None,
        };
        match step {
            Step::RenameTable { from, .. } => {
                change.rows = self.count_rows(from)?;
                change.message = format!("renamed, {} kept", counted(change.rows, "row"));
            }
            Step::RenameColumn { .. } => change.message = "renamed, its values are kept".into(),
            Step::AddColumn { table, column, .. } => self.add_column(&mut change, table, column)?,
            Step::CreateIndex { table, index } | Step::ReplaceIndex { table, to: index, .. } if index.unique => {
                if let Some(table) = self.stays(table) {
                    let columns: Vec<&str> = index.columns.iter().map(|column| column.name.as_str()).collect();
                    self.duplicates(&mut change, table, &columns)?;
                }
            }
            Step::ChangeColumn { table, from, to } => self.change_column(&mut change, table, from, to)?,
            Step::LimitValues { table, column, values } => self.limit_values(&mut change, table, column, values)?,
            Step::ChangePrimaryKey { table, to, .. } => {
                if let Some(table) = self.stays(table) {
                    let columns: Vec<&str> = to.iter().map(String::as_str).collect();
                    self.duplicates(&mut change, table, &columns)?;
                }
            }
            Step::AddForeignKey { table, foreign_key } | Step::ChangeForeignKey { table, to: foreign_key, .. } => {
                self.dangling(&mut change, table, foreign_key)?;
            }
            Step::DropColumn { table, column } => {
                if let Some(table) = self.stays(table) {
                    let name = table.old.columns.iter().find(|old| old.name == column.name).map(|old| &old.name);
                    let column = quote_name(name.unwrap_or(&column.name));
                    let from = format!("FROM {} WHERE {column} IS NOT NULL", quote_name(&table.old.name));
                    change.rows = self.number(&format!("SELECT count(*) {from}"))?;
                    if change.rows > 0 {
                        change.verdict = Verdict::Loses;
                        change.message = format!("drops {}", counted(change.rows, "value"));
                        change.examples = self.examples(&format!("SELECT DISTINCT {column} {from}"))?;
                    } else {
                        change.message = "holds no value".into();
                    }
                }
            }
            Step::DropTable { table } => {
                change.rows = self.count_rows(table)?;
                if change.rows > 0 {
                    change.verdict = Verdict::Loses;
                    change.message = format!("drops {}", counted(change.rows, "row"));
                } else {
                    change.message = "holds no row".into();
                }
            }
            Step::CreateTable(_)
            | Step::SwapColumns { .. }
            | Step::CreateIndex { .. }
            | Step::ReplaceIndex { .. }
            | Step::DropForeignKey { .. }
            | Step::DropIndex { .. } => {}
        }
        Ok(change)
    }

    fn add_column(&self, change: &mut Change, table: &str, column: &Column) -> Result<(), StoreError> {
        let Some(table) = self.stays(table).filter(|_| !column.nullable && column.default.is_none()) else {
            return Ok(());
        };
        change.rows = self.count_rows(&table.old.name)?;
        if change.rows > 0 {
            change.verdict = Verdict::Blocked;
            change.message = format!("{} would have no value", counted(change.rows, "row"));
            change.help = Some("give it a @default(...) or make it optional with `?`".into());
        }
        Ok(())
    }

    fn change_column(&self, change: &mut Change, table: &str, from: &Column, to: &Column) -> Result<(), StoreError> {
        let Some(table) = self.stays(table) else { return Ok(()) };
        // The step knows the column by its new name.
        let Some((from, _)) = table.columns.iter().find(|(_, new)| new.name == to.name).copied() else {
            debug_assert!(false, "`{}` stays", from.name);
            return Ok(());
        };
        let (column, source) = (quote_name(&from.name), quote_name(&table.old.name));
        if from.nullable && !to.nullable {
            let nulls = self.number(&format!("SELECT count(*) FROM {source} WHERE {column} IS NULL"))?;
            match &to.default {
                _ if nulls == 0 => {}
                Some(default) => {
                    change.rows = nulls;
                    change.message = format!("{} become {default}", counted(nulls, "NULL"));
                }
                None => {
                    change.rows = nulls;
                    change.verdict = Verdict::Blocked;
                    change.message =
                        format!("{} {} NULL", counted(nulls, "row"), if nulls == 1 { "is" } else { "are" });
                    change.help = Some("give it a @default(...), fill the rows first, or leave it optional".into());
                    return Ok(());
                }
            }
        }
        if let Some(conversion) = Conversion::of(from, to) {
            self.convert(change, &conversion, &column, &source, to)?;
        }
        // Values that were different may be the same afterwards.
        let keys = std::iter::once(table.new.primary_key.iter().map(String::as_str).collect::<Vec<_>>());
        let uniques = table.new.indexes.iter().filter(|index| index.unique);
        let uniques = uniques.map(|index| index.columns.iter().map(|column| column.name.as_str()).collect());
        for columns in keys.chain(uniques).filter(|columns: &Vec<&str>| columns.contains(&to.name.as_str())) {
            if change.verdict != Verdict::Blocked {
                self.duplicates(change, table, &columns)?;
            }
        }
        Ok(())
    }

    fn convert(
        &self,
        change: &mut Change,
        conversion: &Conversion,
        column: &str,
        source: &str,
        to: &Column,
    ) -> Result<(), StoreError> {
        let Conversion { exact, possible, value } = conversion;
        let lost = format!("FROM {source} WHERE {column} IS NOT NULL AND ({possible}) IS NOT TRUE");
        let count = self.number(&format!("SELECT count(*) {lost}"))?;
        if count > 0 {
            change.rows = count;
            change.examples = self.examples(&format!("SELECT DISTINCT {column} {lost}"))?;
            change.message = format!("{} cannot be converted to {}", counted(count, "value"), to.type_name);
            let instead = match &to.default {
                Some(default) if !to.nullable => Some(format!("the default {default}")),
                _ if to.nullable => Some("NULL".to_owned()),
                _ => None,
            };
            match instead {
                Some(instead) => {
                    change.verdict = Verdict::Loses;
                    change.message.push_str(&format!(" and would become {instead}"));
                }
                None => {
                    change.verdict = Verdict::Blocked;
                    change.help = Some("change those values first, or make the field optional".into());
                }
            }
            return Ok(());
        }
        let changed = format!("FROM {source} WHERE {column} IS NOT NULL AND ({exact}) IS NOT TRUE");
        let count = self.number(&format!("SELECT count(*) {changed}"))?;
        if count > 0 {
            change.rows = count;
            change.verdict = Verdict::Loses;
            change.message = format!("{} would say less as {}", counted(count, "value"), to.type_name);
            let pairs = format!("SELECT DISTINCT {column}, {value} {changed} LIMIT {EXAMPLES}");
            change.examples = self.lines(&pairs, |row| {
                let (old, new): (String, String) = (quoted(row, 0)?, quoted(row, 1)?);
                Ok(format!("{old} → {new}"))
            })?;
        } else if change.message.is_empty() {
            change.rows = self.number(&format!("SELECT count({column}) FROM {source}"))?;
            change.message = format!("{} converted", counted(change.rows, "value"));
        }
        Ok(())
    }

    /// Looks for rows with a value that the column may not hold.
    fn limit_values(
        &self,
        change: &mut Change,
        table: &str,
        column: &Column,
        values: &[String],
    ) -> Result<(), StoreError> {
        let Some(table) = self.stays(table) else { return Ok(()) };
        let name = quote_name(&column.name);
        let from = format!("FROM ({}) WHERE {}", table.rows(), is_none_of(&name, values));
        change.rows = self.number(&format!("SELECT count(*) {from}"))?;
        if change.rows == 0 {
            return Ok(());
        }
        change.examples = self.examples(&format!("SELECT DISTINCT {name} {from}"))?;
        let verb = if change.rows == 1 { "holds" } else { "hold" };
        change.message = format!("{} {verb} another value", counted(change.rows, "row"));
        let in_key = table.new.primary_key.contains(&column.name);
        let mut uniques = table.new.indexes.iter().filter(|index| index.unique);
        let is_unique = in_key || uniques.any(|index| index.columns.iter().any(|part| part.name == column.name));
        match stand_in(column).filter(|value| !is_unique || value == "NULL" && !in_key) {
            Some(value) => {
                change.verdict = Verdict::Loses;
                change.message.push_str(&format!(", which would become {value}"));
            }
            None => {
                change.verdict = Verdict::Blocked;
                change.help = Some(match is_unique {
                    true => "change those rows first, or keep the value in the enum".into(),
                    false => "change those rows first, keep the value in the enum, or give the field a @default(...) or a `?`".into(),
                });
            }
        }
        Ok(())
    }

    /// Looks whether rows would have the same values in columns that are to be unique.
    fn duplicates(&self, change: &mut Change, table: &TableChange<'_>, columns: &[&str]) -> Result<(), StoreError> {
        if columns.is_empty() {
            return Ok(());
        }
        let names: Vec<String> = columns.iter().map(|name| quote_name(name)).collect();
        let present: Vec<String> = names.iter().map(|name| format!("{name} IS NOT NULL")).collect();
        let (list, present) = (names.join(", "), present.join(" AND "));
        let groups = format!(
            "SELECT {list}, count(*) AS mbl_count FROM ({}) WHERE {present} GROUP BY {list} HAVING mbl_count > 1",
            table.rows()
        );
        let values = self.number(&format!("SELECT count(*) FROM ({groups})"))?;
        if values == 0 {
            return Ok(());
        }
        change.rows = self.number(&format!("SELECT sum(mbl_count) FROM ({groups})"))?;
        change.verdict = Verdict::Blocked;
        let what = if columns.len() == 1 { "the same value" } else { "the same values" };
        change.message = format!("{} have {what} in {}", counted(change.rows, "row"), columns.join(", "));
        let width = columns.len();
        change.examples = self.lines(&format!("{groups} ORDER BY mbl_count DESC LIMIT {EXAMPLES}"), |row| {
            let values: rusqlite::Result<Vec<String>> = (0..width).map(|index| quoted(row, index)).collect();
            let count: i64 = row.get(width)?;
            Ok(format!("{} ({count} times)", values?.join(", ")))
        })?;
        change.help = Some("make the values different first, or leave out the unique".into());
        Ok(())
    }

    /// Looks for rows whose foreign key would lead nowhere.
    fn dangling(&self, change: &mut Change, table: &str, key: &ForeignKey) -> Result<(), StoreError> {
        let Some(table) = self.stays(table) else { return Ok(()) };
        let list = |names: &[String]| names.iter().map(|name| quote_name(name)).collect::<Vec<_>>().join(", ");
        let present = |names: &[String]| {
            names.iter().map(|name| format!("{} IS NOT NULL", quote_name(name))).collect::<Vec<_>>().join(" AND ")
        };
        let parents = match (self.stays(&key.table), self.old.table(&key.table)) {
            (Some(parent), _) => Some(format!("({})", parent.rows())),
            (None, Some(parent)) => Some(quote_name(&parent.name)),
            // It is new, and has no row.
            (None, None) => None,
        };
        let nowhere = match parents {
            Some(parents) => format!(
                "({}) NOT IN (SELECT {} FROM {parents} WHERE {})",
                list(&key.columns),
                list(&key.references),
                present(&key.references)
            ),
            None => "1".to_owned(),
        };
        let from = format!("FROM ({}) WHERE {} AND {nowhere}", table.rows(), present(&key.columns));
        let count = self.number(&format!("SELECT count(*) {from}"))?;
        if count > 0 {
            change.verdict = Verdict::Blocked;
            change.rows = count;
            let verb = if count == 1 { "refers" } else { "refer" };
            change.message = format!("{} {verb} to a `{}` that is not there", counted(count, "row"), key.table);
            let width = key.columns.len();
            change.examples =
                self.lines(&format!("SELECT DISTINCT {} {from} LIMIT {EXAMPLES}", list(&key.columns)), |row| {
                    let values: rusqlite::Result<Vec<String>> = (0..width).map(|index| quoted(row, index)).collect();
                    Ok(values?.join(", "))
                })?;
            change.help = Some("delete those rows, or let them refer to one that is there, first".into());
        }
        Ok(())
    }

    /// Finds a table that was there before, by its new name.
    fn stays(&self, table: &str) -> Option<&TableChange<'a>> {
        self.changes.iter().find(|change| change.new.name.eq_ignore_ascii_case(table))
    }

    fn count_rows(&self, table: &str) -> Result<u64, StoreError> {
        self.store.count_rows(table)
    }

    fn number(&self, sql: &str) -> Result<u64, StoreError> {
        self.store.number(sql)
    }

    fn examples(&self, sql: &str) -> Result<Vec<String>, StoreError> {
        self.lines(&format!("{sql} LIMIT {EXAMPLES}"), |row| quoted(row, 0))
    }

    fn lines(
        &self,
        sql: &str,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<String>,
    ) -> Result<Vec<String>, StoreError> {
        let run = || self.store.connection()?.prepare(sql).map_err(|error| self.store.fault(error, sql));
        let mut statement = run()?;
        let rows = statement.query_map([], read).and_then(Iterator::collect);
        rows.map_err(|error| self.store.fault(error, sql))
    }
}

impl Store {
    /// Counts the rows of a table.
    pub(in crate::store) fn count_rows(&self, table: &str) -> Result<u64, StoreError> {
        self.number(&format!("SELECT count(*) FROM {}", quote_name(table)))
    }

    /// Runs a statement that gives one number.
    pub(in crate::store) fn number(&self, sql: &str) -> Result<u64, StoreError> {
        let found = self.connection()?.query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
        found.map(|number| number.unwrap_or(0).unsigned_abs()).map_err(|error| self.fault(error, sql))
    }
}

/// Returns a value as SQL writes it, cut short.
fn quoted(row: &Row<'_>, index: usize) -> rusqlite::Result<String> {
    const MOST: usize = 30;
    use rusqlite::types::ValueRef;
    Ok(match row.get_ref(index)? {
        ValueRef::Null => "NULL".into(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => format!("{number:?}"),
        ValueRef::Text(text) => {
            let text = String::from_utf8_lossy(text);
            let short: String = text.chars().take(MOST).collect();
            let more = if short.len() < text.len() { "..." } else { "" };
            format!("{short:?}{more}")
        }
        ValueRef::Blob(bytes) => counted(bytes.len() as u64, "byte"),
    })
}

/// Returns a number with its noun.
fn counted(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Returns the tables of `old` that `new` does not have, and do not come to a new name.
pub(super) fn surplus<'a>(old: &'a Layout, migration: &Migration) -> Vec<&'a Table> {
    let dropped = |table: &&Table| {
        let drops = |step: &Step| matches!(step, Step::DropTable { table: name } if *name == table.name);
        migration.steps.iter().any(drops)
    };
    old.tables.iter().filter(dropped).collect()
}
