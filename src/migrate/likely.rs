//! Points out what looks like a new name. Nothing is ever renamed for that.

use crate::migrate::{Column, Layout, Migration, Step, Table, TypeFamily};

/// A table or column that goes while a similar one comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LikelyRename {
    /// The table of a column, by its new name; None for a table.
    pub table: Option<String>,
    /// What goes.
    pub from: String,
    /// What comes.
    pub to: String,
}

/// Returns what looks like a new name in the migration from `old` to `new`.
pub fn likely_renames(old: &Layout, new: &Layout, migration: &Migration) -> Vec<LikelyRename> {
    let mut found = Vec::new();
    let dropped = |table: &Table| {
        let drops = |step: &Step| matches!(step, Step::DropTable { table: name } if *name == table.name);
        migration.steps.iter().any(drops)
    };
    let mut gone: Vec<&Table> = old.tables.iter().filter(|table| dropped(table)).collect();
    for step in &migration.steps {
        if let Step::CreateTable(table) = step
            && let Some(index) = gone.iter().position(|gone| is_similar(gone, table))
        {
            let from = gone.remove(index).name.clone();
            found.push(LikelyRename { table: None, from, to: table.name.clone() });
        }
    }
    for table in &new.tables {
        let of_table = || migration.steps.iter().filter(|step| step.table() == table.name);
        let mut gone: Vec<&Column> = of_table()
            .filter_map(|step| match step {
                Step::DropColumn { column, .. } => Some(column),
                _ => None,
            })
            .collect();
        for step in of_table() {
            if let Step::AddColumn { column, .. } = step
                && let Some(index) = gone.iter().position(|gone| has_same_type(gone, column))
            {
                let from = gone.remove(index).name.clone();
                found.push(LikelyRename { table: Some(table.name.clone()), from, to: column.name.clone() });
            }
        }
    }
    found
}

/// Tells whether more than half of the columns of both tables are the same.
fn is_similar(old: &Table, new: &Table) -> bool {
    let same =
        new.columns.iter().filter(|column| old.column(&column.name).is_some_and(|old| has_same_type(old, column)));
    same.count() * 2 > old.columns.len().max(new.columns.len())
}

fn has_same_type(a: &Column, b: &Column) -> bool {
    TypeFamily::of(&a.type_name) == TypeFamily::of(&b.type_name)
}
