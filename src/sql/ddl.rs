//! Writes the SQL of a migration, in Prisma's form.

use std::fmt;

use crate::migrate::{
    Column, ColumnDefault, Effect, ForeignKey, Layout, Migration, Step, Table, TableIndex, action_sql, diff,
};
use crate::sql::name::quote_name;

/// The SQL that carries out a migration.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Script {
    /// In the order in which they run.
    pub statements: Vec<ScriptStatement>,
}

/// One statement of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptStatement {
    /// The comment above it, such as `CreateTable`; None when it belongs to the statement before it.
    pub heading: Option<&'static str>,
    /// The SQL, without the semicolon.
    pub sql: String,
}

impl Script {
    /// Writes the steps of a migration that only add; the others have no SQL here.
    pub fn of(migration: &Migration) -> Self {
        let mut script = Self::default();
        let mut altered = None;
        for step in migration.steps.iter().filter(|step| step.effect() == Effect::Adds) {
            match step {
                Step::CreateTable(table) => script.push(Some("CreateTable"), create_table(table)),
                Step::CreateIndex { table, index } => script.push(Some("CreateIndex"), create_index(table, index)),
                Step::AddColumn { table, column, foreign_key } => {
                    for sql in add_column(table, column, foreign_key.as_ref()) {
                        let heading = if altered == Some(table) { None } else { Some("AlterTable") };
                        script.push(heading, sql);
                        altered = Some(table);
                    }
                }
                _ => {}
            }
        }
        script
    }

    /// Writes the whole of a layout, for an empty database.
    pub fn create(layout: &Layout) -> Self {
        Self::of(&diff(&Layout::default(), layout))
    }

    pub(in crate::sql) fn push(&mut self, heading: Option<&'static str>, sql: String) {
        self.statements.push(ScriptStatement { heading, sql });
    }
}

impl fmt::Display for Script {
    /// Writes the file: each statement under its comment, or the comment that there is none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.statements.is_empty() {
            return f.write_str("-- This is an empty migration.\n");
        }
        for (index, statement) in self.statements.iter().enumerate() {
            if let Some(heading) = statement.heading {
                let gap = if index > 0 { "\n" } else { "" };
                writeln!(f, "{gap}-- {heading}")?;
            }
            writeln!(f, "{};", statement.sql)?;
        }
        Ok(())
    }
}

pub(in crate::sql) fn create_table(table: &Table) -> String {
    let single_key = match table.primary_key.as_slice() {
        [name] => Some(name),
        _ => None,
    };
    let mut text = format!("CREATE TABLE {} (\n", quote_name(&table.name));
    let columns: Vec<String> = table
        .columns
        .iter()
        .map(|column| format!("    {}", column_definition(column, single_key == Some(&column.name))))
        .collect();
    text.push_str(&columns.join(",\n"));
    if table.primary_key.len() > 1 {
        text.push_str(&format!(",\n\n    PRIMARY KEY ({})", name_list(&table.primary_key)));
    }
    for key in &table.foreign_keys {
        text.push_str(",\n    ");
        if let Some(name) = &key.name {
            text.push_str(&format!("CONSTRAINT {} ", quote_name(name)));
        }
        text.push_str(&format!("FOREIGN KEY ({}) {}", name_list(&key.columns), references(key)));
    }
    text.push_str("\n)");
    text
}

fn column_definition(column: &Column, is_primary_key: bool) -> String {
    let mut text = format!("{} {}", quote_name(&column.name), column.type_name);
    if !column.nullable {
        text.push_str(" NOT NULL");
    }
    if is_primary_key {
        text.push_str(" PRIMARY KEY");
    }
    if column.autoincrement {
        text.push_str(" AUTOINCREMENT");
    }
    if let Some(default) = &column.default {
        text.push_str(&format!(" DEFAULT {default}"));
    }
    text
}

fn references(key: &ForeignKey) -> String {
    let columns = if key.references.is_empty() { String::new() } else { format!(" ({})", name_list(&key.references)) };
    format!(
        "REFERENCES {}{columns} ON DELETE {} ON UPDATE {}",
        quote_name(&key.table),
        action_sql(key.on_delete),
        action_sql(key.on_update)
    )
}

pub(in crate::sql) fn create_index(table: &str, index: &TableIndex) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let columns: Vec<String> = index
        .columns
        .iter()
        .map(|column| format!("{}{}", quote_name(&column.name), if column.descending { " DESC" } else { "" }))
        .collect();
    format!("CREATE {unique}INDEX {} ON {}({})", quote_name(&index.name), quote_name(table), columns.join(", "))
}

/// Adds a column. What SQLite cannot add to rows that are there, a default that is computed, is added bare, filled, and then
/// given its default in the table's text: SQLite's own way for changes that touch no row.
pub(in crate::sql) fn add_column(table: &str, column: &Column, foreign_key: Option<&ForeignKey>) -> Vec<String> {
    let whole = column_definition(column, false);
    let default = match &column.default {
        None | Some(ColumnDefault::Literal(_)) => {
            let mut sql = format!("ALTER TABLE {} ADD COLUMN {whole}", quote_name(table));
            if let Some(key) = foreign_key {
                if let Some(name) = &key.name {
                    sql.push_str(&format!(" CONSTRAINT {}", quote_name(name)));
                }
                sql.push_str(&format!(" {}", references(key)));
            }
            return vec![sql];
        }
        Some(default) => default,
    };
    let (name, column_name) = (quote_name(table), quote_name(&column.name));
    let bare = format!("{column_name} {}", column.type_name);
    vec![
        format!("ALTER TABLE {name} ADD COLUMN {bare}"),
        format!("UPDATE {name} SET {column_name} = {default}"),
        "PRAGMA writable_schema = ON".to_owned(),
        format!(
            "UPDATE sqlite_schema SET sql = replace(sql, {}, {}) WHERE type = 'table' AND name = {}",
            quote_text(&format!(", {bare}")),
            quote_text(&format!(", {whole}")),
            quote_text(table)
        ),
        "PRAGMA writable_schema = RESET".to_owned(),
    ]
}

fn name_list(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| quote_name(name)).collect();
    names.join(", ")
}

pub(in crate::sql) fn quote_text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
