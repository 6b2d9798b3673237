//! From one layout of tables to another, as steps.
//!
//! A [`Layout`] is what a schema asks of the database, or what was found there. [`diff`] compares two of them.
//! Pure: this module knows schemas, and nothing of SQL statements or connections.

mod describe;
mod diff;
mod layout;
mod likely;
mod pull;

pub use crate::schema::ReferentialAction;
pub use describe::{Described, Names};
pub(crate) use diff::carry_names;
pub use diff::diff;
pub(crate) use layout::action_sql;
pub use layout::{Choice, Column, ColumnDefault, ForeignKey, IndexColumn, Layout, Table, TableIndex, TypeFamily};
pub use likely::{LikelyRename, likely_renames};
pub use pull::pull;

use std::fmt;

/// The way from one layout to another.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Migration {
    /// What to do, in order.
    pub steps: Vec<Step>,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A table under another name.
    RenameTable {
        /// The name that it has.
        from: String,
        /// The name that it is to have.
        to: String,
    },
    /// A column under another name.
    RenameColumn {
        /// The table, by its new name.
        table: String,
        /// The name that it has.
        from: String,
        /// The name that it is to have.
        to: String,
    },
    /// The columns A and B of a join table in each other's place: its models come in another order now.
    SwapColumns {
        /// The table, by its new name.
        table: String,
    },
    /// A new table, without its indexes.
    CreateTable(Table),
    /// A new column, with the foreign key that starts in it, if any.
    AddColumn {
        /// The table.
        table: String,
        /// The column.
        column: Column,
        /// The foreign key that this column alone holds.
        foreign_key: Option<ForeignKey>,
    },
    /// A new index.
    CreateIndex {
        /// The table.
        table: String,
        /// The index.
        index: TableIndex,
    },
    /// An index whose name another one has now.
    ReplaceIndex {
        /// The table.
        table: String,
        /// As it is.
        from: TableIndex,
        /// As it is to be.
        to: TableIndex,
    },
    /// A column of another type, nullability or default.
    ChangeColumn {
        /// The table.
        table: String,
        /// As it is.
        from: Column,
        /// As it is to be.
        to: Column,
    },
    /// Fewer values than rows hold, or held: a value of the column's enum is gone.
    LimitValues {
        /// The table.
        table: String,
        /// The column, as it is to be.
        column: Column,
        /// The values that it may hold.
        values: Vec<String>,
    },
    /// Another primary key.
    ChangePrimaryKey {
        /// The table.
        table: String,
        /// As it is.
        from: Vec<String>,
        /// As it is to be.
        to: Vec<String>,
    },
    /// A foreign key over columns that are there already, or over several columns.
    AddForeignKey {
        /// The table.
        table: String,
        /// The foreign key.
        foreign_key: ForeignKey,
    },
    /// A foreign key of the same columns that refers to something else, or acts in another way.
    ChangeForeignKey {
        /// The table.
        table: String,
        /// As it is.
        from: ForeignKey,
        /// As it is to be.
        to: ForeignKey,
    },
    /// A foreign key that is no longer wanted.
    DropForeignKey {
        /// The table.
        table: String,
        /// The foreign key.
        foreign_key: ForeignKey,
    },
    /// An index that is no longer wanted.
    DropIndex {
        /// The table.
        table: String,
        /// The index.
        index: TableIndex,
        /// Whether its table keeps the same rule without it: the index is no unique one, or a wanted one covers it.
        redundant: bool,
    },
    /// A column that is no longer wanted.
    DropColumn {
        /// The table.
        table: String,
        /// The column.
        column: Column,
    },
    /// A table that is no longer wanted, or was never ours.
    DropTable {
        /// The table.
        table: String,
    },
}

/// What a step may do to what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only adds: no value is lost, and no row stands in the way (but duplicates, of a unique index).
    Adds,
    /// It takes away what does no harm: the schema works with it in place.
    Waits(Loss),
    /// The schema does not hold before it is done.
    Needs(Loss),
}

/// What a step that does not only add costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// Values are lost.
    Values,
    /// It can fail on the rows that are there.
    MayFail,
    /// Nothing; but it changes what is there.
    Nothing,
}

impl Migration {
    /// Tells whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Returns the steps that only add, in order.
    pub fn additive(&self) -> Migration {
        Migration { steps: self.steps.iter().filter(|step| step.effect() == Effect::Adds).cloned().collect() }
    }
}

impl Step {
    /// Returns the table that the step is about, by its name afterwards.
    pub fn table(&self) -> &str {
        match self {
            Step::CreateTable(table) => &table.name,
            Step::RenameTable { to, .. } => to,
            Step::RenameColumn { table, .. }
            | Step::SwapColumns { table }
            | Step::AddColumn { table, .. }
            | Step::CreateIndex { table, .. }
            | Step::ReplaceIndex { table, .. }
            | Step::ChangeColumn { table, .. }
            | Step::LimitValues { table, .. }
            | Step::ChangePrimaryKey { table, .. }
            | Step::AddForeignKey { table, .. }
            | Step::ChangeForeignKey { table, .. }
            | Step::DropForeignKey { table, .. }
            | Step::DropIndex { table, .. }
            | Step::DropColumn { table, .. }
            | Step::DropTable { table } => table,
        }
    }

    /// Returns what the step may do to what is there.
    pub fn effect(&self) -> Effect {
        match self {
            Step::RenameTable { .. } | Step::RenameColumn { .. } | Step::SwapColumns { .. } => {
                Effect::Needs(Loss::Nothing)
            }
            Step::ChangeForeignKey { from, to, .. } if from.leads_as(to) => Effect::Needs(Loss::Nothing),
            Step::ChangeForeignKey { .. } => Effect::Needs(Loss::MayFail),
            Step::CreateTable(_) | Step::CreateIndex { .. } => Effect::Adds,
            Step::AddColumn { column, .. } if column.nullable || column.default.is_some() => Effect::Adds,
            Step::AddColumn { .. } => Effect::Needs(Loss::MayFail),
            Step::ChangeColumn { from, to, .. } => {
                let forbids_null = from.nullable && !to.nullable;
                let fits = holds_every_value(&from.type_name, &to.type_name);
                Effect::Needs(if forbids_null || !fits { Loss::MayFail } else { Loss::Nothing })
            }
            Step::ChangePrimaryKey { .. } | Step::AddForeignKey { .. } => Effect::Needs(Loss::MayFail),
            Step::LimitValues { .. } => Effect::Needs(Loss::Values),
            Step::ReplaceIndex { to, .. } if to.unique => Effect::Needs(Loss::MayFail),
            Step::ReplaceIndex { .. } | Step::DropForeignKey { .. } => Effect::Needs(Loss::Nothing),
            Step::DropIndex { redundant: true, .. } => Effect::Waits(Loss::Nothing),
            Step::DropIndex { .. } => Effect::Needs(Loss::Nothing),
            Step::DropColumn { .. } => Effect::Needs(Loss::Values),
            Step::DropTable { .. } => Effect::Waits(Loss::Values),
        }
    }
}

impl fmt::Display for Step {
    /// Says what the step does, in the database's words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::RenameTable { from, to } => write!(f, "table `{from}` should be named `{to}`"),
            Step::RenameColumn { table, from, to } => {
                write!(f, "column `{table}.{from}` should be named `{table}.{to}`")
            }
            Step::SwapColumns { table } => write!(f, "columns A and B of `{table}` should change places"),
            Step::CreateTable(table) => write!(f, "new table `{}`", table.name),
            Step::AddColumn { table, column, .. } => {
                write!(f, "new column `{table}.{}` {}", column.name, column.description())
            }
            Step::CreateIndex { table, index } => write!(f, "new {} on `{table}`", index.description()),
            Step::ReplaceIndex { table, from, to } => {
                write!(f, "{} should be {} on `{table}`", from.description(), to.description())
            }
            Step::ChangeColumn { table, from, to } => {
                write!(f, "column `{table}.{}` is {} and should be {}", to.name, from.description(), to.description())
            }
            Step::LimitValues { table, column, values } => {
                write!(f, "column `{table}.{}` should hold {} only", column.name, values.join(", "))
            }
            Step::ChangePrimaryKey { table, from, to } => {
                write!(f, "the primary key of `{table}` is ({}) and should be ({})", from.join(", "), to.join(", "))
            }
            Step::AddForeignKey { table, foreign_key } => write!(f, "new foreign key on `{table}`: {foreign_key}"),
            Step::ChangeForeignKey { table, from, to } => {
                write!(f, "foreign key on `{table}`: {from}; it should be: {to}")
            }
            Step::DropForeignKey { table, foreign_key } => {
                write!(f, "foreign key on `{table}` that the schema does not have: {foreign_key}")
            }
            Step::DropIndex { table, index, .. } => {
                write!(f, "{} on `{table}` that the schema does not have", index.description())
            }
            Step::DropColumn { table, column } => {
                write!(f, "column `{table}.{}` that the schema does not have", column.name)
            }
            Step::DropTable { table } => write!(f, "table `{table}` that the schema does not have"),
        }
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Loss::Values => "values would be lost",
            Loss::MayFail => "rows that are there may stand in the way",
            Loss::Nothing => "nothing would be lost",
        })
    }
}

/// Tells whether each value of a column of type `from` can stand in one of type `to`.
fn holds_every_value(from: &str, to: &str) -> bool {
    let is = |name: &str, among: &[&str]| among.iter().any(|other| name.eq_ignore_ascii_case(other));
    from.eq_ignore_ascii_case(to)
        || TypeFamily::of(from) == TypeFamily::of(to) && TypeFamily::of(from) != TypeFamily::Other
        || is(to, &["TEXT"]) && is(from, &["INTEGER", "BIGINT", "REAL", "DECIMAL", "JSONB"])
        || is(to, &["BIGINT", "DECIMAL"]) && is(from, &["INTEGER", "BIGINT"])
}
