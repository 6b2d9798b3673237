//! Says what a step does in the words of the schema: models, fields and Prisma's types.

use std::collections::BTreeMap;

use crate::migrate::{Column, ForeignKey, Step, TableIndex, TypeFamily};
use crate::schema::{FieldKind, ReferentialAction, Schema};

/// The schema's names for tables and columns.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Table to model.
    models: BTreeMap<String, String>,
    /// Table and column to field and its type.
    fields: BTreeMap<(String, String), (String, String)>,
}

/// A step in three parts, as a line of a list shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// `+` comes, `-` goes, `~` changes.
    pub sign: char,
    /// What it is about: `ForumThread.deletedAt`.
    pub subject: String,
    /// What it is, or was and is to be: `String? → String`.
    pub detail: String,
}

impl Names {
    /// Takes the names of a schema.
    pub fn of(schema: &Schema) -> Self {
        let mut names = Self::default();
        for model in &schema.models {
            let table = model.table.to_lowercase();
            names.models.insert(table.clone(), model.name.clone());
            for (_, field) in model.columns() {
                let type_name = match &field.kind {
                    FieldKind::Scalar(scalar) => scalar.name().to_owned(),
                    FieldKind::Enum(id) => schema.enumeration(*id).name.clone(),
                    FieldKind::Unsupported(name) => format!("Unsupported(\"{name}\")"),
                    FieldKind::Relation(_) => continue,
                };
                let key = (table.clone(), field.column.to_lowercase());
                names.fields.insert(key, (field.name.clone(), type_name));
            }
        }
        names
    }

    /// Returns the name of a table's model, or the table's own.
    pub fn model<'a>(&'a self, table: &'a str) -> &'a str {
        self.models.get(&table.to_lowercase()).map_or(table, String::as_str)
    }

    /// Returns the name of a column's field, or the column's own.
    pub fn field<'a>(&'a self, table: &str, column: &'a str) -> &'a str {
        self.known(table, column).map_or(column, |(field, _)| field)
    }

    /// Says what a step does.
    pub fn describe(&self, step: &Step) -> Described {
        let part = |sign, subject: String, detail: String| Described { sign, subject, detail };
        match step {
            Step::RenameTable { from, to } => part('~', self.model(to).to_owned(), format!("{from} → {to}")),
            Step::RenameColumn { table, from, to } => part('~', self.place(table, to), format!("{from} → {to}")),
            Step::SwapColumns { table } => part('~', table.clone(), "A ↔ B".into()),
            Step::CreateTable(table) => {
                let is_join = table.primary_key.is_empty() && table.name.starts_with('_');
                let what = if is_join { "join table" } else { "model" };
                part('+', self.model(&table.name).to_owned(), what.into())
            }
            Step::AddColumn { table, column, .. } => {
                part('+', self.place(table, &column.name), self.type_of(table, column, false))
            }
            Step::CreateIndex { table, index } => part('+', self.model(table).to_owned(), self.index(table, index)),
            Step::ReplaceIndex { table, from, to } => {
                let (from, to) = (self.index(table, from), self.index(table, to));
                part('~', self.model(table).to_owned(), format!("{from} → {to}"))
            }
            Step::ChangeColumn { table, from, to } => {
                let with_default = from.default != to.default;
                let is_known_type = TypeFamily::of(&from.type_name) == TypeFamily::of(&to.type_name);
                let before = match is_known_type {
                    true => self.type_of(table, &Column { name: to.name.clone(), ..from.clone() }, with_default),
                    false => Names::default().type_of(table, from, with_default),
                };
                part('~', self.place(table, &to.name), format!("{before} → {}", self.type_of(table, to, with_default)))
            }
            Step::LimitValues { table, column, values } => {
                part('~', self.place(table, &column.name), format!("only {}", values.join(", ")))
            }
            Step::ChangePrimaryKey { table, from, to } => {
                let id = |columns: &[String]| match columns.is_empty() {
                    true => "no id".to_owned(),
                    false => format!("@@id({})", self.list(table, columns)),
                };
                part('~', self.model(table).to_owned(), format!("{} → {}", id(from), id(to)))
            }
            Step::AddForeignKey { table, foreign_key } => {
                part('+', self.key(table, foreign_key), self.target(foreign_key))
            }
            Step::DropForeignKey { table, foreign_key } => {
                part('-', self.key(table, foreign_key), self.target(foreign_key))
            }
            Step::ChangeForeignKey { table, from, to } => part('~', self.key(table, to), self.key_change(from, to)),
            Step::DropIndex { table, index, .. } => part('-', self.model(table).to_owned(), self.index(table, index)),
            Step::DropColumn { table, column } => part('-', self.place(table, &column.name), String::new()),
            Step::DropTable { table } => part('-', self.model(table).to_owned(), String::new()),
        }
    }

    fn known(&self, table: &str, column: &str) -> Option<(&str, &str)> {
        let (field, type_name) = self.fields.get(&(table.to_lowercase(), column.to_lowercase()))?;
        Some((field, type_name))
    }

    fn place(&self, table: &str, column: &str) -> String {
        format!("{}.{}", self.model(table), self.field(table, column))
    }

    fn list(&self, table: &str, columns: &[String]) -> String {
        let names: Vec<&str> = columns.iter().map(|column| self.field(table, column)).collect();
        format!("[{}]", names.join(", "))
    }

    fn type_of(&self, table: &str, column: &Column, with_default: bool) -> String {
        let mut text = match (self.known(table, &column.name), TypeFamily::of(&column.type_name)) {
            (Some((_, type_name)), _) => type_name.to_owned(),
            (None, TypeFamily::Scalar(scalar)) => scalar.name().to_owned(),
            (None, TypeFamily::Other) => format!("Unsupported(\"{}\")", column.type_name),
        };
        if column.nullable {
            text.push('?');
        }
        if let Some(default) = column.default.as_ref().filter(|_| with_default) {
            text.push_str(&format!(" @default({default})"));
        }
        text
    }

    fn index(&self, table: &str, index: &TableIndex) -> String {
        let columns: Vec<String> = index
            .columns
            .iter()
            .map(|column| {
                let field = self.field(table, &column.name);
                if column.descending { format!("{field}(sort: Desc)") } else { field.to_owned() }
            })
            .collect();
        format!("@@{}([{}])", if index.unique { "unique" } else { "index" }, columns.join(", "))
    }

    fn key(&self, table: &str, key: &ForeignKey) -> String {
        match key.columns.as_slice() {
            [column] => self.place(table, column),
            columns => format!("{}.{}", self.model(table), self.list(table, columns)),
        }
    }

    fn target(&self, key: &ForeignKey) -> String {
        match key.references.as_slice() {
            [column] => format!("relation to {}", self.place(&key.table, column)),
            columns => format!("relation to {}.{}", self.model(&key.table), self.list(&key.table, columns)),
        }
    }

    fn key_change(&self, from: &ForeignKey, to: &ForeignKey) -> String {
        if !from.leads_as(to) {
            return format!("{} → {}", self.target(from), self.target(to));
        }
        let mut parts = Vec::new();
        for (name, from, to) in [("onDelete", from.on_delete, to.on_delete), ("onUpdate", from.on_update, to.on_update)]
        {
            if from != to {
                parts.push(format!("{name}: {} → {}", action_name(from), action_name(to)));
            }
        }
        parts.join(", ")
    }
}

/// Returns Prisma's word for a referential action.
pub(super) fn action_name(action: ReferentialAction) -> &'static str {
    match action {
        ReferentialAction::Cascade => "Cascade",
        ReferentialAction::Restrict => "Restrict",
        ReferentialAction::NoAction => "NoAction",
        ReferentialAction::SetNull => "SetNull",
        ReferentialAction::SetDefault => "SetDefault",
    }
}
