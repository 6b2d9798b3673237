//! Compares two layouts.

use crate::migrate::layout::same_names;
use crate::migrate::{Column, ColumnDefault, ForeignKey, Layout, Migration, Step, Table, TableIndex, TypeFamily};
use crate::schema::ScalarType;

/// Returns the steps from `old` to `new`: new names, new tables, new columns, new indexes, then what changes, then what goes.
///
/// A table or column is renamed when `new` says so (`renamed_from`), the old name is there, and the new one is not.
/// The order of tables, columns and foreign keys, their names' ASCII case, and AUTOINCREMENT make no difference.
/// An index that does more than a schema can say (a WHERE, an expression) is left alone. What rows hold is not looked at: a value that
/// an enum has no more is seen when both layouts are of schemas.
pub fn diff(old: &Layout, new: &Layout) -> Migration {
    let mut steps = renames(old, new);
    let old = &carry_names(old, &steps);
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
            let serves = |other: &TableIndex| other.is_constraint() && other.serves_as(index);
            if old.table(&table.name).is_some_and(|old| old.indexes.iter().any(serves)) {
                continue;
            }
            // The names of indexes are one space for all tables.
            match old.tables.iter().find_map(|other| Some((other, other.index(&index.name)?))) {
                None => steps.push(Step::CreateIndex { table: table_name, index: index.clone() }),
                Some((other, from)) if !other.name.eq_ignore_ascii_case(&table.name) || !from.serves_as(index) => {
                    steps.push(Step::ReplaceIndex { table: table_name, from: from.clone(), to: index.clone() });
                }
                Some(_) => {}
            }
        }
    }
    for (old, new) in &pairs {
        change_table(old, new, &mut steps);
    }
    for to in &new.choices {
        let has = |value: &String| to.values.contains(value);
        let before = old.choice(&to.table, &to.column).filter(|from| !from.values.iter().all(has));
        if let Some(column) =
            new.table(&to.table).and_then(|table| table.column(&to.column)).filter(|_| before.is_some())
        {
            let (table, values) = (to.table.clone(), to.values.clone());
            steps.push(Step::LimitValues { table, column: column.clone(), values });
        }
    }
    for table in old.tables.iter().filter(|table| new.table(&table.name).is_none()) {
        steps.push(Step::DropTable { table: table.name.clone() });
    }
    Migration { steps }
}

/// Returns the steps that give what is there its new names; one whose new name another one has still comes after that one's.
fn renames(old: &Layout, new: &Layout) -> Vec<Step> {
    let mut layout = old.clone();
    let mut steps = Vec::new();
    while let Some(step) = new.tables.iter().find_map(|table| rename_table(&layout, new, table, &steps)) {
        rename(&mut layout, &step);
        steps.push(step);
    }
    for table in &new.tables {
        while let Some(step) = layout.table(&table.name).and_then(|old| rename_column(old, table, &steps)) {
            rename(&mut layout, &step);
            steps.push(step);
        }
    }
    let swapped = |table: &&Table| layout.table(&table.name).is_some_and(|old| is_swapped(old, table));
    let swaps: Vec<Step> =
        new.tables.iter().filter(swapped).map(|table| Step::SwapColumns { table: table.name.clone() }).collect();
    steps.extend(swaps);
    steps
}

/// Returns the next step that brings an older table to its new name.
fn rename_table(old: &Layout, new: &Layout, table: &Table, done: &[Step]) -> Option<Step> {
    let is_done = done.iter().any(|step| matches!(step, Step::RenameTable { to, .. } if *to == table.name));
    // One that is wanted itself gives its name away when an older table takes it.
    let gives = |name: &str| {
        new.table(name).is_none_or(|other| other.renamed_from.iter().any(|name| old.table(name).is_some()))
    };
    if is_done || old.table(&table.name).is_some() {
        return None;
    }
    let from = table.renamed_from.iter().find_map(|name| old.table(name).filter(|_| gives(name)))?;
    Some(Step::RenameTable { from: from.name.clone(), to: table.name.clone() })
}

/// Returns the next step that brings an older column of a table to its new name.
fn rename_column(old: &Table, new: &Table, done: &[Step]) -> Option<Step> {
    let is_done = |column: &Column| {
        let is = |step: &Step| matches!(step, Step::RenameColumn { table, to, .. } if *table == new.name && *to == column.name);
        done.iter().any(is)
    };
    let gives = |name: &str| {
        new.column(name).is_none_or(|other| other.renamed_from.iter().any(|name| old.column(name).is_some()))
    };
    let missing = new.columns.iter().filter(|column| old.column(&column.name).is_none() && !is_done(column));
    let mut steps = missing.filter_map(|column| {
        let from = column.renamed_from.iter().find_map(|name| old.column(name).filter(|_| gives(name)))?;
        Some(Step::RenameColumn { table: new.name.clone(), from: from.name.clone(), to: column.name.clone() })
    });
    steps.next()
}

/// Tells whether the foreign keys of two columns A and B lead where those of B and A are to lead.
fn is_swapped(old: &Table, new: &Table) -> bool {
    let target = |table: &Table, column: &str| {
        let key = table.foreign_keys.iter().find(|key| key.columns == [column])?;
        Some(key.table.to_ascii_lowercase())
    };
    let ends = |table: &Table| Some((target(table, "A")?, target(table, "B")?));
    match (ends(old), ends(new)) {
        (Some((old_a, old_b)), Some((new_a, new_b))) => {
            old.columns.len() == 2 && old_a != old_b && (&old_b, &old_a) == (&new_a, &new_b)
        }
        _ => false,
    }
}

/// Returns the layout after the steps that only give new names.
pub(crate) fn carry_names(layout: &Layout, steps: &[Step]) -> Layout {
    let mut layout = layout.clone();
    steps.iter().for_each(|step| rename(&mut layout, step));
    layout
}

fn rename(layout: &mut Layout, step: &Step) {
    match step {
        Step::RenameTable { from, to } => {
            let replace = |name: &mut String| {
                if name.eq_ignore_ascii_case(from) {
                    to.clone_into(name);
                }
            };
            for table in &mut layout.tables {
                replace(&mut table.name);
                table.foreign_keys.iter_mut().for_each(|key| replace(&mut key.table));
            }
            layout.choices.iter_mut().for_each(|choice| replace(&mut choice.table));
        }
        Step::RenameColumn { table, from, to } => rename_columns(layout, table, &[(from, to)]),
        Step::SwapColumns { table } => rename_columns(layout, table, &[("A", "B"), ("B", "A")]),
        _ => {}
    }
}

fn rename_columns(layout: &mut Layout, table: &str, names: &[(&str, &str)]) {
    let replace = |name: &mut String| {
        if let Some((_, to)) = names.iter().find(|(from, _)| name.eq_ignore_ascii_case(from)) {
            (*to).clone_into(name);
        }
    };
    let choices = layout.choices.iter_mut().filter(|choice| choice.table.eq_ignore_ascii_case(table));
    choices.for_each(|choice| replace(&mut choice.column));
    for other in &mut layout.tables {
        let keys = other.foreign_keys.iter_mut().filter(|key| key.table.eq_ignore_ascii_case(table));
        keys.flat_map(|key| &mut key.references).for_each(replace);
        if other.name.eq_ignore_ascii_case(table) {
            other.columns.iter_mut().for_each(|column| replace(&mut column.name));
            other.primary_key.iter_mut().for_each(replace);
            other.foreign_keys.iter_mut().flat_map(|key| &mut key.columns).for_each(replace);
            other.indexes.iter_mut().flat_map(|index| &mut index.columns).for_each(|part| replace(&mut part.name));
        }
    }
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
    let missing: Vec<&ForeignKey> = new.foreign_keys.iter().filter(|key| !old.foreign_keys.contains(key)).collect();
    let mut needless: Vec<&ForeignKey> =
        old.foreign_keys.iter().filter(|key| !new.foreign_keys.contains(key)).collect();
    for foreign_key in missing {
        let comes_with_its_column = steps.iter().any(|step| match step {
            Step::AddColumn { table: other, foreign_key: Some(key), .. } => other == table && key == foreign_key,
            _ => false,
        });
        if comes_with_its_column {
            continue;
        }
        let (table, to) = (table.clone(), foreign_key.clone());
        match needless.iter().position(|from| same_names(&from.columns, &to.columns)) {
            Some(index) => {
                let from = needless.remove(index).clone();
                steps.push(Step::ChangeForeignKey { table, from, to });
            }
            None => steps.push(Step::AddForeignKey { table, foreign_key: to }),
        }
    }
    for foreign_key in needless {
        steps.push(Step::DropForeignKey { table: table.clone(), foreign_key: foreign_key.clone() });
    }
    for index in old.indexes.iter().filter(|index| !index.special) {
        // One of that name is the same, or has its step already.
        let serves = |other: &TableIndex| index.is_constraint() && other.serves_as(index);
        if new.index(&index.name).is_none() && !new.indexes.iter().any(serves) {
            let redundant = !index.unique || is_covered(index, new);
            steps.push(Step::DropIndex { table: table.clone(), index: index.clone(), redundant });
        }
    }
    for column in old.columns.iter().filter(|column| new.column(&column.name).is_none()) {
        steps.push(Step::DropColumn { table: table.clone(), column: column.clone() });
    }
}

fn same_column(a: &Column, b: &Column) -> bool {
    let family = TypeFamily::of(&a.type_name);
    let same_type = match family {
        TypeFamily::Scalar(_) => family == TypeFamily::of(&b.type_name),
        TypeFamily::Other => a.type_name.eq_ignore_ascii_case(&b.type_name),
    };
    same_type && a.nullable == b.nullable && same_default(a, b)
}

/// SQLite keeps a Boolean as a number, and its default in either spelling.
fn same_default(a: &Column, b: &Column) -> bool {
    let number = |default: &ColumnDefault| match default {
        ColumnDefault::Literal(text) if text == "true" => ColumnDefault::Literal("1".into()),
        ColumnDefault::Literal(text) if text == "false" => ColumnDefault::Literal("0".into()),
        other => other.clone(),
    };
    let is_boolean = TypeFamily::of(&b.type_name) == TypeFamily::Scalar(ScalarType::Boolean);
    match (&a.default, &b.default) {
        (Some(a), Some(b)) if is_boolean => number(a) == number(b),
        (a, b) => a == b,
    }
}

/// Tells whether a wanted key forbids the duplicates that `index` forbids.
fn is_covered(index: &TableIndex, new: &Table) -> bool {
    let has = |name: &str| index.columns.iter().any(|column| column.name.eq_ignore_ascii_case(name));
    let key = !new.primary_key.is_empty() && new.primary_key.iter().all(|name| has(name));
    key || new.indexes.iter().any(|other| other.unique && other.columns.iter().all(|column| has(&column.name)))
}
