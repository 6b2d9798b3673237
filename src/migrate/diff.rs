//! Compares two layouts.

use crate::migrate::{Column, Layout, Migration, Step, Table, TableIndex};

/// Returns the steps from `old` to `new`: new tables, new columns, new indexes, then what changes, then what goes.
///
/// The order of tables, columns and foreign keys, their names' ASCII case, and AUTOINCREMENT make no difference.
/// An index that does more than a schema can say (a WHERE, an expression) is left alone.
pub fn diff(old: &Layout, new: &Layout) -> Migration {
    let mut steps = Vec::new();
    let pairs: Vec<(&Table, &Table)> =
        new.tables.iter().filter_map(|table| Some((old.table(&table.name)?, table))).collect();
    for table in new.tables.iter().filter(|table| old.table(&table.name).is_none()) {
        let bare = Table { indexes: Vec::new(), ..table.clone() };
        steps.push(Step::CreateTable(bare));
    }
    for (old, new) in &pairs {
        add_columns(old, new, &mut steps);
    }
    for table in &new.tables {
        for index in &table.indexes {
            let table_name = table.name.clone();
            // The names of indexes are one space for all tables.
            match old.tables.iter().find_map(|other| Some((other, other.index(&index.name)?))) {
                None => steps.push(Step::CreateIndex { table: table_name, index: index.clone() }),
                Some((other, from)) if !other.name.eq_ignore_ascii_case(&table.name) || !same_index(from, index) => {
                    steps.push(Step::ReplaceIndex { table: table_name, from: from.clone(), to: index.clone() });
                }
                Some(_) => {}
            }
        }
    }
    for (old, new) in &pairs {
        change_table(old, new, &mut steps);
    }
    for table in old.tables.iter().filter(|table| new.table(&table.name).is_none()) {
        steps.push(Step::DropTable { table: table.name.clone() });
    }
    Migration { steps }
}

fn add_columns(old: &Table, new: &Table, steps: &mut Vec<Step>) {
    for column in new.columns.iter().filter(|column| old.column(&column.name).is_none()) {
        let foreign_key = new.foreign_keys.iter().find(|key| {
            // SQLite adds a column with a foreign key only when its default is NULL.
            key.columns.len() == 1 && key.columns[0] == column.name && column.nullable && column.default.is_none()
        });
        steps.push(Step::AddColumn {
            table: old.name.clone(),
            column: column.clone(),
            foreign_key: foreign_key.cloned(),
        });
    }
}

/// Adds the steps for what is in both tables and differs, and for what is in the old one only.
fn change_table(old: &Table, new: &Table, steps: &mut Vec<Step>) {
    let table = &old.name;
    for to in &new.columns {
        if let Some(from) = old.column(&to.name).filter(|from| !same_column(from, to)) {
            steps.push(Step::ChangeColumn { table: table.clone(), from: from.clone(), to: to.clone() });
        }
    }
    let lower = |names: &[String]| -> Vec<String> { names.iter().map(|name| name.to_ascii_lowercase()).collect() };
    if lower(&old.primary_key) != lower(&new.primary_key) {
        let (from, to) = (old.primary_key.clone(), new.primary_key.clone());
        steps.push(Step::ChangePrimaryKey { table: table.clone(), from, to });
    }
    for foreign_key in new.foreign_keys.iter().filter(|key| !old.foreign_keys.contains(key)) {
        let comes_with_its_column = steps.iter().any(|step| match step {
            Step::AddColumn { table: other, foreign_key: Some(key), .. } => other == table && key == foreign_key,
            _ => false,
        });
        if !comes_with_its_column {
            steps.push(Step::AddForeignKey { table: table.clone(), foreign_key: foreign_key.clone() });
        }
    }
    for foreign_key in old.foreign_keys.iter().filter(|key| !new.foreign_keys.contains(key)) {
        steps.push(Step::DropForeignKey { table: table.clone(), foreign_key: foreign_key.clone() });
    }
    for index in old.indexes.iter().filter(|index| !index.special) {
        // One of that name is the same, or has its step already.
        if new.index(&index.name).is_none() {
            let redundant = !index.unique || is_covered(index, new);
            steps.push(Step::DropIndex { table: table.clone(), index: index.clone(), redundant });
        }
    }
    for column in old.columns.iter().filter(|column| new.column(&column.name).is_none()) {
        steps.push(Step::DropColumn { table: table.clone(), column: column.clone() });
    }
}

fn same_column(a: &Column, b: &Column) -> bool {
    a.type_name.eq_ignore_ascii_case(&b.type_name) && a.nullable == b.nullable && a.default == b.default
}

/// Tells whether two indexes of one table are the same one.
fn same_index(a: &TableIndex, b: &TableIndex) -> bool {
    a.name.eq_ignore_ascii_case(&b.name)
        && a.unique == b.unique
        && a.special == b.special
        && a.columns.len() == b.columns.len()
        && a.columns
            .iter()
            .zip(&b.columns)
            .all(|(a, b)| a.name.eq_ignore_ascii_case(&b.name) && a.descending == b.descending)
}

/// Tells whether a wanted key forbids the duplicates that `index` forbids.
fn is_covered(index: &TableIndex, new: &Table) -> bool {
    let has = |name: &str| index.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let key = !new.primary_key.is_empty() && new.primary_key.iter().all(|name| has(name));
    key || new.indexes.iter().any(|other| other.unique && other.columns.iter().all(|column| has(&column.name)))
}
