//! The Prisma schema language for SQLite: text in, a checked [`Schema`] and diagnostics out.
//!
//! Several files make one schema; [`merge`] writes it as one file, [`format`](fn@format) a file anew. Parsing recovers from every fault, so that all of them are named at once.
//! This module knows nothing of queries, SQL text or files.

mod arguments;
mod ast;
mod check;
mod default;
mod format;
mod keep;
mod keys;
mod lex;
mod parse;
mod relations;
mod resolve;

pub use format::{format, merge};
pub use keep::keep;

use rustc_hash::FxHashMap;

use crate::diag::{Diagnostic, Diagnostics, Severity, Source, SourceId, Sources, Span, closest};

/// The handle of a model: its index in [`Schema::models`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId(pub u32);

/// The handle of a field: its index in [`Model::fields`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u32);

/// The handle of an enum: its index in [`Schema::enums`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumId(pub u32);

/// The handle of a relation: its index in [`Schema::relations`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelationId(pub u32);

/// A whole checked schema.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The models, in the order of their text.
    pub models: Vec<Model>,
    /// The enums, in the order of their text.
    pub enums: Vec<Enum>,
    /// The relations, in the order of their first field.
    pub relations: Vec<Relation>,
    /// Whether relations are foreign keys in the database; false with `relationMode = "prisma"`.
    pub foreign_keys: bool,
    /// Model name to handle.
    pub(crate) model_names: FxHashMap<String, ModelId>,
    /// Accessor (and readable accessor) to handle.
    pub(crate) accessors: FxHashMap<String, ModelId>,
    /// The names and texts of its files.
    texts: Vec<Source>,
}

/// A model and its table.
#[derive(Debug, Clone)]
pub struct Model {
    /// Its name in the schema.
    pub name: String,
    /// The table's name in the database.
    pub table: String,
    /// The client's name: the first letter in lower case.
    pub accessor: String,
    /// The text of its doc comment.
    pub doc: Option<String>,
    /// Its fields, in the order of their text.
    pub fields: Vec<Field>,
    /// `@id` or `@@id`.
    pub primary_key: Option<Key>,
    /// `@unique` and `@@unique`, field attributes first, each in the order of the text.
    pub uniques: Vec<Index>,
    /// `@@index`, in the order of the text.
    pub indexes: Vec<Index>,
    /// `@@ignore`: in the database, not in the client.
    pub ignored: bool,
    /// Where its name stands.
    pub span: Span,
    pub(crate) field_names: FxHashMap<String, FieldId>,
}

/// A primary key.
#[derive(Debug, Clone)]
pub struct Key {
    /// The fields of the key, in order, with their sort order in the database.
    pub fields: Vec<IndexField>,
    /// The name in unique filters: `name:` of `@@id`, else the fields joined with `_`.
    pub name: String,
}

/// A unique key or an index.
#[derive(Debug, Clone)]
pub struct Index {
    /// The indexed fields, in order.
    pub fields: Vec<IndexField>,
    /// The name in unique filters: `name:` of `@@unique`, else the fields joined with `_`. Of no use for a plain index.
    pub name: String,
    /// The index's name in the database.
    pub db_name: String,
    /// Where the attribute stands.
    pub span: Span,
}

/// A field in a key or an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexField {
    /// The field.
    pub field: FieldId,
    /// `sort: Desc`.
    pub descending: bool,
}

/// A field of a model.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name in the schema.
    pub name: String,
    /// The column's name; a relation field's own name.
    pub column: String,
    /// The text of its doc comment.
    pub doc: Option<String>,
    /// What it holds.
    pub kind: FieldKind,
    /// How many of them.
    pub arity: Arity,
    /// `@default`.
    pub default: Option<DefaultValue>,
    /// `@updatedAt`.
    pub updated_at: bool,
    /// `@ignore`: in the database, not in the client.
    pub ignored: bool,
    /// Where its name stands.
    pub span: Span,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldKind {
    /// One of Prisma's scalar types.
    Scalar(ScalarType),
    /// A value of an enum.
    Enum(EnumId),
    /// The other side of a relation.
    Relation(RelationField),
    /// `Unsupported("...")`: in the database with that type, not in the client.
    Unsupported(String),
}

/// Prisma's scalar types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScalarType {
    /// UTF-8 text.
    String,
    /// 32 bits in Prisma; SQLite holds 64.
    Int,
    /// 64 bits.
    BigInt,
    /// A double.
    Float,
    /// true or false.
    Boolean,
    /// An instant with milliseconds.
    DateTime,
    /// A JSON value.
    Json,
    /// A byte string.
    Bytes,
    /// A decimal number.
    Decimal,
}

/// How many values a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arity {
    /// Exactly one.
    Required,
    /// One or none.
    Optional,
    /// A list of related records.
    List,
}

/// A relation field's own side of its relation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationField {
    /// The relation.
    pub relation: RelationId,
    /// The model on the other side.
    pub target: ModelId,
    /// The field on the other side.
    pub opposite: FieldId,
    /// The foreign key's own columns, when this side holds it; else empty.
    pub fields: Vec<FieldId>,
    /// What they refer to in `target`; else empty.
    pub references: Vec<FieldId>,
}

/// A relation, seen from above.
#[derive(Debug, Clone)]
pub struct Relation {
    /// `@relation("name")`, else Prisma's own name: the two models in alphabetical order joined with `To`.
    pub name: String,
    /// How many on each side.
    pub kind: RelationKind,
    /// The side with the foreign key (model and relation field); of an m-n relation side A: the model that comes first in the
    /// alphabet, for a self relation the field that does.
    pub from: (ModelId, FieldId),
    /// The other side; of an m-n relation side B.
    pub to: (ModelId, FieldId),
    /// The foreign key's columns on `from`; empty for m-n.
    pub fields: Vec<FieldId>,
    /// What they refer to on `to`; empty for m-n.
    pub references: Vec<FieldId>,
    /// What happens to `from` rows when their `to` row goes. Prisma's default is filled in.
    pub on_delete: ReferentialAction,
    /// What happens to `from` rows when the key of their `to` row changes. Prisma's default is filled in.
    pub on_update: ReferentialAction,
    /// The name of the foreign key constraint; for m-n the join table's name (`_CategoryToPost`).
    pub db_name: String,
}

/// How many records stand on each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// 1-1.
    OneToOne,
    /// 1-n: one `to`, many `from`.
    OneToMany,
    /// m-n, through a join table of columns A and B.
    ManyToMany,
}

/// What a foreign key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReferentialAction {
    /// CASCADE.
    Cascade,
    /// RESTRICT.
    Restrict,
    /// NO ACTION.
    NoAction,
    /// SET NULL.
    SetNull,
    /// SET DEFAULT.
    SetDefault,
}

/// `@default(...)`.
#[derive(Debug, Clone, PartialEq)]
pub enum DefaultValue {
    /// Text of a String, or of a Json default.
    String(String),
    /// An Int or BigInt.
    Int(i64),
    /// A Float or Decimal, as written.
    Number(String),
    /// A Boolean.
    Boolean(bool),
    /// A DateTime, as written (RFC 3339).
    DateTime(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An enum's value: its index in [`Enum::values`].
    Enum(usize),
    /// `autoincrement()`.
    AutoIncrement,
    /// `now()`.
    Now,
    /// `cuid()` (1) or `cuid(2)`.
    Cuid(u8),
    /// `uuid()` (4) or `uuid(7)`.
    Uuid(u8),
    /// `ulid()`.
    Ulid,
    /// `nanoid(n)`; 21 when not given.
    NanoId(u8),
    /// `dbgenerated("sql")`; the SQL, None when not given.
    DbGenerated(Option<String>),
}

/// An enum.
#[derive(Debug, Clone)]
pub struct Enum {
    /// Its name.
    pub name: String,
    /// The text of its doc comment.
    pub doc: Option<String>,
    /// Its values, in order.
    pub values: Vec<EnumValue>,
    /// Where its name stands.
    pub span: Span,
}

/// A value of an enum.
#[derive(Debug, Clone)]
pub struct EnumValue {
    /// The client's name.
    pub name: String,
    /// The name in the database (`@map`).
    pub db_name: String,
}

impl Default for Schema {
    /// Makes a schema without models.
    fn default() -> Self {
        Self {
            models: Vec::new(),
            enums: Vec::new(),
            relations: Vec::new(),
            foreign_keys: true,
            model_names: FxHashMap::default(),
            accessors: FxHashMap::default(),
            texts: Vec::new(),
        }
    }
}

impl Schema {
    /// Reads files as one schema.
    ///
    /// The schema holds what could be understood; it is whole when there are no errors.
    /// Each fault is told once, in the order of the files and their text.
    pub fn parse(sources: &Sources, files: &[SourceId]) -> (Self, Diagnostics) {
        let mut faults = Faults::default();
        let files: Vec<ast::File> = files.iter().map(|source| parse::parse(sources, *source, &mut faults)).collect();
        let mut schema = resolve::resolve(&files, &mut faults);
        schema.texts = files.iter().map(|file| sources.get(file.source).clone()).collect();
        let order: Vec<SourceId> = files.iter().map(|file| file.source).collect();
        (schema, faults.finish(&order))
    }

    /// Reads one text as a schema; fails when there are errors.
    ///
    /// # Errors
    /// Returns the findings with the source that they point into.
    pub fn parse_text(name: &str, text: &str) -> Result<Self, (Sources, Diagnostics)> {
        let mut sources = Sources::new();
        let source = sources.add(name, text);
        let (schema, diagnostics) = Self::parse(&sources, &[source]);
        if diagnostics.has_errors() { Err((sources, diagnostics)) } else { Ok(schema) }
    }

    /// Returns the files that it was read from: whoever has them can make the same schema.
    pub fn texts(&self) -> &[Source] {
        &self.texts
    }

    /// Finds a model by its name in the schema.
    pub fn model_named(&self, name: &str) -> Option<ModelId> {
        self.model_names.get(name).copied()
    }

    /// Finds a model by the client's name: `auditLog`, `cSSTheme`, or the readable `cssTheme`.
    pub fn model_by_accessor(&self, accessor: &str) -> Option<ModelId> {
        self.accessors.get(accessor).copied()
    }

    /// Returns all names that the client finds a model by, sorted.
    pub fn accessors_of(&self, id: ModelId) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.accessors.iter().filter(|(_, known)| **known == id).map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    /// Returns the client's name of a model that is most like a name that no model has.
    pub fn nearest_model(&self, name: &str) -> Option<&str> {
        closest(name, self.client_models().map(|(_, model)| model.accessor.as_str()))
    }

    /// Returns a model.
    pub fn model(&self, id: ModelId) -> &Model {
        &self.models[id.0 as usize]
    }

    /// Returns a field.
    pub fn field(&self, model: ModelId, field: FieldId) -> &Field {
        self.model(model).field(field)
    }

    /// Returns an enum.
    pub fn enumeration(&self, id: EnumId) -> &Enum {
        &self.enums[id.0 as usize]
    }

    /// Returns a relation.
    pub fn relation(&self, id: RelationId) -> &Relation {
        &self.relations[id.0 as usize]
    }

    /// Returns the models that the client shows, with their handles.
    pub fn client_models(&self) -> impl Iterator<Item = (ModelId, &Model)> {
        self.models
            .iter()
            .enumerate()
            .filter(|(_, model)| !model.ignored)
            .map(|(index, model)| (ModelId(index as u32), model))
    }
}

impl Model {
    /// Returns a field.
    pub fn field(&self, id: FieldId) -> &Field {
        &self.fields[id.0 as usize]
    }

    /// Finds a field by its name.
    pub fn field_named(&self, name: &str) -> Option<FieldId> {
        self.field_names.get(name).copied()
    }

    /// Returns the scalar and enum fields that the client shows, in order.
    pub fn scalars(&self) -> impl Iterator<Item = (FieldId, &Field)> {
        self.all_fields()
            .filter(|(_, field)| !field.ignored && matches!(field.kind, FieldKind::Scalar(_) | FieldKind::Enum(_)))
    }

    /// Returns the relation fields that the client shows, in order.
    pub fn relations(&self) -> impl Iterator<Item = (FieldId, &Field, &RelationField)> {
        self.all_fields().filter_map(|(id, field)| match &field.kind {
            FieldKind::Relation(relation) if !field.ignored => Some((id, field, relation)),
            _ => None,
        })
    }

    /// Returns the fields that have a column: everything but relation fields.
    pub fn columns(&self) -> impl Iterator<Item = (FieldId, &Field)> {
        self.all_fields().filter(|(_, field)| !matches!(field.kind, FieldKind::Relation(_)))
    }

    fn all_fields(&self) -> impl Iterator<Item = (FieldId, &Field)> {
        self.fields.iter().enumerate().map(|(index, field)| (FieldId(index as u32), field))
    }

    /// Returns the fields that identify a row: the primary key, else the first unique key of required fields only.
    pub fn identity(&self) -> Vec<FieldId> {
        let fields = match &self.primary_key {
            Some(key) => &key.fields,
            None => match self
                .uniques
                .iter()
                .find(|unique| unique.fields.iter().all(|part| self.field(part.field).arity == Arity::Required))
            {
                Some(unique) => &unique.fields,
                None => return Vec::new(),
            },
        };
        fields.iter().map(|part| part.field).collect()
    }
}

impl ScalarType {
    /// All of them, in Prisma's order.
    pub const ALL: [ScalarType; 9] = [
        ScalarType::String,
        ScalarType::Boolean,
        ScalarType::Int,
        ScalarType::BigInt,
        ScalarType::Float,
        ScalarType::Decimal,
        ScalarType::DateTime,
        ScalarType::Json,
        ScalarType::Bytes,
    ];

    /// Returns the name in the schema.
    pub fn name(self) -> &'static str {
        match self {
            ScalarType::String => "String",
            ScalarType::Int => "Int",
            ScalarType::BigInt => "BigInt",
            ScalarType::Float => "Float",
            ScalarType::Boolean => "Boolean",
            ScalarType::DateTime => "DateTime",
            ScalarType::Json => "Json",
            ScalarType::Bytes => "Bytes",
            ScalarType::Decimal => "Decimal",
        }
    }

    /// Finds a scalar type by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scalar| scalar.name() == name)
    }
}

impl Field {
    /// Returns the relation of a relation field.
    pub fn relation(&self) -> Option<&RelationField> {
        match &self.kind {
            FieldKind::Relation(relation) => Some(relation),
            _ => None,
        }
    }

    /// Returns the scalar type of a scalar field.
    pub fn scalar(&self) -> Option<ScalarType> {
        match self.kind {
            FieldKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Tells whether NULL may stand here.
    pub fn is_optional(&self) -> bool {
        self.arity == Arity::Optional
    }
}

/// Collects faults while a schema is read.
#[derive(Default)]
pub(crate) struct Faults {
    list: Vec<Diagnostic>,
}

/// How many findings are kept: a text that is no schema at all would fill the memory with them.
const MAX_FAULTS: usize = 1000;

impl Faults {
    fn push(&mut self, diagnostic: Diagnostic) {
        if !self.is_full() {
            self.list.push(diagnostic);
        }
    }

    /// Tells whether further findings would be dropped.
    fn is_full(&self) -> bool {
        self.list.len() >= MAX_FAULTS
    }

    /// Finds the candidate that was probably meant. Gives up on texts with very many names or faults.
    fn closest<'a>(&self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        match self.list.len() < 100 {
            true => crate::diag::closest(name, candidates.into_iter().take(500)),
            false => None,
        }
    }

    /// Returns the findings in the order of the files and their text.
    fn finish(mut self, order: &[SourceId]) -> Diagnostics {
        self.list.sort_by_key(|diagnostic| {
            diagnostic.span.map(|span| {
                let file = order.iter().position(|source| *source == span.source);
                (file, span.start, diagnostic.severity == Severity::Warning)
            })
        });
        let mut diagnostics = Diagnostics::new();
        for diagnostic in self.list {
            diagnostics.push(diagnostic);
        }
        diagnostics
    }
}
