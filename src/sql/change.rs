//! Writes the SQL that brings tables with rows to another layout, in Prisma's form: what SQLite cannot alter is made anew and copied.

use crate::migrate::{Column, ColumnDefault, Effect, Layout, Migration, Step, Table, carry_names};
use crate::sql::Script;
use crate::sql::convert::Conversion;
use crate::sql::ddl::{add_column, create_index, create_table, quote_text};
use crate::sql::name::quote_name;

/// A table that stays, as it is and as it is to be.
#[derive(Debug, Clone)]
pub struct TableChange<'a> {
    /// As it is.
    pub old: &'a Table,
    /// As it is to be.
    pub new: &'a Table,
    /// The columns that stay, as they are and as they are to be, in the new order.
    pub columns: Vec<(&'a Column, &'a Column)>,
    /// Whether it is made anew and its rows are copied.
    pub is_rebuilt: bool,
}

impl<'a> TableChange<'a> {
    /// Returns what becomes of the tables that stay, in the new order.
    pub fn all(old: &'a Layout, new: &'a Layout, migration: &Migration) -> Vec<Self> {
        let named = carry_names(old, &migration.steps);
        let find = |table: &'a Table| {
            let index = named.tables.iter().position(|other| other.name.eq_ignore_ascii_case(&table.name))?;
            let (before, renamed) = (&old.tables[index], &named.tables[index]);
            let from = |column: &Column| {
                renamed.columns.iter().position(|other| other.name.eq_ignore_ascii_case(&column.name))
            };
            let columns = table.columns.iter().filter_map(|to| Some((&before.columns[from(to)?], to)));
            let mut steps = migration.steps.iter().filter(|step| step.table().eq_ignore_ascii_case(&table.name));
            Some(Self { old: before, new: table, columns: columns.collect(), is_rebuilt: steps.any(needs_rebuild) })
        };
        new.tables.iter().filter_map(find).collect()
    }

    /// Returns the new value of a column, over the old table's columns.
    pub fn value(&self, from: &Column, to: &Column) -> String {
        let value = match Conversion::of(from, to) {
            Some(conversion) => conversion.checked_value(),
            None => quote_name(&from.name),
        };
        match &to.default {
            // NULL is not taken any more, or may come of a value that has no counterpart.
            Some(default) if !to.nullable && (from.nullable || value != quote_name(&from.name)) => {
                format!("coalesce({value}, {default})")
            }
            _ => value,
        }
    }

    /// Returns a SELECT of the rows as they will be. What has no default yet is NULL.
    pub fn rows(&self) -> String {
        let value = |to: &Column| match self.columns.iter().find(|(_, other)| other.name == to.name) {
            Some((from, to)) => self.value(from, to),
            None => to.default.as_ref().map_or("NULL".to_owned(), ToString::to_string),
        };
        let columns: Vec<String> =
            self.new.columns.iter().map(|to| format!("{} AS {}", value(to), quote_name(&to.name))).collect();
        format!("SELECT {} FROM {}", columns.join(", "), quote_name(&self.old.name))
    }

    /// Copies the rows from the table, which has its new name but is otherwise as it was, to one that is made like the new one.
    fn copy(&self, to: &str) -> String {
        let mut columns: Vec<(String, String)> =
            self.columns.iter().map(|(from, to)| (quote_name(&to.name), self.value(from, to))).collect();
        columns.sort();
        let (names, values): (Vec<String>, Vec<String>) = columns.into_iter().unzip();
        let (names, values) = (names.join(", "), values.join(", "));
        format!("INSERT INTO {} ({names}) SELECT {values} FROM {}", quote_name(to), quote_name(&self.new.name))
    }
}

impl Script {
    /// Writes all steps of the migration from `old` to `new`.
    ///
    /// Values that have no counterpart become the column's default or NULL. The script holds when it runs as a whole, whether or not
    /// foreign keys are enforced. The store looks at the rows first and runs it in one
    /// transaction.
    pub fn change(old: &Layout, new: &Layout, migration: &Migration) -> Self {
        let changes = TableChange::all(old, new, migration);
        let is_rebuilt =
            |table: &str| changes.iter().any(|change| change.is_rebuilt && change.new.name.eq_ignore_ascii_case(table));
        let mut script = Self::default();
        for step in &migration.steps {
            match step {
                Step::RenameTable { from, to } => script.push(
                    Some("RenameTable"),
                    format!("ALTER TABLE {} RENAME TO {}", quote_name(from), quote_name(to)),
                ),
                Step::RenameColumn { table, from, to } if !is_rebuilt(table) => script.push(
                    Some("RenameColumn"),
                    format!(
                        "ALTER TABLE {} RENAME COLUMN {} TO {}",
                        quote_name(table),
                        quote_name(from),
                        quote_name(to)
                    ),
                ),
                _ => {}
            }
        }
        for step in &migration.steps {
            match step {
                Step::DropIndex { table, index, .. } | Step::ReplaceIndex { table, from: index, .. }
                    if !is_rebuilt(table) =>
                {
                    script.push(Some("DropIndex"), format!("DROP INDEX {}", quote_name(&index.name)));
                }
                _ => {}
            }
        }
        for step in &migration.steps {
            if let Step::CreateTable(table) = step {
                script.push(Some("CreateTable"), create_table(table));
            }
        }
        let mut altered = None;
        for step in &migration.steps {
            if let Step::AddColumn { table, column, foreign_key } = step
                && let Some(new) = new.table(table).filter(|new| !is_rebuilt(&new.name))
            {
                for sql in add_column(&new.name, column, foreign_key.as_ref()) {
                    let heading = if altered == Some(&new.name) { None } else { Some("AlterTable") };
                    script.push(heading, sql);
                    altered = Some(&new.name);
                }
            }
        }
        for step in &migration.steps {
            if let Step::DropTable { table } = step {
                script.push(Some("DropTable"), "PRAGMA foreign_keys=OFF".to_owned());
                script.push(None, format!("DROP TABLE {}", quote_name(table)));
                script.push(None, "PRAGMA foreign_keys=ON".to_owned());
            }
        }
        script.redefine(old, changes.iter().filter(|change| change.is_rebuilt));
        for step in &migration.steps {
            match step {
                Step::CreateIndex { table, index } | Step::ReplaceIndex { table, to: index, .. }
                    if !is_rebuilt(table) =>
                {
                    script.push(Some("CreateIndex"), create_index(table, index));
                }
                _ => {}
            }
        }
        for step in &migration.steps {
            if let Step::LimitValues { table, column, values } = step
                && let Some(value) = stand_in(column)
            {
                let (table, name) = (quote_name(table), quote_name(&column.name));
                let sql = format!("UPDATE {table} SET {name} = {value} WHERE {}", is_none_of(&name, values));
                script.push(Some("UpdateRows"), sql);
            }
        }
        script
    }

    fn redefine<'a>(&mut self, old: &Layout, changes: impl Iterator<Item = &'a TableChange<'a>> + Clone) {
        let mut heading = Some("RedefineTables");
        let mut push = |sql: String| {
            self.push(heading.take(), sql);
        };
        let pragmas = |on: bool| {
            let (fits, keys) = if on { ("ON", "OFF") } else { ("OFF", "ON") };
            // A view that names the table would stand in the way of its new name.
            let views = (!old.views.is_empty()).then(|| format!("PRAGMA legacy_alter_table={fits}"));
            let defer = format!("PRAGMA defer_foreign_keys={fits}");
            let enforce = format!("PRAGMA foreign_keys={keys}");
            match on {
                true => [Some(defer), Some(enforce), views],
                false => [views, Some(enforce), Some(defer)],
            }
        };
        if changes.clone().next().is_none() {
            return;
        }
        pragmas(true).into_iter().flatten().for_each(&mut push);
        for change in changes.clone() {
            let name = &change.new.name;
            let mut made = format!("new_{name}");
            while old.table(&made).is_some() {
                made.insert_str(0, "new_");
            }
            push(create_table(&Table { name: made.clone(), ..change.new.clone() }));
            if !change.columns.is_empty() {
                push(change.copy(&made));
            }
            let counts = |table: &Table| table.columns.iter().any(|column| column.autoincrement);
            if counts(change.old) && counts(change.new) {
                // A number that was given once is not given again, though its row is gone.
                let (made, name) = (quote_text(&made), quote_text(name));
                push(format!("DELETE FROM \"sqlite_sequence\" WHERE \"name\" = {made}"));
                push(format!(
                    "INSERT INTO \"sqlite_sequence\" (\"name\", \"seq\") SELECT {made}, \"seq\" FROM \"sqlite_sequence\" WHERE \"name\" = {name}"
                ));
            }
            push(format!("DROP TABLE {}", quote_name(name)));
            push(format!("ALTER TABLE {} RENAME TO {}", quote_name(&made), quote_name(name)));
        }
        for change in changes {
            change.new.indexes.iter().for_each(|index| push(create_index(&change.new.name, index)));
            change.old.beside.iter().for_each(|sql| push(sql.clone()));
        }
        pragmas(false).into_iter().flatten().for_each(push);
    }
}

/// Returns what stands in the place of a value that a column may not hold: its default or NULL; None where it has neither.
pub(crate) fn stand_in(column: &Column) -> Option<String> {
    match &column.default {
        Some(default) => Some(default.to_string()),
        None => column.nullable.then(|| "NULL".to_owned()),
    }
}

/// Returns the condition for a value that is there and none of these; `column` is quoted.
pub(crate) fn is_none_of(column: &str, values: &[String]) -> String {
    let values: Vec<String> = values.iter().map(|value| ColumnDefault::string(value).to_string()).collect();
    format!("{column} NOT IN ({})", values.join(", "))
}

/// Tells whether SQLite cannot make the step in place.
fn needs_rebuild(step: &Step) -> bool {
    match step {
        Step::AddColumn { column, .. } => {
            let computed = matches!(&column.default, Some(default) if !default.is_literal());
            step.effect() != Effect::Adds || computed
        }
        Step::SwapColumns { .. }
        | Step::ChangeColumn { .. }
        | Step::ChangePrimaryKey { .. }
        | Step::AddForeignKey { .. }
        | Step::ChangeForeignKey { .. }
        | Step::DropForeignKey { .. }
        | Step::DropColumn { .. } => true,
        // It belongs to a constraint of the table's.
        Step::DropIndex { index, .. } => index.is_constraint(),
        Step::RenameTable { .. }
        | Step::RenameColumn { .. }
        | Step::CreateTable(_)
        | Step::CreateIndex { .. }
        | Step::ReplaceIndex { .. }
        | Step::LimitValues { .. }
        | Step::DropTable { .. } => false,
    }
}
