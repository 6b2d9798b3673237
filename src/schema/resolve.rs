//! Trees to a [`Schema`]: names, types, attributes and relations.
//!
//! A fault quarantines its own field, key or relation: the rest resolves as if the faulty part were right, so that no
//! fault breeds another.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::diag::{Diagnostic, Span};
use crate::schema::arguments::{Arguments, Signature};
use crate::schema::ast::{Attribute, Block, BlockKind, Expression, ExpressionKind, FieldNode, File, TypeArity};
use crate::schema::check;
use crate::schema::default::{Target, read_default};
use crate::schema::keys::{KeyDraft, Keys};
use crate::schema::relations::{self, RelationAttribute};
use crate::schema::{
    Arity, DefaultValue, Enum, EnumId, EnumValue, Faults, Field, FieldId, FieldKind, Index, IndexField, Key, Model,
    ModelId, Relation, RelationField, RelationId, ScalarType, Schema,
};

/// A model on its way: fields keep their places in the text, also those that turn out faulty.
pub(crate) struct ModelDraft<'a> {
    pub(crate) block: &'a Block,
    pub(crate) table: String,
    pub(crate) fields: Vec<FieldDraft<'a>>,
    pub(crate) names: FxHashMap<&'a str, usize>,
    pub(crate) keys: Keys,
    pub(crate) ignored: bool,
    /// Whether some of it could not be understood, so that what seems to be missing may be there.
    pub(crate) broken: bool,
}

/// A field on its way.
pub(crate) struct FieldDraft<'a> {
    pub(crate) node: &'a FieldNode,
    pub(crate) kind: DraftKind,
    pub(crate) arity: Arity,
    pub(crate) column: String,
    pub(crate) default: Option<DefaultValue>,
    /// Where `@default` stands.
    pub(crate) default_span: Option<Span>,
    pub(crate) updated_at: bool,
    pub(crate) ignored: bool,
    pub(crate) relation: RelationAttribute,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DraftKind {
    Scalar(ScalarType),
    Enum(EnumId),
    /// A model, by its index.
    Relation(usize),
    Unsupported(String),
    /// Its fault is told.
    Faulty,
}

/// What a name at the top of a file stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Named {
    Model(usize),
    Enum(EnumId),
    /// Something whose fault is told.
    Faulty,
}

impl FieldDraft<'_> {
    /// Tells whether the field has a column.
    pub(crate) fn is_column(&self) -> bool {
        matches!(self.kind, DraftKind::Scalar(_) | DraftKind::Enum(_) | DraftKind::Unsupported(_))
    }

    /// Tells whether the field refers to a model.
    pub(crate) fn is_relation(&self) -> bool {
        matches!(self.kind, DraftKind::Relation(_))
    }

    pub(crate) fn name(&self) -> &str {
        &self.node.name.text
    }
}

impl ModelDraft<'_> {
    pub(crate) fn name(&self) -> &str {
        &self.block.name.text
    }

    /// Returns the names of fields, joined.
    pub(crate) fn field_names(&self, fields: impl IntoIterator<Item = usize>, separator: &str) -> String {
        fields.into_iter().map(|field| self.fields[field].name()).collect::<Vec<_>>().join(separator)
    }

    /// Returns the columns of fields, joined with `_`.
    pub(crate) fn columns(&self, fields: impl IntoIterator<Item = usize>) -> String {
        fields.into_iter().map(|field| self.fields[field].column.as_str()).collect::<Vec<_>>().join("_")
    }
}

/// Resolves all files as one schema.
pub(crate) fn resolve(files: &[File], faults: &mut Faults) -> Schema {
    let blocks = || files.iter().flat_map(|file| &file.blocks);
    let foreign_keys = check::check_configuration(blocks(), faults);
    let mut resolver = Resolver {
        faults,
        names: FxHashMap::default(),
        enum_tables: FxHashMap::default(),
        models: Vec::new(),
        enums: Vec::new(),
    };
    resolver.declare(blocks());
    resolver.type_fields();
    resolver.field_attributes();
    resolver.block_attributes();
    let Resolver { faults, models, enums, .. } = resolver;
    check::check_columns(&models, faults);
    if !foreign_keys {
        relations::check_emulated_actions(&models, faults);
    }
    let relations = relations::relate(&models, faults);
    if !foreign_keys {
        relations::check_circular_actions(&models, &relations, faults);
    }
    check::check_models(&models, &relations, faults);
    build(models, enums, relations, foreign_keys)
}

struct Resolver<'a, 'f> {
    faults: &'f mut Faults,
    names: FxHashMap<&'a str, (Named, &'a Block)>,
    enum_tables: FxHashMap<&'a str, &'a Block>,
    models: Vec<ModelDraft<'a>>,
    enums: Vec<Enum>,
}

impl<'a> Resolver<'a, '_> {
    /// Gives every model and enum its place, and tells names that are taken or reserved.
    fn declare(&mut self, blocks: impl Iterator<Item = &'a Block>) {
        for block in blocks {
            if matches!(block.kind, BlockKind::Datasource | BlockKind::Generator) {
                continue;
            }
            let name = block.name.text.as_str();
            check::check_block_name(block, self.faults);
            if let Some((_, first)) = self.names.get(name) {
                if block.kind != BlockKind::Unknown && first.kind != BlockKind::Unknown {
                    self.faults.push(check::duplicate_block(block, first));
                }
                continue;
            }
            let named = match block.kind {
                BlockKind::Model => {
                    self.models.push(ModelDraft::new(block));
                    Named::Model(self.models.len() - 1)
                }
                BlockKind::Enum => {
                    let id = EnumId(self.enums.len() as u32);
                    let enumeration = self.enumeration(block);
                    let mapped = block.attributes.iter().find(|attribute| attribute.name == "map");
                    self.check_enum_table(block, mapped);
                    self.enums.push(enumeration);
                    Named::Enum(id)
                }
                BlockKind::View => {
                    self.faults.push(
                        Diagnostic::error("view", "views are not supported")
                            .at(block.head)
                            .help("make it a model, or leave it out; a view can be read with `queryRaw`"),
                    );
                    Named::Faulty
                }
                BlockKind::Type => {
                    self.faults.push(
                        Diagnostic::error("composite_type", "composite types are not supported by SQLite")
                            .at(block.head)
                            .help("make it a model with a relation, or store it in a `Json` field"),
                    );
                    Named::Faulty
                }
                BlockKind::Unknown | BlockKind::Datasource | BlockKind::Generator => Named::Faulty,
            };
            self.names.insert(name, (named, block));
        }
    }

    fn enumeration(&mut self, block: &Block) -> Enum {
        if block.values.is_empty() && !block.broken {
            self.faults.push(
                Diagnostic::error("empty_enum", format!("enum `{}` has no values", block.name.text))
                    .at(block.name.span)
                    .help("write at least one value, on a line of its own"),
            );
        }
        let mut values: Vec<EnumValue> = Vec::new();
        let mut seen: FxHashSet<&str> = FxHashSet::default();
        for node in &block.values {
            let name = &node.name;
            check::check_name(name, "an enum value", self.faults);
            if !seen.insert(&name.text) {
                self.faults.push(
                    Diagnostic::error(
                        "duplicate_enum_value",
                        format!("enum `{}` has two values `{}`", block.name.text, name.text),
                    )
                    .at(name.span)
                    .help("remove or rename one of them"),
                );
                continue;
            }
            let mut value = EnumValue { name: name.text.clone(), db_name: name.text.clone() };
            let mut mapped = false;
            for attribute in &node.attributes {
                match attribute.name.as_str() {
                    "map" if mapped => self.faults.push(duplicate_attribute("@map", attribute)),
                    "map" => {
                        mapped = true;
                        if let Some(name) = self.map(&FIELD_MAP, attribute) {
                            value.db_name = name;
                        }
                    }
                    _ => self.faults.push(unknown_attribute(attribute, "@", &["map"])),
                }
            }
            values.push(value);
        }
        check::check_enum_names(block, &values, self.faults);
        let mut mapped = false;
        for attribute in &block.attributes {
            match attribute.name.as_str() {
                "map" if mapped => self.faults.push(duplicate_attribute("@@map", attribute)),
                // SQLite has no enum types, so the type's name in the database is checked and dropped.
                "map" => {
                    mapped = true;
                    self.map(&BLOCK_MAP, attribute);
                }
                "schema" => self.faults.push(multi_schema(attribute)),
                _ => self.faults.push(unknown_attribute(attribute, "@@", &["map"])),
            }
        }
        Enum { name: block.name.text.clone(), doc: block.doc.clone(), values, span: block.name.span }
    }

    /// SQLite has no enum types, but other databases do: their names must differ.
    fn check_enum_table(&mut self, block: &'a Block, mapped: Option<&'a Attribute>) {
        let name = mapped.and_then(|attribute| attribute.arguments.first()?.value.as_ref());
        let name = match name.map(|value| &value.kind) {
            Some(ExpressionKind::String(name)) => name.as_str(),
            _ => block.name.text.as_str(),
        };
        if let Some(first) = self.enum_tables.insert(name, block) {
            self.faults.push(
                Diagnostic::error(
                    "duplicate_enum",
                    format!(
                        "the enums `{}` and `{}` are both `{name}` in the database",
                        first.name.text, block.name.text
                    ),
                )
                .at(block.name.span)
                .help("map them to different names, or remove `@@map`"),
            );
        }
    }

    fn map(&mut self, signature: &Signature, attribute: &Attribute) -> Option<String> {
        let arguments = Arguments::bind(signature, attribute, self.faults)?;
        if arguments.get("name").is_none() {
            if attribute.arguments.is_empty() {
                self.faults.push(missing_argument(signature.name, "name", "the name in the database", attribute));
            }
            return None;
        }
        arguments.string("name", self.faults).map(|(name, _)| name.to_owned())
    }

    /// Resolves the type of every field.
    fn type_fields(&mut self) {
        for index in 0..self.models.len() {
            let block = self.models[index].block;
            for node in &block.fields {
                check::check_name(&node.name, "a field", self.faults);
                let model = &mut self.models[index];
                if let Some(first) = model.names.get(node.name.text.as_str()) {
                    let first = model.fields[*first].node.name.span;
                    self.faults.push(check::duplicate_field(block, node, first));
                    continue;
                }
                model.names.insert(&node.name.text, model.fields.len());
                let draft = self.type_field(node);
                let model = &mut self.models[index];
                model.broken |= draft.kind == DraftKind::Faulty;
                model.fields.push(draft);
            }
        }
    }

    fn type_field(&mut self, node: &'a FieldNode) -> FieldDraft<'a> {
        let mut draft = FieldDraft {
            node,
            kind: DraftKind::Faulty,
            arity: Arity::Required,
            column: node.name.text.clone(),
            default: None,
            default_span: None,
            updated_at: false,
            ignored: false,
            relation: RelationAttribute::default(),
        };
        let Some(type_) = &node.type_ else {
            return draft;
        };
        draft.arity = match type_.arity {
            TypeArity::Required => Arity::Required,
            TypeArity::Optional => Arity::Optional,
            TypeArity::List => Arity::List,
        };
        let name = type_.name.text.as_str();
        draft.kind = if let Some(text) = &type_.unsupported {
            DraftKind::Unsupported(text.clone())
        } else if let Some(scalar) = ScalarType::named(name) {
            DraftKind::Scalar(scalar)
        } else {
            match self.names.get(name) {
                Some((Named::Model(model), _)) => DraftKind::Relation(*model),
                Some((Named::Enum(id), _)) => DraftKind::Enum(*id),
                Some((Named::Faulty, _)) => DraftKind::Faulty,
                None => {
                    let scalars = ScalarType::ALL.iter().map(|scalar| scalar.name());
                    let models = self.models.iter().map(|model| model.block.name.text.as_str());
                    let enums = self.enums.iter().map(|enumeration| enumeration.name.as_str());
                    let near = self.faults.closest(name, scalars.chain(enums).chain(models));
                    let fault = Diagnostic::error("unknown_type", format!("unknown type `{name}`"))
                        .at(type_.name.span)
                        .label("not a scalar, an enum or a model");
                    self.faults.push(match near {
                        Some(near) => fault.help(format!("did you mean `{near}`?")),
                        None => fault,
                    });
                    DraftKind::Faulty
                }
            }
        };
        if draft.arity == Arity::List && draft.is_column() {
            self.faults.push(
                Diagnostic::error("scalar_list", format!("SQLite has no lists: `{}` cannot be a list", node.name.text))
                    .at(type_.name.span)
                    .label("only a model may be listed")
                    .help("store it in a `Json` field, or make a model with a relation"),
            );
            draft.kind = DraftKind::Faulty;
        }
        draft
    }

    fn field_attributes(&mut self) {
        for model in 0..self.models.len() {
            for field in 0..self.models[model].fields.len() {
                let node = self.models[model].fields[field].node;
                let mut seen: FxHashSet<&str> = FxHashSet::default();
                for attribute in &node.attributes {
                    let name = attribute.name.as_str();
                    if !seen.insert(name) && !name.is_empty() {
                        self.faults.push(duplicate_attribute(&format!("@{name}"), attribute));
                        continue;
                    }
                    self.field_attribute(model, field, attribute);
                }
            }
        }
    }

    fn field_attribute(&mut self, model: usize, field: usize, attribute: &'a Attribute) {
        let is_relation = self.models[model].fields[field].is_relation();
        let is_faulty = self.models[model].fields[field].kind == DraftKind::Faulty;
        let faults = &mut *self.faults;
        let draft = &mut self.models[model].fields[field];
        match attribute.name.as_str() {
            // A name that could not be read was told.
            "" => {}
            "id" | "unique" | "default" | "map" | "updatedAt" if is_relation => {
                faults.push(check::on_relation(draft, attribute));
                if attribute.name == "id" {
                    self.models[model].broken = true;
                }
            }
            "relation" if !is_relation => {
                if !is_faulty {
                    faults.push(
                        Diagnostic::error("not_a_relation", format!("`{}` does not refer to a model", draft.name()))
                            .at(attribute.span)
                            .label("`@relation` belongs to a field whose type is a model"),
                    );
                }
            }
            "relation" => draft.relation = RelationAttribute::read(attribute, faults),
            "id" | "unique" => self.models[model].field_key(field, attribute, faults),
            "default" => self.field_default(model, field, attribute),
            "updatedAt" => {
                Arguments::bind(&UPDATED_AT, attribute, faults);
                if !is_faulty && draft.kind != DraftKind::Scalar(ScalarType::DateTime) {
                    faults.push(
                        Diagnostic::error("wrong_type", "a field with `@updatedAt` must be a `DateTime`")
                            .at(attribute.span)
                            .help(format!("write `{} DateTime @updatedAt`", draft.name())),
                    );
                } else {
                    draft.updated_at = true;
                }
            }
            "map" => {
                if let Some(column) = self.map(&FIELD_MAP, attribute) {
                    self.models[model].fields[field].column = column;
                }
            }
            "ignore" => {
                Arguments::bind(&FIELD_IGNORE, attribute, faults);
                if matches!(draft.kind, DraftKind::Unsupported(_)) {
                    faults.push(
                        Diagnostic::error("needless_ignore", "an `Unsupported` field is ignored anyway")
                            .at(attribute.span)
                            .help("remove `@ignore`"),
                    );
                }
                draft.ignored = true;
            }
            name if name.contains('.') => faults.push(
                Diagnostic::error("native_type", format!("SQLite has no native types such as `@{name}`"))
                    .at(attribute.span)
                    .help("remove it"),
            ),
            _ => {
                let known = ["id", "unique", "default", "updatedAt", "map", "relation", "ignore"];
                faults.push(unknown_attribute(attribute, "@", &known));
            }
        }
    }

    fn field_default(&mut self, model: usize, field: usize, attribute: &'a Attribute) {
        let draft = &mut self.models[model].fields[field];
        draft.default_span = Some(attribute.span);
        let Some(arguments) = Arguments::bind(&DEFAULT, attribute, self.faults) else {
            return;
        };
        arguments.refuse(&["map"], &DEFAULT, self.faults);
        let Some(value) = arguments.get("value") else {
            if attribute.arguments.is_empty() {
                self.faults.push(missing_argument("@default", "value", "a value or a function", attribute));
            }
            return;
        };
        if let (ExpressionKind::List(_), false) = (&value.kind, draft.kind == DraftKind::Faulty) {
            self.faults.push(
                Diagnostic::error("wrong_type", format!("the default of `{}` cannot be a list", draft.name()))
                    .at(value.span)
                    .label("the field holds one value"),
            );
            return;
        }
        let target = match &draft.kind {
            DraftKind::Scalar(scalar) => Target::Scalar(*scalar),
            DraftKind::Enum(id) => Target::Enum(&self.enums[id.0 as usize]),
            DraftKind::Unsupported(_) => Target::Unsupported,
            DraftKind::Relation(_) | DraftKind::Faulty => return,
        };
        draft.default = read_default(&target, value, self.faults);
    }

    fn block_attributes(&mut self) {
        for model in &mut self.models {
            let faults = &mut *self.faults;
            let mut seen: FxHashMap<&str, &Attribute> = FxHashMap::default();
            let mut told: FxHashSet<&str> = FxHashSet::default();
            for attribute in &model.block.attributes {
                let name = attribute.name.as_str();
                if matches!(name, "id" | "map" | "ignore") {
                    if let Some(first) = seen.get(name) {
                        if told.insert(name) {
                            faults.push(duplicate_attribute(&format!("@@{name}"), first));
                        }
                        continue;
                    }
                    seen.insert(name, attribute);
                }
                match name {
                    "" => {}
                    "id" | "unique" | "index" => model.block_key(attribute, faults),
                    "map" => {
                        let arguments = Arguments::bind(&BLOCK_MAP, attribute, faults);
                        if let Some((table, _)) = arguments.and_then(|arguments| arguments.string("name", faults)) {
                            model.table = table.to_owned();
                        } else if attribute.arguments.is_empty() && !attribute.broken {
                            faults.push(missing_argument("@@map", "name", "the table's name", attribute));
                        }
                    }
                    "ignore" => {
                        Arguments::bind(&BLOCK_IGNORE, attribute, faults);
                        model.ignored = true;
                    }
                    "schema" => faults.push(multi_schema(attribute)),
                    "fulltext" | "shardKey" => faults.push(
                        Diagnostic::error("unsupported_attribute", format!("`@@{name}` is not supported by SQLite"))
                            .at(attribute.span)
                            .help("remove it"),
                    ),
                    _ => faults.push(unknown_attribute(attribute, "@@", &["id", "unique", "index", "map", "ignore"])),
                }
            }
        }
    }
}

pub(crate) const FIELD_MAP: Signature = Signature { name: "@map", unnamed: Some("name"), named: &[] };
pub(crate) const BLOCK_MAP: Signature = Signature { name: "@@map", unnamed: Some("name"), named: &[] };
const DEFAULT: Signature = Signature { name: "@default", unnamed: Some("value"), named: &["map"] };
const UPDATED_AT: Signature = Signature { name: "@updatedAt", unnamed: None, named: &[] };
const FIELD_IGNORE: Signature = Signature { name: "@ignore", unnamed: None, named: &[] };
const BLOCK_IGNORE: Signature = Signature { name: "@@ignore", unnamed: None, named: &[] };

fn duplicate_attribute(name: &str, attribute: &Attribute) -> Diagnostic {
    Diagnostic::error("duplicate_attribute", format!("`{name}` is given twice"))
        .at(attribute.span)
        .help("keep one of the two")
}

fn unknown_attribute(attribute: &Attribute, sign: &str, known: &[&str]) -> Diagnostic {
    let fault = Diagnostic::error("unknown_attribute", format!("unknown attribute `{sign}{}`", attribute.name))
        .at(attribute.span);
    match crate::diag::closest(&attribute.name, known.iter().copied()) {
        Some(near) => fault.help(format!("did you mean `{sign}{near}`?")),
        None => {
            let known: Vec<String> = known.iter().map(|name| format!("`{sign}{name}`")).collect();
            fault.label(format!("expected {}", known.join(", ")))
        }
    }
}

fn multi_schema(attribute: &Attribute) -> Diagnostic {
    Diagnostic::error("unsupported_attribute", "`@@schema` is not supported by SQLite")
        .at(attribute.span)
        .label("a database has one schema")
        .help("remove it")
}

pub(crate) fn missing_argument(attribute_name: &str, argument: &str, what: &str, attribute: &Attribute) -> Diagnostic {
    Diagnostic::error("missing_argument", format!("`{attribute_name}` needs `{argument}`: {what}")).at(attribute.span)
}

/// Makes the schema from what was understood.
fn build(
    models: Vec<ModelDraft<'_>>,
    enums: Vec<Enum>,
    relations: Vec<relations::RelationDraft>,
    foreign_keys: bool,
) -> Schema {
    // Faulty fields leave the schema, so the others move up.
    let mut related: FxHashMap<(usize, usize), (usize, bool)> = FxHashMap::default();
    for (index, relation) in relations.iter().enumerate() {
        related.insert(relation.from, (index, true));
        related.insert(relation.to, (index, false));
    }
    let ids: Vec<Vec<Option<FieldId>>> = models
        .iter()
        .enumerate()
        .map(|(model, draft)| {
            let mut next = 0;
            draft
                .fields
                .iter()
                .enumerate()
                .map(|(field, draft)| {
                    (draft.is_column() || related.contains_key(&(model, field))).then(|| {
                        next += 1;
                        FieldId(next - 1)
                    })
                })
                .collect()
        })
        .collect();
    let id_of = |model: usize, field: usize| ids[model][field].expect("keys and relations hold understood fields only");
    let ids_of =
        |model: usize, fields: &[usize]| -> Vec<FieldId> { fields.iter().map(|field| id_of(model, *field)).collect() };

    let mut schema = Schema { foreign_keys, ..Schema::default() };
    for (index, model) in models.iter().enumerate() {
        let mut fields = Vec::new();
        let mut field_names = FxHashMap::default();
        for (place, draft) in model.fields.iter().enumerate() {
            let Some(id) = ids[index][place] else { continue };
            let kind = match &draft.kind {
                DraftKind::Scalar(scalar) => FieldKind::Scalar(*scalar),
                DraftKind::Enum(id) => FieldKind::Enum(*id),
                DraftKind::Unsupported(text) => FieldKind::Unsupported(text.clone()),
                DraftKind::Relation(_) | DraftKind::Faulty => {
                    let (relation, is_from) = related[&(index, place)];
                    let draft = &relations[relation];
                    let (target, opposite) = if is_from { draft.to } else { draft.from };
                    FieldKind::Relation(RelationField {
                        relation: RelationId(relation as u32),
                        target: ModelId(target as u32),
                        opposite: id_of(target, opposite),
                        fields: if is_from { ids_of(index, &draft.fields) } else { Vec::new() },
                        references: if is_from { ids_of(target, &draft.references) } else { Vec::new() },
                    })
                }
            };
            field_names.insert(draft.name().to_owned(), id);
            fields.push(Field {
                name: draft.name().to_owned(),
                column: draft.column.clone(),
                doc: draft.node.doc.clone(),
                kind,
                arity: draft.arity,
                default: draft.default.clone(),
                updated_at: draft.updated_at,
                ignored: draft.ignored,
                span: draft.node.name.span,
            });
        }
        let index_fields = |key: &KeyDraft| -> Vec<IndexField> {
            key.fields
                .iter()
                .map(|(field, descending)| IndexField { field: id_of(index, *field), descending: *descending })
                .collect()
        };
        let client_name = |key: &KeyDraft| match &key.name {
            Some(name) => name.clone(),
            None => model.field_names(key.field_indexes(), "_"),
        };
        let to_index = |key: &KeyDraft| Index {
            fields: index_fields(key),
            name: client_name(key),
            db_name: key.db_name(model),
            span: key.span,
        };
        schema.model_names.insert(model.name().to_owned(), ModelId(index as u32));
        schema.models.push(Model {
            name: model.name().to_owned(),
            table: model.table.clone(),
            accessor: accessor(model.name()),
            doc: model.block.doc.clone(),
            primary_key: model
                .keys
                .primary
                .as_ref()
                .map(|key| Key { fields: index_fields(key), name: client_name(key) }),
            uniques: model.keys.uniques.iter().map(to_index).collect(),
            indexes: model.keys.indexes.iter().map(to_index).collect(),
            ignored: model.ignored,
            span: model.block.name.span,
            fields,
            field_names,
        });
    }
    schema.relations = relations
        .into_iter()
        .map(|draft| Relation {
            from: (ModelId(draft.from.0 as u32), id_of(draft.from.0, draft.from.1)),
            to: (ModelId(draft.to.0 as u32), id_of(draft.to.0, draft.to.1)),
            fields: ids_of(draft.from.0, &draft.fields),
            references: ids_of(draft.to.0, &draft.references),
            name: draft.name,
            kind: draft.kind,
            on_delete: draft.on_delete,
            on_update: draft.on_update,
            db_name: draft.db_name,
        })
        .collect();
    schema.enums = enums;
    name_accessors(&mut schema);
    schema
}

/// Every model answers to its accessor first; readable names take what is left.
fn name_accessors(schema: &mut Schema) {
    let models: Vec<(ModelId, String)> = schema.client_models().map(|(id, model)| (id, model.name.clone())).collect();
    for (id, name) in &models {
        schema.accessors.entry(accessor(name)).or_insert(*id);
    }
    for (id, name) in &models {
        schema.accessors.entry(readable_accessor(name)).or_insert(*id);
    }
}

/// Returns the client's name for a model: its first letter in lower case.
fn accessor(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// Returns the readable name for a model: a leading acronym in lower case, `CSSTheme` as `cssTheme`.
fn readable_accessor(name: &str) -> String {
    let capitals = name.chars().take_while(|character| character.is_uppercase()).count();
    let followed_by_letter = name.chars().nth(capitals).is_some_and(char::is_lowercase);
    // The last capital of `CSSTheme` begins the next word.
    let lower = if followed_by_letter { capitals.saturating_sub(1).max(1) } else { capitals.max(1) };
    name.chars()
        .enumerate()
        .flat_map(|(index, character)| {
            let lowered: Vec<char> = if index < lower { character.to_lowercase().collect() } else { vec![character] };
            lowered
        })
        .collect()
}

impl<'a> ModelDraft<'a> {
    fn new(block: &'a Block) -> Self {
        Self {
            block,
            table: block.name.text.clone(),
            fields: Vec::new(),
            names: FxHashMap::default(),
            keys: Keys::default(),
            ignored: false,
            broken: block.broken,
        }
    }
}

/// Reads a list of names such as `[a, b]`; a single name counts as a list of one.
pub(crate) fn name_list<'a>(
    value: &'a Expression,
    what: &str,
    faults: &mut Faults,
) -> Option<Vec<(&'a str, Span, &'a [crate::schema::ast::Argument])>> {
    let one = std::slice::from_ref(value);
    let items = match &value.kind {
        ExpressionKind::List(items) => items.as_slice(),
        _ => one,
    };
    let mut names = Vec::new();
    for item in items {
        match &item.kind {
            ExpressionKind::Constant(name) => names.push((name.as_str(), item.span, &[][..])),
            ExpressionKind::Call(name, arguments) => names.push((name.as_str(), item.span, arguments.as_slice())),
            _ => {
                faults.push(crate::schema::arguments::wrong_type(item, what, "the name of a field"));
                return None;
            }
        }
    }
    Some(names)
}
