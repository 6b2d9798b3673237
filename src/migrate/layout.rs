//! Tables, columns, keys and indexes: what a schema asks of the database.

use std::fmt;

use crate::schema::{
    Arity, DefaultValue, Field, FieldId, FieldKind, Index, Model, ModelId, ReferentialAction, Relation, RelationKind,
    ScalarType, Schema,
};

/// The tables of a database.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// In the order in which they are made.
    pub tables: Vec<Table>,
    /// The names of the views that were found; a schema asks for none.
    pub views: Vec<String>,
    /// The columns of enums, as the schema has them; a database knows of none.
    pub choices: Vec<Choice>,
}

/// A column of an enum: the values that it may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The values, as the database has them.
    pub values: Vec<String>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// The names of the key's columns, in the key's order; empty when there is none.
    pub primary_key: Vec<String>,
    /// Its foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its indexes, those of the primary key apart.
    pub indexes: Vec<TableIndex>,
    /// The names that it may have in a database that is older than the schema, the latest first.
    pub renamed_from: Vec<String>,
    /// What was found beside it and a schema cannot say, as SQL: triggers, and indexes that are [`special`](TableIndex::special).
    pub beside: Vec<String>,
    /// What was found in its text and a schema cannot say: `CHECK`, `COLLATE`, ...
    pub beyond: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its declared type, such as `INTEGER`.
    pub type_name: String,
    /// Whether NULL may stand here.
    pub nullable: bool,
    /// Its default.
    pub default: Option<ColumnDefault>,
    /// Whether it is an INTEGER PRIMARY KEY AUTOINCREMENT.
    pub autoincrement: bool,
    /// The names that it may have in a database that is older than the schema, the latest first.
    pub renamed_from: Vec<String>,
}

/// What values a column holds, by its declared type: Prisma's scalar types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypeFamily {
    /// One of Prisma's scalar types.
    Scalar(ScalarType),
    /// Any other type of the database.
    Other,
}

/// A column's default, as SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnDefault {
    /// A literal: number, string, blob, true, false, NULL.
    Literal(String),
    /// CURRENT_TIMESTAMP, CURRENT_DATE, CURRENT_TIME.
    Clock(String),
    /// Any other expression, without the parentheses around it.
    Expression(String),
}

/// A foreign key. Two are equal when they do the same, whatever their names: SQLite keeps no name.
#[derive(Debug, Clone, Eq)]
pub struct ForeignKey {
    /// The constraint's name; None where it is not known.
    pub name: Option<String>,
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table that they refer to.
    pub table: String,
    /// The columns there; empty for its primary key.
    pub references: Vec<String>,
    /// What happens when the row there goes.
    pub on_delete: ReferentialAction,
    /// What happens when the key there changes.
    pub on_update: ReferentialAction,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableIndex {
    /// Its name.
    pub name: String,
    /// Whether it forbids duplicates.
    pub unique: bool,
    /// Its columns, in order.
    pub columns: Vec<IndexColumn>,
    /// Whether it does more than a schema can say: an expression, a collation, a WHERE.
    pub special: bool,
}

/// A column of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexColumn {
    /// The column's name.
    pub name: String,
    /// DESC.
    pub descending: bool,
}

impl Layout {
    /// Returns what `schema` asks of the database: a table for each model, then one for each m-n relation.
    pub fn of(schema: &Schema) -> Self {
        let models = (0..schema.models.len()).map(|index| model_table(schema, ModelId(index as u32)));
        let joins = schema
            .relations
            .iter()
            .filter(|relation| relation.kind == RelationKind::ManyToMany)
            .filter_map(|relation| join_table(schema, relation));
        let choices = schema.models.iter().flat_map(|model| {
            model.columns().filter_map(|(_, field)| match field.kind {
                FieldKind::Enum(id) => Some(Choice {
                    table: model.table.clone(),
                    column: field.column.clone(),
                    values: schema.enumeration(id).values.iter().map(|value| value.db_name.clone()).collect(),
                }),
                _ => None,
            })
        });
        Self { choices: choices.collect(), tables: models.chain(joins).collect(), views: Vec::new() }
    }

    /// Returns what a column of an enum may hold; None for another column, and where it is not known.
    pub(crate) fn choice(&self, table: &str, column: &str) -> Option<&Choice> {
        let is =
            |choice: &&Choice| choice.table.eq_ignore_ascii_case(table) && choice.column.eq_ignore_ascii_case(column);
        self.choices.iter().find(is)
    }

    /// Says that a table, or a column of one, is an older one under a new name, as `/// @renamed-from` in a schema does.
    ///
    /// `table` is the new name. Returns whether the layout has that table, and that column.
    pub fn rename(&mut self, table: &str, column: Option<&str>, from: &str) -> bool {
        let Some(table) = self.tables.iter_mut().find(|other| other.name.eq_ignore_ascii_case(table)) else {
            return false;
        };
        let renamed_from = match column {
            None => Some(&mut table.renamed_from),
            Some(name) => {
                let column = table.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(name));
                column.map(|column| &mut column.renamed_from)
            }
        };
        renamed_from.map(|names| names.insert(0, from.to_owned())).is_some()
    }

    /// Finds a table. SQLite compares names without regard to ASCII case.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }
}

impl Table {
    /// Finds a column. SQLite compares names without regard to ASCII case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Finds an index by its name.
    pub fn index(&self, name: &str) -> Option<&TableIndex> {
        self.indexes.iter().find(|index| index.name.eq_ignore_ascii_case(name))
    }
}

impl Column {
    /// Returns type, nullability and default in SQL's words: `TEXT NOT NULL DEFAULT 'x'`.
    pub fn description(&self) -> String {
        let mut text = self.type_name.clone();
        if !self.nullable {
            text.push_str(" NOT NULL");
        }
        if let Some(default) = &self.default {
            text.push_str(" DEFAULT ");
            text.push_str(&default.to_string());
        }
        text
    }
}

impl TypeFamily {
    /// Reads a declared type as Prisma's tools do.
    pub fn of(type_name: &str) -> Self {
        let name = type_name.split('(').next().unwrap_or("").trim().to_ascii_uppercase();
        TypeFamily::Scalar(match name.as_str() {
            "INTEGER" | "INT" | "SMALLINT" | "TINYINT" | "MEDIUMINT" | "INT2" | "INT4" | "SERIAL" => ScalarType::Int,
            "BIGINT" | "INT8" | "UNSIGNED BIG INT" => ScalarType::BigInt,
            "REAL" | "FLOAT" | "DOUBLE" | "DOUBLE PRECISION" => ScalarType::Float,
            "DECIMAL" | "NUMERIC" => ScalarType::Decimal,
            "BOOLEAN" | "BOOL" => ScalarType::Boolean,
            "DATETIME" | "DATE" | "TIMESTAMP" => ScalarType::DateTime,
            "JSONB" | "JSON" => ScalarType::Json,
            "BLOB" | "BINARY" | "VARBINARY" => ScalarType::Bytes,
            "TEXT" | "CLOB" | "STRING" => ScalarType::String,
            _ if name.ends_with("CHAR") || name.ends_with("CHARACTER") => ScalarType::String,
            _ => return TypeFamily::Other,
        })
    }
}

impl ColumnDefault {
    /// Reads the text of a DEFAULT, with or without parentheses around it.
    pub fn from_sql(text: &str) -> Self {
        let text = strip_parentheses(text.trim());
        if ["CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
            ColumnDefault::Clock(text.to_ascii_uppercase())
        } else if ["true", "false", "null"].iter().any(|word| text.eq_ignore_ascii_case(word)) {
            ColumnDefault::Literal(text.to_ascii_lowercase())
        } else if is_literal(text) {
            ColumnDefault::Literal(text.to_owned())
        } else {
            ColumnDefault::Expression(text.to_owned())
        }
    }

    /// Tells whether SQLite knows the value without computing.
    pub fn is_literal(&self) -> bool {
        matches!(self, ColumnDefault::Literal(_))
    }

    /// Writes a string literal.
    pub(crate) fn string(text: &str) -> Self {
        if text.contains('\0') {
            // SQLite reads the text of a statement up to a NUL.
            return ColumnDefault::Expression(format!("CAST({} AS TEXT)", blob_literal(text.as_bytes())));
        }
        ColumnDefault::Literal(format!("'{}'", text.replace('\'', "''")))
    }
}

impl fmt::Display for ColumnDefault {
    /// Writes it as it stands behind DEFAULT.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ColumnDefault::Literal(text) | ColumnDefault::Clock(text) => f.write_str(text),
            ColumnDefault::Expression(text) => write!(f, "({text})"),
        }
    }
}

impl ForeignKey {
    /// Tells whether both lead from the same columns to the same ones, whatever they do.
    pub fn leads_as(&self, other: &Self) -> bool {
        same_names(&self.columns, &other.columns)
            && self.table.eq_ignore_ascii_case(&other.table)
            && same_names(&self.references, &other.references)
    }
}

impl PartialEq for ForeignKey {
    fn eq(&self, other: &Self) -> bool {
        self.leads_as(other) && self.on_delete == other.on_delete && self.on_update == other.on_update
    }
}

/// Tells whether the names are the same for SQLite, in the same order.
pub(super) fn same_names(a: &[String], b: &[String]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.eq_ignore_ascii_case(b))
}

impl fmt::Display for ForeignKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "({}) refers to `{}` ({}), on delete {}, on update {}",
            self.columns.join(", "),
            self.table,
            self.references.join(", "),
            action_sql(self.on_delete).to_lowercase(),
            action_sql(self.on_update).to_lowercase(),
        )
    }
}

impl TableIndex {
    /// Tells whether it belongs to a UNIQUE in its table's text: SQLite gave it its name, and it goes only with the table.
    pub fn is_constraint(&self) -> bool {
        self.name.starts_with("sqlite_autoindex_")
    }

    /// Tells whether both forbid or serve the same, whatever their names.
    pub fn serves_as(&self, other: &Self) -> bool {
        self.unique == other.unique
            && self.special == other.special
            && self.columns.len() == other.columns.len()
            && self
                .columns
                .iter()
                .zip(&other.columns)
                .all(|(a, b)| a.name.eq_ignore_ascii_case(&b.name) && a.descending == b.descending)
    }

    /// Returns kind, name and columns: ``unique index `User_email_key` (email)``.
    pub fn description(&self) -> String {
        let kind = if self.unique { "unique index" } else { "index" };
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|column| if column.descending { format!("{} DESC", column.name) } else { column.name.clone() })
            .collect();
        format!("{kind} `{}` ({})", self.name, columns.join(", "))
    }
}

/// Returns SQL's words for a referential action.
pub(crate) fn action_sql(action: ReferentialAction) -> &'static str {
    match action {
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::Restrict => "RESTRICT",
        ReferentialAction::NoAction => "NO ACTION",
        ReferentialAction::SetNull => "SET NULL",
        ReferentialAction::SetDefault => "SET DEFAULT",
    }
}

fn model_table(schema: &Schema, id: ModelId) -> Table {
    let model = schema.model(id);
    let columns = model.columns().map(|(field_id, field)| model_column(schema, model, field_id, field)).collect();
    let primary_key = match &model.primary_key {
        Some(key) => key.fields.iter().map(|part| model.field(part.field).column.clone()).collect(),
        None => Vec::new(),
    };
    let foreign_keys = model
        .fields
        .iter()
        .filter_map(|field| field.relation())
        .filter(|side| schema.foreign_keys && !side.fields.is_empty())
        .map(|side| {
            let relation = schema.relation(side.relation);
            let target = schema.model(side.target);
            ForeignKey {
                name: Some(relation.db_name.clone()),
                columns: column_names(model, &side.fields),
                table: target.table.clone(),
                references: column_names(target, &side.references),
                on_delete: relation.on_delete,
                on_update: relation.on_update,
            }
        })
        .collect();
    Table {
        name: model.table.clone(),
        columns,
        primary_key,
        foreign_keys,
        indexes: model_indexes(model),
        renamed_from: renamed_from(model.doc.as_deref()),
        beside: Vec::new(),
        beyond: Vec::new(),
    }
}

fn model_column(schema: &Schema, model: &Model, id: FieldId, field: &Field) -> Column {
    let type_name = type_name(&field.kind);
    let is_primary_key =
        model.primary_key.as_ref().is_some_and(|key| key.fields.len() == 1 && key.fields[0].field == id);
    Column {
        name: field.column.clone(),
        nullable: field.arity == Arity::Optional,
        default: field.default.as_ref().and_then(|default| column_default(schema, field, default)),
        autoincrement: is_primary_key && type_name == "INTEGER",
        renamed_from: renamed_from(field.doc.as_deref()),
        type_name,
    }
}

/// Returns the declared type of a field's column, in Prisma's spelling.
fn type_name(kind: &FieldKind) -> String {
    let name = match kind {
        FieldKind::Scalar(scalar) => match scalar {
            ScalarType::String => "TEXT",
            ScalarType::Int => "INTEGER",
            ScalarType::BigInt => "BIGINT",
            ScalarType::Float => "REAL",
            ScalarType::Boolean => "BOOLEAN",
            ScalarType::DateTime => "DATETIME",
            ScalarType::Json => "JSONB",
            ScalarType::Bytes => "BLOB",
            ScalarType::Decimal => "DECIMAL",
        },
        FieldKind::Enum(_) => "TEXT",
        FieldKind::Unsupported(name) => name,
        FieldKind::Relation(_) => unreachable!("a relation field has no column"),
    };
    name.to_owned()
}

/// Returns the default that the database knows; None for what the client makes.
fn column_default(schema: &Schema, field: &Field, default: &DefaultValue) -> Option<ColumnDefault> {
    let literal = |text: String| Some(ColumnDefault::Literal(text));
    match default {
        DefaultValue::String(text) => Some(ColumnDefault::string(text)),
        DefaultValue::Int(number) => literal(number.to_string()),
        DefaultValue::Number(text) => literal(text.clone()),
        DefaultValue::Boolean(value) => literal(value.to_string()),
        DefaultValue::DateTime(text) => Some(ColumnDefault::string(&datetime_default(text))),
        DefaultValue::Bytes(bytes) => literal(blob_literal(bytes)),
        DefaultValue::Enum(value) => match &field.kind {
            FieldKind::Enum(id) => {
                schema.enumeration(*id).values.get(*value).map(|value| ColumnDefault::string(&value.db_name))
            }
            _ => None,
        },
        DefaultValue::Now => Some(ColumnDefault::Clock("CURRENT_TIMESTAMP".into())),
        DefaultValue::DbGenerated(sql) => sql.as_deref().map(ColumnDefault::from_sql),
        DefaultValue::AutoIncrement
        | DefaultValue::Cuid(_)
        | DefaultValue::Uuid(_)
        | DefaultValue::Ulid
        | DefaultValue::NanoId(_) => None,
    }
}

/// Writes an RFC 3339 instant as Prisma's tools do: `2020-01-01T00:00:00.500Z` is `2020-01-01 00:00:00.500 +00:00`.
fn datetime_default(text: &str) -> String {
    let Some((date, time)) = text.split_once(['T', 't', ' ']) else {
        return text.to_owned();
    };
    let (clock, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) if time[at..].starts_with(['Z', 'z']) => (&time[..at], "+00:00"),
        Some(at) => (&time[..at], &time[at..]),
        None => (time, "+00:00"),
    };
    let (seconds, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let digits = fraction.trim_end_matches('0');
    if digits.is_empty() {
        return format!("{date} {seconds} {zone}");
    }
    // Thousandths, millionths or billionths, whichever suffice.
    let width = digits.len().div_ceil(3) * 3;
    format!("{date} {seconds}.{digits:0<width$} {zone}")
}

/// Returns uniques and indexes in Prisma's order: `@unique` of fields, then `@@index`, then `@@unique`.
fn model_indexes(model: &Model) -> Vec<TableIndex> {
    let (of_fields, of_block): (Vec<&Index>, Vec<&Index>) =
        model.uniques.iter().partition(|unique| is_field_attribute(model, unique));
    let table_index = |index: &Index, unique| TableIndex {
        name: index.db_name.clone(),
        unique,
        columns: index
            .fields
            .iter()
            .map(|part| IndexColumn { name: model.field(part.field).column.clone(), descending: part.descending })
            .collect(),
        special: false,
    };
    let of_fields = of_fields.into_iter().map(|index| table_index(index, true));
    let indexes = model.indexes.iter().map(|index| table_index(index, false));
    let of_block = of_block.into_iter().map(|index| table_index(index, true));
    of_fields.chain(indexes).chain(of_block).collect()
}

/// Tells whether a unique key is written behind its field: between the field's name and the next field's.
fn is_field_attribute(model: &Model, unique: &Index) -> bool {
    let [part] = unique.fields.as_slice() else {
        return false;
    };
    let begin = model.field(part.field).span.start;
    let next = model.fields.get(part.field.0 as usize + 1).map_or(u32::MAX, |field| field.span.start);
    (begin..next).contains(&unique.span.start)
}

/// Returns the table of an m-n relation. None when a side has no key of one column, which the schema's check refuses.
fn join_table(schema: &Schema, relation: &Relation) -> Option<Table> {
    let name = &relation.db_name;
    let mut columns = Vec::new();
    let mut foreign_keys = Vec::new();
    for (column, (model, _)) in [("A", relation.from), ("B", relation.to)] {
        let model = schema.model(model);
        let &[key] = model.identity().as_slice() else {
            return None;
        };
        let key = model.field(key);
        columns.push(Column {
            name: column.to_owned(),
            type_name: type_name(&key.kind),
            nullable: false,
            default: None,
            autoincrement: false,
            renamed_from: Vec::new(),
        });
        if !schema.foreign_keys {
            continue;
        }
        foreign_keys.push(ForeignKey {
            name: Some(format!("{name}_{column}_fkey")),
            columns: vec![column.to_owned()],
            table: model.table.clone(),
            references: vec![key.column.clone()],
            on_delete: ReferentialAction::Cascade,
            on_update: ReferentialAction::Cascade,
        });
    }
    let index = |suffix: &str, unique, columns: &[&str]| TableIndex {
        name: format!("{name}_{suffix}"),
        unique,
        columns: columns.iter().map(|name| IndexColumn { name: (*name).to_owned(), descending: false }).collect(),
        special: false,
    };
    Some(Table {
        name: name.clone(),
        columns,
        primary_key: Vec::new(),
        foreign_keys,
        indexes: vec![index("AB_unique", true, &["A", "B"]), index("B_index", false, &["B"])],
        renamed_from: older_join_names(schema, relation),
        beside: Vec::new(),
        beyond: Vec::new(),
    })
}

/// Returns the names that a join table had while its models had other names.
fn older_join_names(schema: &Schema, relation: &Relation) -> Vec<String> {
    let (a, b) = (schema.model(relation.from.0), schema.model(relation.to.0));
    let names = |model: &Model| [vec![model.name.clone()], renamed_from(model.doc.as_deref())].concat();
    if relation.db_name != format!("_{}", join_name(&a.name, &b.name)) {
        return Vec::new();
    }
    let older = names(a).into_iter().flat_map(|a| names(b).into_iter().map(move |b| format!("_{}", join_name(&a, &b))));
    older.filter(|name| *name != relation.db_name).collect()
}

/// Returns Prisma's own name for a relation of two models.
pub(super) fn join_name(a: &str, b: &str) -> String {
    if a <= b { format!("{a}To{b}") } else { format!("{b}To{a}") }
}

/// Reads the lines `@renamed-from old` of a doc comment. A name with blanks stands in quotes.
fn renamed_from(doc: Option<&str>) -> Vec<String> {
    let lines = doc.unwrap_or("").lines();
    let names = lines.filter_map(|line| {
        let rest = line.trim().strip_prefix("@renamed-from")?.strip_prefix([' ', '\t'])?.trim_start();
        match rest.strip_prefix(['`', '"']) {
            Some(quoted) => quoted.split(['`', '"']).next(),
            None => rest.split_whitespace().next(),
        }
    });
    names.map(str::to_owned).collect()
}

fn column_names(model: &Model, fields: &[FieldId]) -> Vec<String> {
    fields.iter().map(|field| model.field(*field).column.clone()).collect()
}

fn blob_literal(bytes: &[u8]) -> String {
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("x'{digits}'")
}

/// Takes away the parentheses that enclose the whole text, if they do.
fn strip_parentheses(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return text;
    };
    let mut depth = 0;
    let mut quote = None;
    for character in inner.chars() {
        match (quote, character) {
            // A doubled quote closes and opens again, which comes to the same.
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(character),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
        if depth < 0 {
            return text;
        }
    }
    strip_parentheses(inner.trim())
}

/// Tells whether the text is a string, a blob or a number.
fn is_literal(text: &str) -> bool {
    let quoted = text.strip_prefix(['x', 'X']).unwrap_or(text);
    if let Some(inner) = quoted.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        return !inner.replace("''", "").contains('\'');
    }
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    number.starts_with(|first: char| first.is_ascii_digit() || first == '.') && number.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_default_is_a_literal_the_clock_or_an_expression() {
        for (text, expected) in [
            ("5", ColumnDefault::Literal("5".into())),
            ("(-1.5e3)", ColumnDefault::Literal("-1.5e3".into())),
            ("'it''s (x'", ColumnDefault::Literal("'it''s (x'".into())),
            ("x'00ff'", ColumnDefault::Literal("x'00ff'".into())),
            ("TRUE", ColumnDefault::Literal("true".into())),
            ("current_timestamp", ColumnDefault::Clock("CURRENT_TIMESTAMP".into())),
            ("((lower(')')))", ColumnDefault::Expression("lower(')')".into())),
            ("(1) + (2)", ColumnDefault::Expression("(1) + (2)".into())),
            ("'a' || 'b'", ColumnDefault::Expression("'a' || 'b'".into())),
            ("-x", ColumnDefault::Expression("-x".into())),
        ] {
            assert_eq!(ColumnDefault::from_sql(text), expected, "{text}");
        }
    }

    #[test]
    fn a_datetime_default_is_written_as_prismas_tools_write_it() {
        for (text, expected) in [
            ("2020-01-01T00:00:00.000Z", "2020-01-01 00:00:00 +00:00"),
            ("2021-02-03T04:05:06.789Z", "2021-02-03 04:05:06.789 +00:00"),
            ("2021-02-03T04:05:06.5+02:00", "2021-02-03 04:05:06.500 +02:00"),
            ("2021-02-03T04:05:06.123456-01:30", "2021-02-03 04:05:06.123456 -01:30"),
        ] {
            assert_eq!(datetime_default(text), expected);
        }
    }
}
