//! A schema's text out of the tables that were found.
//!
//! What an existing schema says and the tables do not contradict is kept: names, comments, enums, defaults of the client's, relations.

use std::collections::{BTreeMap, BTreeSet};

use crate::migrate::describe::action_name;
use crate::migrate::{Column, ColumnDefault, ForeignKey, Layout, Table, TableIndex, TypeFamily};
use crate::schema::{
    Arity, DefaultValue, Field, FieldKind, Model, ModelId, ReferentialAction, RelationKind, ScalarType, Schema,
};

/// Writes the schema of `layout`, unformatted.
///
/// `known` is a schema that the database had before, if there is one. Reading the text gives `layout` again, but for what a schema
/// cannot say.
pub fn pull(layout: &Layout, known: Option<&Schema>) -> String {
    let related = known.filter(|known| !known.foreign_keys).and_then(|known| with_relations(layout, known));
    let puller = Puller::new(related.as_ref().unwrap_or(layout), known);
    let mode = if related.is_some() { "  relationMode = \"prisma\"\n" } else { "" };
    let mut text = format!("datasource db {{\n  provider = \"sqlite\"\n{mode}}}\n");
    for (table, model) in &puller.models {
        text.push('\n');
        text.push_str(&puller.model(table, model));
    }
    if let Some(known) = known {
        for one in known.enums.iter().filter(|one| puller.uses(&one.name)) {
            text.push('\n');
            text.push_str(&doc_lines(one.doc.as_deref()));
            text.push_str(&format!("enum {} {{\n", one.name));
            for value in &one.values {
                let map = if value.db_name == value.name {
                    String::new()
                } else {
                    format!(" @map({})", quote(&value.db_name))
                };
                text.push_str(&format!("  {}{map}\n", value.name));
            }
            text.push_str("}\n");
        }
    }
    text
}

/// Returns the tables with the foreign keys that the relations of a schema without any (`relationMode = "prisma"`) would have; None when
/// the tables have some.
fn with_relations(layout: &Layout, known: &Schema) -> Option<Layout> {
    if layout.tables.iter().any(|table| !table.foreign_keys.is_empty()) {
        return None;
    }
    let mut wanted = known.clone();
    wanted.foreign_keys = true;
    let wanted = Layout::of(&wanted);
    let mut related = layout.clone();
    for table in &mut related.tables {
        let keys = wanted.table(&table.name).map(|wanted| wanted.foreign_keys.clone()).unwrap_or_default();
        let leads = |key: &ForeignKey| {
            let target = layout.table(&key.table);
            key.columns.iter().all(|column| table.column(column).is_some())
                && target.is_some_and(|target| key.references.iter().all(|column| target.column(column).is_some()))
        };
        table.foreign_keys = keys.into_iter().filter(leads).collect();
    }
    Some(related)
}

/// The documentation of a model that is ignored for want of a key.
const UNUSABLE: &str = "This table has no unique key of required columns, so that no row of it can be named.";

struct Puller<'a> {
    known: Option<&'a Schema>,
    /// The tables that are models, with the model's name and fields.
    models: Vec<(&'a Table, PulledModel<'a>)>,
}

struct PulledModel<'a> {
    name: String,
    known: Option<&'a Model>,
    /// Column to field name, in the order of the columns.
    fields: Vec<(&'a Column, String)>,
    /// The lines of relation fields.
    relations: Vec<RelationLine>,
    /// The names that are taken.
    taken: BTreeSet<String>,
}

struct RelationLine {
    doc: Option<String>,
    name: String,
    type_name: String,
    attribute: String,
}

impl<'a> Puller<'a> {
    fn new(layout: &'a Layout, known: Option<&'a Schema>) -> Self {
        let mut names = BTreeSet::new();
        let known_model = |table: &Table| {
            known.and_then(|known| known.models.iter().find(|model| model.table.eq_ignore_ascii_case(&table.name)))
        };
        let model_name = |table: &Table| {
            known_model(table).map_or_else(|| identifier(&table.name, "Model"), |model| model.name.clone())
        };
        // Side A is the model whose name comes first; a table that has it otherwise is a model of its own.
        let is_in_order = |join: &&Table| {
            let end = |column: &str| {
                let key = join.foreign_keys.iter().find(|key| key.columns == [column])?;
                layout.table(&key.table)
            };
            match (end("A"), end("B")) {
                (Some(a), Some(b)) => a.name == b.name || model_name(a) < model_name(b),
                _ => false,
            }
        };
        let joins: Vec<&Table> =
            layout.tables.iter().filter(|table| is_join_table(table, layout)).filter(is_in_order).collect();
        let mut models = Vec::new();
        for table in layout.tables.iter().filter(|table| !joins.iter().any(|join| join.name == table.name)) {
            let known = known_model(table);
            let name = free(model_name(table), &mut names);
            let mut taken = BTreeSet::new();
            let fields = table.columns.iter().map(|column| {
                let known = known.and_then(|model| known_field(model, column));
                let name = known.map_or_else(|| identifier(&column.name, "field"), |field| field.name.clone());
                (column, free(name, &mut taken))
            });
            let fields = fields.collect();
            models.push((table, PulledModel { name, known, fields, relations: Vec::new(), taken }));
        }
        let mut puller = Self { known, models };
        puller.relate(&joins);
        puller
    }

    fn index(&self, table: &str) -> Option<usize> {
        self.models.iter().position(|(other, _)| other.name.eq_ignore_ascii_case(table))
    }

    /// Adds both fields of each relation.
    fn relate(&mut self, joins: &[&Table]) {
        // Two relations between the same models need names of their own.
        let mut pairs: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let ends = |a: usize, b: usize| (a.min(b), a.max(b));
        let mut keys: Vec<(usize, usize, &'a ForeignKey)> = Vec::new();
        for (index, (table, _)) in self.models.iter().enumerate() {
            for key in &table.foreign_keys {
                if let Some(target) = self.index(&key.table).filter(|_| !key.references.is_empty()) {
                    keys.push((index, target, key));
                    *pairs.entry(ends(index, target)).or_default() += 1;
                }
            }
        }
        let mut many = Vec::new();
        for join in joins {
            let end = |column: &str| {
                let key = join.foreign_keys.iter().find(|key| key.columns == [column])?;
                self.index(&key.table)
            };
            if let (Some(a), Some(b)) = (end("A"), end("B")) {
                *pairs.entry(ends(a, b)).or_default() += 1;
                many.push((*join, a, b));
            }
        }
        for (index, target, key) in keys {
            let needs_name = index == target || pairs[&ends(index, target)] > 1;
            self.relate_key(index, target, key, needs_name);
        }
        for (join, a, b) in many {
            self.relate_many(join, a, b);
        }
    }

    fn relate_key(&mut self, index: usize, target: usize, key: &ForeignKey, needs_name: bool) {
        let (table, model) = &self.models[index];
        let (_, parent) = &self.models[target];
        let own = |column: &String| field_of(&model.fields, column);
        let (fields, references): (Option<Vec<_>>, Option<Vec<_>>) = (
            key.columns.iter().map(own).collect(),
            key.references.iter().map(|column| field_of(&parent.fields, column)).collect(),
        );
        let (Some(fields), Some(references)) = (fields, references) else { return };
        let optional = key.columns.iter().any(|name| table.column(name).is_some_and(|column| column.nullable));
        let covers = |columns: &[String]| {
            columns.len() == key.columns.len()
                && columns.iter().all(|name| key.columns.iter().any(|own| own.eq_ignore_ascii_case(name)))
        };
        let unique = covers(&table.primary_key)
            || table.indexes.iter().any(|index| {
                let columns: Vec<String> = index.columns.iter().map(|column| column.name.clone()).collect();
                index.unique && !index.special && covers(&columns)
            });
        // What the schema called it before.
        let known = self.known.and_then(|schema| {
            let of = model.known?;
            schema.relations.iter().find(|relation| {
                let names = |model: &Model, fields: &[crate::schema::FieldId]| -> Vec<String> {
                    fields.iter().map(|field| model.field(*field).column.clone()).collect()
                };
                let (from, to) = (schema.model(relation.from.0), schema.model(relation.to.0));
                from.name == of.name
                    && to.table.eq_ignore_ascii_case(&key.table)
                    && names(from, &relation.fields) == key.columns
                    && names(to, &relation.references) == key.references
            })
        });
        let known_field =
            |side: (ModelId, crate::schema::FieldId)| -> Option<&Field> { Some(self.known?.field(side.0, side.1)) };
        let (front, back) = (
            known.and_then(|relation| known_field(relation.from)),
            known.and_then(|relation| known_field(relation.to)),
        );
        let (front_doc, back_doc) =
            (front.and_then(|field| field.doc.clone()), back.and_then(|field| field.doc.clone()));
        let front_name = front.map_or_else(|| front_name(&fields, &parent.name), |field| field.name.clone());
        let back_name = back.map_or_else(
            || {
                let name = lower_first(&model.name);
                let suffix = if index == target { "_children" } else { "" };
                match needs_name && index != target {
                    true => format!("{name}_{}", fields.join("_")),
                    false => format!("{name}{suffix}"),
                }
            },
            |field| field.name.clone(),
        );
        let default_name = crate::migrate::layout::join_name(&model.name, &parent.name);
        let name = match known.map(|relation| &relation.name) {
            Some(name) if *name != default_name || needs_name => Some(name.clone()),
            Some(_) => None,
            None => needs_name.then(|| format!("{}_{}To{}", model.name, fields.join("_"), parent.name)),
        };
        let mut attribute = name.iter().map(|name| format!("{}, ", quote(name))).collect::<String>();
        attribute.push_str(&format!("fields: [{}], references: [{}]", fields.join(", "), references.join(", ")));
        let default_delete = if optional { ReferentialAction::SetNull } else { ReferentialAction::Restrict };
        if key.on_delete != default_delete {
            attribute.push_str(&format!(", onDelete: {}", action_name(key.on_delete)));
        }
        if key.on_update != ReferentialAction::Cascade {
            attribute.push_str(&format!(", onUpdate: {}", action_name(key.on_update)));
        }
        let front = RelationLine {
            doc: front_doc,
            name: front_name,
            type_name: format!("{}{}", parent.name, if optional { "?" } else { "" }),
            attribute: format!("@relation({attribute})"),
        };
        let back = RelationLine {
            doc: back_doc,
            name: back_name,
            type_name: format!("{}{}", model.name, if unique { "?" } else { "[]" }),
            attribute: name.map(|name| format!("@relation({})", quote(&name))).unwrap_or_default(),
        };
        self.add(index, front);
        self.add(target, back);
    }

    fn relate_many(&mut self, join: &Table, a: usize, b: usize) {
        let known = self.known.and_then(|schema| {
            let is = |relation: &&crate::schema::Relation| {
                relation.kind == RelationKind::ManyToMany && relation.db_name.eq_ignore_ascii_case(&join.name)
            };
            schema.relations.iter().find(is).map(|relation| (schema, relation))
        });
        let (a_name, b_name) = (self.models[a].1.name.clone(), self.models[b].1.name.clone());
        let name = join.name.trim_start_matches('_').to_owned();
        let attribute = match name == crate::migrate::layout::join_name(&a_name, &b_name) && a != b {
            true => String::new(),
            false => format!("@relation({})", quote(&name)),
        };
        let line = |side: Option<(ModelId, crate::schema::FieldId)>, name: String, target: &str| {
            let field = known.zip(side).map(|((schema, _), side)| schema.field(side.0, side.1));
            RelationLine {
                doc: field.and_then(|field| field.doc.clone()),
                name: field.map_or(name, |field| field.name.clone()),
                type_name: format!("{target}[]"),
                attribute: attribute.clone(),
            }
        };
        // Of a self relation side A is the field that comes first in the alphabet.
        let suffix = |letter: &str| if a == b { format!("_{letter}") } else { String::new() };
        let from =
            line(known.map(|(_, relation)| relation.from), format!("{}{}", lower_first(&b_name), suffix("a")), &b_name);
        let to =
            line(known.map(|(_, relation)| relation.to), format!("{}{}", lower_first(&a_name), suffix("b")), &a_name);
        self.add(a, from);
        self.add(b, to);
    }

    fn add(&mut self, model: usize, mut line: RelationLine) {
        let model = &mut self.models[model].1;
        line.name = free(line.name, &mut model.taken);
        model.relations.push(line);
    }

    fn uses(&self, name: &str) -> bool {
        self.models.iter().any(|(_, model)| {
            model.fields.iter().any(|(column, _)| self.enum_of(model, column).is_some_and(|known| known == name))
        })
    }

    /// Returns the enum that a column of text had before.
    fn enum_of(&self, model: &PulledModel<'_>, column: &Column) -> Option<&str> {
        let field = known_field(model.known?, column)?;
        match field.kind {
            FieldKind::Enum(id) if TypeFamily::of(&column.type_name) == TypeFamily::Scalar(ScalarType::String) => {
                Some(&self.known?.enumeration(id).name)
            }
            _ => None,
        }
    }

    fn model(&self, table: &Table, model: &PulledModel<'_>) -> String {
        let mut text = doc_lines(model.known.and_then(|known| known.doc.as_deref()));
        let is_usable = !table.primary_key.is_empty() || table.indexes.iter().any(|index| is_identity(table, index));
        if !is_usable {
            text.push_str(&format!("/// {UNUSABLE}\n"));
        }
        text.push_str(&format!("model {} {{\n", model.name));
        for (column, name) in &model.fields {
            let known = model.known.and_then(|known| known_field(known, column));
            text.push_str(&doc_lines(known.and_then(|field| field.doc.as_deref())));
            text.push_str(&format!("  {name} {}\n", self.field(table, model, column, name, known)));
        }
        for line in &model.relations {
            text.push_str(&doc_lines(line.doc.as_deref()));
            text.push_str(&format!("  {} {} {}\n", line.name, line.type_name, line.attribute));
        }
        let list = |columns: &[String]| {
            let names: Vec<String> = columns.iter().filter_map(|column| field_of(&model.fields, column)).collect();
            names.join(", ")
        };
        if table.primary_key.len() > 1 {
            let name = model.known.and_then(|known| known.primary_key.as_ref()).map(|key| key.name.as_str());
            let fields = list(&table.primary_key);
            let default = fields.replace(", ", "_");
            let name = name.filter(|name| *name != default).map(|name| format!(", name: {}", quote(name)));
            text.push_str(&format!("  @@id([{fields}]{})\n", name.unwrap_or_default()));
        }
        for index in table.indexes.iter().filter(|index| !index.special) {
            if index.unique && index.columns.len() == 1 && !index.columns[0].descending {
                continue;
            }
            text.push_str(&format!("  {}\n", index_attribute(table, model, index)));
        }
        if model.known.is_some_and(|known| known.ignored) || !is_usable {
            text.push_str("  @@ignore\n");
        }
        if model.name != table.name {
            text.push_str(&format!("  @@map({})\n", quote(&table.name)));
        }
        text.push_str("}\n");
        text
    }

    /// Writes a field's type and attributes.
    fn field(
        &self,
        table: &Table,
        model: &PulledModel<'_>,
        column: &Column,
        name: &str,
        known: Option<&Field>,
    ) -> String {
        let family = TypeFamily::of(&column.type_name);
        let mut text = match (self.enum_of(model, column), family) {
            (Some(name), _) => name.to_owned(),
            (None, TypeFamily::Scalar(scalar)) => scalar.name().to_owned(),
            (None, TypeFamily::Other) => format!("Unsupported({})", quote(&column.type_name)),
        };
        let is_key = table.primary_key.len() == 1 && table.primary_key[0].eq_ignore_ascii_case(&column.name);
        if column.nullable && !is_key {
            text.push('?');
        }
        if is_key {
            text.push_str(" @id");
        }
        for index in table.indexes.iter().filter(|index| index.unique && !index.special && !is_key) {
            if let [only] = index.columns.as_slice()
                && !only.descending
                && only.name.eq_ignore_ascii_case(&column.name)
            {
                let map = index_map(index, &format!("{}_{}_key", table.name, column.name));
                text.push_str(&map.map_or(" @unique".to_owned(), |map| format!(" @unique({map})")));
                break;
            }
        }
        // A key that refers to another row is given, not counted.
        let refers = table.foreign_keys.iter().any(|key| key.columns.contains(&column.name));
        let is_counted =
            is_key && column.type_name.eq_ignore_ascii_case("INTEGER") && (!refers || column.autoincrement);
        if let Some(default) = self.default(model, column, known, family, is_counted) {
            text.push_str(&format!(" @default({default})"));
        }
        if known.is_some_and(|field| field.updated_at) && family == TypeFamily::Scalar(ScalarType::DateTime) {
            text.push_str(" @updatedAt");
        }
        if name != column.name {
            text.push_str(&format!(" @map({})", quote(&column.name)));
        }
        if known.is_some_and(|field| field.ignored) {
            text.push_str(" @ignore");
        }
        text
    }

    fn default(
        &self,
        model: &PulledModel<'_>,
        column: &Column,
        known: Option<&Field>,
        family: TypeFamily,
        is_counted: bool,
    ) -> Option<String> {
        let client = |default: &DefaultValue| {
            Some(match default {
                DefaultValue::Cuid(1) => "cuid()".to_owned(),
                DefaultValue::Cuid(version) => format!("cuid({version})"),
                DefaultValue::Uuid(4) => "uuid()".to_owned(),
                DefaultValue::Uuid(version) => format!("uuid({version})"),
                DefaultValue::Ulid => "ulid()".to_owned(),
                DefaultValue::NanoId(21) => "nanoid()".to_owned(),
                DefaultValue::NanoId(length) => format!("nanoid({length})"),
                DefaultValue::AutoIncrement => "autoincrement()".to_owned(),
                _ => return None,
            })
        };
        let Some(default) = &column.default else {
            let kept = known.and_then(|field| field.default.as_ref()).and_then(client);
            let is_text = family == TypeFamily::Scalar(ScalarType::String);
            return match kept {
                Some(kept) if (kept == "autoincrement()") == is_counted && (is_text || is_counted) => Some(kept),
                // Known without one: the id was meant to be given.
                None if known.is_some() => None,
                _ => is_counted.then(|| "autoincrement()".to_owned()),
            };
        };
        let raw = || format!("dbgenerated({})", quote(&default.to_string()));
        Some(match (default, family) {
            (ColumnDefault::Clock(clock), TypeFamily::Scalar(ScalarType::DateTime)) if clock == "CURRENT_TIMESTAMP" => {
                "now()".to_owned()
            }
            (ColumnDefault::Literal(sql), TypeFamily::Scalar(scalar)) => {
                let text =
                    sql.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).map(|text| text.replace("''", "'"));
                let number = text.is_none().then(|| sql.trim_start_matches('+'));
                match (scalar, number, text) {
                    (ScalarType::String, None, Some(text)) => match self.enum_of(model, column) {
                        Some(name) => {
                            let known = self.known?;
                            let one = known.enums.iter().find(|one| one.name == name)?;
                            match one.values.iter().find(|value| value.db_name == text) {
                                Some(value) => value.name.clone(),
                                None => return Some(raw()),
                            }
                        }
                        None => quote(&text),
                    },
                    (ScalarType::Json, None, Some(text)) => quote(&text),
                    (ScalarType::Int, Some(number), _) if number.parse::<i32>().is_ok() => number.to_owned(),
                    (ScalarType::BigInt, Some(number), _) if number.parse::<i64>().is_ok() => number.to_owned(),
                    (ScalarType::Float | ScalarType::Decimal, Some(number), _)
                        if number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
                            && number.parse::<f64>().is_ok() =>
                    {
                        number.to_owned()
                    }
                    (ScalarType::Boolean, Some("true" | "1"), _) => "true".to_owned(),
                    (ScalarType::Boolean, Some("false" | "0"), _) => "false".to_owned(),
                    _ => raw(),
                }
            }
            _ => raw(),
        })
    }
}

fn index_attribute(table: &Table, model: &PulledModel<'_>, index: &TableIndex) -> String {
    let parts: Vec<String> = index
        .columns
        .iter()
        .filter_map(|column| {
            let field = field_of(&model.fields, &column.name)?;
            Some(if column.descending { format!("{field}(sort: Desc)") } else { field })
        })
        .collect();
    let columns: Vec<&str> = index.columns.iter().map(|column| column.name.as_str()).collect();
    let suffix = if index.unique { "key" } else { "idx" };
    let map = index_map(index, &format!("{}_{}_{suffix}", table.name, columns.join("_")));
    let name = model.known.filter(|_| index.unique).and_then(|known| {
        let known = known.uniques.iter().find(|unique| unique.db_name == index.name)?;
        let default: Vec<String> = columns.iter().filter_map(|column| field_of(&model.fields, column)).collect();
        (known.name != default.join("_")).then(|| format!("name: {}", quote(&known.name)))
    });
    let more: String = name.into_iter().chain(map).map(|part| format!(", {part}")).collect();
    format!("@@{}([{}]{more})", if index.unique { "unique" } else { "index" }, parts.join(", "))
}

/// Returns `map: "name"` for an index whose name is not Prisma's own.
fn index_map(index: &TableIndex, default: &str) -> Option<String> {
    (index.name != default && !index.is_constraint()).then(|| format!("map: {}", quote(&index.name)))
}

/// Tells whether a table joins two others as an m-n relation's does.
fn is_join_table(table: &Table, layout: &Layout) -> bool {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    let leads = |column: &str| {
        table.foreign_keys.iter().any(|key| {
            let target = layout.table(&key.table);
            key.columns == [column]
                && key.on_delete == ReferentialAction::Cascade
                && target.is_some_and(|target| {
                    key.references.len() == 1
                        && (target.primary_key == key.references
                            || target.primary_key.is_empty()
                                && target.indexes.iter().any(|index| is_identity(target, index)))
                })
        })
    };
    table.name.starts_with('_')
        && columns == ["A", "B"]
        && table.primary_key.is_empty()
        && leads("A")
        && leads("B")
        && table.indexes.iter().any(|index| index.unique && index.columns.len() == 2)
}

fn is_identity(table: &Table, index: &TableIndex) -> bool {
    let required = |name: &str| table.column(name).is_some_and(|column| !column.nullable);
    index.unique && !index.special && index.columns.iter().all(|column| required(&column.name))
}

fn known_field<'a>(model: &'a Model, column: &Column) -> Option<&'a Field> {
    model
        .columns()
        .map(|(_, field)| field)
        .find(|field| field.column.eq_ignore_ascii_case(&column.name) && field.arity != Arity::List)
}

fn field_of(fields: &[(&Column, String)], column: &str) -> Option<String> {
    fields.iter().find(|(other, _)| other.name.eq_ignore_ascii_case(column)).map(|(_, name)| name.clone())
}

/// Names the field of a foreign key: `authorId` leads to `author`.
fn front_name(fields: &[String], parent: &str) -> String {
    if let [only] = fields
        && let Some(name) =
            ["_id", "Id", "ID"].iter().find_map(|suffix| only.strip_suffix(suffix)).filter(|name| !name.is_empty())
    {
        return name.to_owned();
    }
    lower_first(parent)
}

fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or(String::new(), |first| first.to_lowercase().chain(characters).collect())
}

/// Makes a name of letters, digits and `_` that begins with a letter.
fn identifier(name: &str, fallback: &str) -> String {
    let kept: String =
        name.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { '_' }).collect();
    let kept = kept.trim_start_matches(|first: char| !first.is_ascii_alphabetic());
    if kept.is_empty() { fallback.to_owned() } else { kept.to_owned() }
}

/// Takes a name, or the next one that is free.
fn free(name: String, taken: &mut BTreeSet<String>) -> String {
    let name = (1..)
        .map(|number| if number == 1 { name.clone() } else { format!("{name}_{number}") })
        .find(|name| !taken.contains(name))
        .expect("one of the names is free");
    taken.insert(name.clone());
    name
}

fn doc_lines(doc: Option<&str>) -> String {
    // What was renamed is renamed, and what is unusable is looked at again.
    let is_past = |line: &&str| line.trim_start().starts_with("@renamed-from") || line.trim() == UNUSABLE;
    let lines = doc.into_iter().flat_map(str::lines).filter(|line| !is_past(line));
    lines.map(|line| format!("/// {line}\n")).collect()
}

/// Writes a string of the schema language.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if (control as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", control as u32)),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
