//! The input types of Prisma Client: which keys a table in the arguments may hold, and what each of them takes.
//!
//! For completion, and for the definitions that editors read. Whether arguments are right is decided by [`check`](fn@super::check).

use crate::query::Action;
use crate::schema::{Arity, DefaultValue, EnumId, Field, FieldId, FieldKind, Model, ModelId, ScalarType, Schema};

/// A table in the arguments of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Input {
    /// The arguments themselves.
    Args(ModelId, Action),
    /// A filter on records.
    Where(ModelId),
    /// A filter on records by scalar fields only, of a nested `updateMany` or `deleteMany`.
    ScalarWhere(ModelId),
    /// What identifies one record.
    WhereUnique(ModelId),
    /// The values of a key of several fields, by its place among [`compound_keys`].
    Compound(ModelId, usize),
    /// A filter in `having`.
    Having(ModelId),
    /// The operators on a scalar field; whether NULL is among its values.
    ScalarFilter(ScalarType, bool),
    /// The operators on a field of an enum.
    EnumFilter(EnumId, bool),
    /// The quantifiers on a list of related records.
    ListFilter(ModelId),
    /// A filter on the related record.
    OneFilter(ModelId),
    /// What is answered.
    Select(ModelId),
    /// Which relations are answered besides.
    Include(ModelId),
    /// What is not answered.
    Omit(ModelId),
    /// How a relation is answered.
    Related(ModelId, Arity),
    /// `_count`: its `select`.
    RelationCounts(ModelId),
    /// The list relations to count.
    RelationCountSelect(ModelId),
    /// A `where` alone.
    CountWhere(ModelId),
    /// The fields to count.
    CountSelect(ModelId),
    /// The fields of `_sum` and `_avg`.
    NumberSelect(ModelId),
    /// The fields of `_min` and `_max`.
    ExtremeSelect(ModelId),
    /// An order of records.
    OrderBy(ModelId),
    /// An order of groups.
    GroupOrderBy(ModelId),
    /// An order by how many related records there are.
    CountOrder,
    /// An order that says where NULLs come.
    NullsOrder,
    /// A new record; inside a record of another model, without the relation to it.
    Create(ModelId, Option<FieldId>),
    /// A row of `createMany`; inside a record of another model, without the relation to it.
    CreateRow(ModelId, Option<FieldId>),
    /// Changes of a record.
    Update(ModelId, Option<FieldId>),
    /// Changes of many records.
    UpdateRow(ModelId, Option<FieldId>),
    /// The operations on a scalar field.
    ScalarUpdate(ScalarType, bool),
    /// What becomes of a relation when a record is made.
    CreateRelated(ModelId, FieldId),
    /// What becomes of a relation when a record is changed.
    UpdateRelated(ModelId, FieldId),
    /// The rows of a nested `createMany`.
    NestedCreateMany(ModelId, FieldId),
    /// `connectOrCreate`.
    ConnectOrCreate(ModelId, FieldId),
    /// A nested `update`.
    NestedUpdate(ModelId, FieldId),
    /// A nested `upsert`.
    NestedUpsert(ModelId, FieldId),
    /// A nested `updateMany`.
    NestedUpdateMany(ModelId, FieldId),
}

/// A key of a table, and what it takes.
#[derive(Debug, Clone)]
pub struct InputField {
    /// The key.
    pub name: String,
    /// What may stand there.
    pub takes: Vec<Takes>,
    /// Whether the operation is refused without it.
    pub required: bool,
    /// What the schema says of the field.
    pub doc: Option<String>,
}

/// What a key takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Takes {
    /// A value.
    Scalar(ScalarType),
    /// A list of values.
    Scalars(ScalarType),
    /// A value of an enum.
    Enum(EnumId),
    /// A list of values of an enum.
    Enums(EnumId),
    /// `db.null`.
    Null,
    /// `db.all`.
    All,
    /// true.
    True,
    /// A number of records.
    Count,
    /// One of these words.
    Words(&'static [&'static str]),
    /// A scalar field's name, or a list of them.
    FieldNames(ModelId),
    /// A reference to a field of the same type, `db.post.fields.views`.
    FieldReference,
    /// A table.
    Table(Input),
    /// A list of tables.
    Tables(Input),
}

const ORDER: Takes = Takes::Words(&["asc", "desc"]);

impl Input {
    /// Returns the name of the type: `ForumThreadWhereInput`.
    pub fn name(self, schema: &Schema) -> String {
        let model = |id: ModelId| schema.model(id).name.as_str();
        let scalar = |scalar: ScalarType, optional: bool| match optional {
            true => format!("{}Nullable", scalar.name()),
            false => scalar.name().to_owned(),
        };
        let without = |id: ModelId, parent: Option<FieldId>| match parent {
            Some(field) => format!("Without{}", pascal(&schema.field(id, field).name)),
            None => String::new(),
        };
        let related = |id: ModelId, field: FieldId| format!("{}{}", model(id), pascal(&schema.field(id, field).name));
        match self {
            Input::Args(id, action) => format!("{}{}Args", model(id), pascal(action.name())),
            Input::Where(id) => format!("{}WhereInput", model(id)),
            Input::ScalarWhere(id) => format!("{}ScalarWhereInput", model(id)),
            Input::WhereUnique(id) => format!("{}WhereUniqueInput", model(id)),
            Input::Compound(id, place) => {
                let keys = compound_keys(schema.model(id));
                format!(
                    "{}{}CompoundUniqueInput",
                    model(id),
                    keys.get(place).map(|key| pascal(&key.0)).unwrap_or_default()
                )
            }
            Input::Having(id) => format!("{}HavingInput", model(id)),
            Input::ScalarFilter(kind, optional) => format!("{}Filter", scalar(kind, optional)),
            Input::EnumFilter(id, optional) => {
                let optional = if optional { "Nullable" } else { "" };
                format!("Enum{}{optional}Filter", schema.enumeration(id).name)
            }
            Input::ListFilter(id) => format!("{}ListRelationFilter", model(id)),
            Input::OneFilter(id) => format!("{}RelationFilter", model(id)),
            Input::Select(id) => format!("{}Select", model(id)),
            Input::Include(id) => format!("{}Include", model(id)),
            Input::Omit(id) => format!("{}Omit", model(id)),
            Input::Related(id, Arity::List) => format!("{}RelatedManyArgs", model(id)),
            Input::Related(id, Arity::Optional) => format!("{}RelatedOptionalArgs", model(id)),
            Input::Related(id, Arity::Required) => format!("{}RelatedArgs", model(id)),
            Input::RelationCounts(id) => format!("{}CountArgs", model(id)),
            Input::RelationCountSelect(id) => format!("{}CountSelect", model(id)),
            Input::CountWhere(id) => format!("{}CountWhere", model(id)),
            Input::CountSelect(id) => format!("{}CountFields", model(id)),
            Input::NumberSelect(id) => format!("{}NumberFields", model(id)),
            Input::ExtremeSelect(id) => format!("{}ExtremeFields", model(id)),
            Input::OrderBy(id) => format!("{}OrderByInput", model(id)),
            Input::GroupOrderBy(id) => format!("{}GroupOrderByInput", model(id)),
            Input::CountOrder => "CountOrderByInput".to_owned(),
            Input::NullsOrder => "NullsOrderByInput".to_owned(),
            Input::Create(id, parent) => format!("{}Create{}Input", model(id), without(id, parent)),
            Input::CreateRow(id, parent) => format!("{}CreateMany{}Input", model(id), without(id, parent)),
            Input::Update(id, parent) => format!("{}Update{}Input", model(id), without(id, parent)),
            Input::UpdateRow(id, parent) => format!("{}UpdateMany{}Input", model(id), without(id, parent)),
            Input::ScalarUpdate(kind, optional) => format!("{}UpdateInput", scalar(kind, optional)),
            Input::CreateRelated(id, field) => format!("{}CreateNestedInput", related(id, field)),
            Input::UpdateRelated(id, field) => format!("{}UpdateNestedInput", related(id, field)),
            Input::NestedCreateMany(id, field) => format!("{}CreateManyNestedInput", related(id, field)),
            Input::ConnectOrCreate(id, field) => format!("{}ConnectOrCreateInput", related(id, field)),
            Input::NestedUpdate(id, field) => format!("{}UpdateOneInput", related(id, field)),
            Input::NestedUpsert(id, field) => format!("{}UpsertInput", related(id, field)),
            Input::NestedUpdateMany(id, field) => format!("{}UpdateManyInput", related(id, field)),
        }
    }

    /// Returns the keys that the table may hold, in the order of the schema.
    pub fn fields(self, schema: &Schema) -> Vec<InputField> {
        let fields = Fields { schema, list: Vec::new() };
        match self {
            Input::Args(model, action) => fields.args(model, action),
            Input::Where(model) => fields.filter(model, true),
            Input::ScalarWhere(model) => fields.filter(model, false),
            Input::Having(model) => fields.having(model),
            Input::WhereUnique(model) => fields.unique(model),
            Input::Compound(model, place) => fields.compound(model, place),
            Input::ScalarFilter(scalar, optional) => fields.operators(Some(scalar), None, optional, self),
            Input::EnumFilter(id, optional) => fields.operators(None, Some(id), optional, self),
            Input::ListFilter(model) => {
                ["some", "every", "none"]
                    .into_iter()
                    .fold(fields, |fields, key| fields.key(key, [Takes::Table(Input::Where(model))]))
                    .list
            }
            Input::OneFilter(model) => {
                let nullable = [Takes::Table(Input::Where(model)), Takes::Null];
                let mut list = fields.key("is", nullable).key("isNot", nullable).list;
                list.extend(Input::Where(model).fields(schema));
                list
            }
            Input::Select(model) => fields.fields_true(model, |_| true).relations(model).list,
            Input::Include(model) => fields.relations(model).list,
            Input::Omit(model) => fields.fields_true(model, |_| true).list,
            Input::Related(model, arity) => match arity {
                Arity::List => fields.page(model).selection(model).list,
                Arity::Optional => fields.key("where", [Takes::Table(Input::Where(model))]).selection(model).list,
                Arity::Required => fields.selection(model).list,
            },
            Input::RelationCounts(model) => {
                fields.key("select", [Takes::Table(Input::RelationCountSelect(model))]).list
            }
            Input::RelationCountSelect(model) => {
                let mut fields = fields;
                for (_, field, relation) in schema.model(model).relations() {
                    if field.arity == Arity::List {
                        fields =
                            fields.key(&field.name, [Takes::True, Takes::Table(Input::CountWhere(relation.target))]);
                    }
                }
                fields.list
            }
            Input::CountWhere(model) => fields.key("where", [Takes::Table(Input::Where(model))]).list,
            Input::CountSelect(model) => fields.key("_all", [Takes::True]).fields_true(model, |_| true).list,
            Input::NumberSelect(model) => fields.fields_true(model, is_number).list,
            Input::ExtremeSelect(model) => {
                fields.fields_true(model, |field| field.scalar() != Some(ScalarType::Json)).list
            }
            Input::OrderBy(model) => fields.order(model),
            Input::GroupOrderBy(model) => fields.group_order(model),
            Input::CountOrder => fields.key("_count", [ORDER]).list,
            Input::NullsOrder => fields.required("sort", [ORDER]).key("nulls", [Takes::Words(&["first", "last"])]).list,
            Input::Create(model, parent) => fields.create(model, parent, true),
            Input::CreateRow(model, parent) => fields.create(model, parent, false),
            Input::Update(model, parent) => fields.update(model, parent, true),
            Input::UpdateRow(model, parent) => fields.update(model, parent, false),
            Input::ScalarUpdate(scalar, optional) => fields.operations(scalar, optional),
            Input::CreateRelated(model, field) => fields.create_related(model, field),
            Input::UpdateRelated(model, field) => fields.update_related(model, field),
            Input::NestedCreateMany(model, field) => {
                let (target, opposite) = other_side(schema, model, field);
                fields.required("data", [Takes::Tables(Input::CreateRow(target, opposite))]).list
            }
            Input::ConnectOrCreate(model, field) => {
                let (target, opposite) = other_side(schema, model, field);
                let unique = [Takes::Table(Input::WhereUnique(target))];
                fields
                    .required("where", unique)
                    .required("create", [Takes::Table(Input::Create(target, opposite))])
                    .list
            }
            Input::NestedUpdate(model, field) => {
                let (target, opposite) = other_side(schema, model, field);
                let data = [Takes::Table(Input::Update(target, opposite))];
                match schema.field(model, field).arity {
                    Arity::List => {
                        fields.required("where", [Takes::Table(Input::WhereUnique(target))]).required("data", data).list
                    }
                    _ => fields.key("where", [Takes::Table(Input::Where(target))]).required("data", data).list,
                }
            }
            Input::NestedUpsert(model, field) => {
                let (target, opposite) = other_side(schema, model, field);
                let fields = match schema.field(model, field).arity {
                    Arity::List => fields.required("where", [Takes::Table(Input::WhereUnique(target))]),
                    _ => fields.key("where", [Takes::Table(Input::Where(target))]),
                };
                let create = [Takes::Table(Input::Create(target, opposite))];
                fields
                    .required("create", create)
                    .required("update", [Takes::Table(Input::Update(target, opposite))])
                    .list
            }
            Input::NestedUpdateMany(model, field) => {
                let (target, opposite) = other_side(schema, model, field);
                let filter = [Takes::Table(Input::ScalarWhere(target)), Takes::All];
                fields
                    .required("where", filter)
                    .required("data", [Takes::Table(Input::UpdateRow(target, opposite))])
                    .list
            }
        }
    }

    /// Returns the table that stands under a key of this one, or in a list there.
    pub fn inside(self, schema: &Schema, key: &str) -> Option<Input> {
        let name = match key {
            "in_" => "in",
            "not_" => "not",
            key => key,
        };
        let field = self.fields(schema).into_iter().find(|field| field.name == name)?;
        field.takes.iter().find_map(|takes| match takes {
            Takes::Table(input) | Takes::Tables(input) => Some(*input),
            _ => None,
        })
    }
}

/// Returns the keys of several fields that identify a record of a model, with their names in unique filters.
pub fn compound_keys(model: &Model) -> Vec<(String, Vec<FieldId>)> {
    let primary = model.primary_key.iter().map(|key| (&key.name, &key.fields));
    let uniques = model.uniques.iter().map(|unique| (&unique.name, &unique.fields));
    primary
        .chain(uniques)
        .filter(|(_, fields)| fields.len() > 1)
        .map(|(name, fields)| (name.clone(), fields.iter().map(|part| part.field).collect()))
        .collect()
}

/// Returns the model on the other side of a relation, and its field.
fn other_side(schema: &Schema, model: ModelId, field: FieldId) -> (ModelId, Option<FieldId>) {
    match schema.field(model, field).relation() {
        Some(relation) => (relation.target, Some(relation.opposite)),
        None => (model, None),
    }
}

fn pascal(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        })
        .collect()
}

fn is_number(field: &Field) -> bool {
    matches!(field.scalar(), Some(ScalarType::Int | ScalarType::BigInt | ScalarType::Float | ScalarType::Decimal))
}

/// Collects the keys of a table.
struct Fields<'a> {
    schema: &'a Schema,
    list: Vec<InputField>,
}

impl Fields<'_> {
    fn key(mut self, name: &str, takes: impl IntoIterator<Item = Takes>) -> Self {
        let takes = takes.into_iter().collect();
        self.list.push(InputField { name: name.to_owned(), takes, required: false, doc: None });
        self
    }

    fn required(self, name: &str, takes: impl IntoIterator<Item = Takes>) -> Self {
        let mut fields = self.key(name, takes);
        if let Some(last) = fields.list.last_mut() {
            last.required = true;
        }
        fields
    }

    fn documented(mut self, doc: &Option<String>) -> Self {
        if let Some(last) = self.list.last_mut() {
            last.doc = doc.clone();
        }
        self
    }

    fn args(self, model: ModelId, action: Action) -> Vec<InputField> {
        let filter = Takes::Table(Input::Where(model));
        let unique = [Takes::Table(Input::WhereUnique(model))];
        let create = [Takes::Table(Input::Create(model, None))];
        let update = [Takes::Table(Input::Update(model, None))];
        let rows = [Takes::Tables(Input::CreateRow(model, None))];
        let many = [Takes::Table(Input::UpdateRow(model, None))];
        let all = [filter, Takes::All];
        match action {
            Action::FindUnique | Action::FindUniqueOrThrow | Action::Delete => {
                self.required("where", unique).selection(model).list
            }
            Action::FindFirst | Action::FindFirstOrThrow | Action::FindMany => self.page(model).selection(model).list,
            Action::Create => self.required("data", create).selection(model).list,
            Action::CreateMany => self.required("data", rows).list,
            Action::CreateManyAndReturn => self.required("data", rows).selection(model).list,
            Action::Update => self.required("where", unique).required("data", update).selection(model).list,
            Action::UpdateMany => self.required("where", all).required("data", many).key("limit", [Takes::Count]).list,
            Action::UpdateManyAndReturn => {
                self.required("where", all).required("data", many).key("limit", [Takes::Count]).selection(model).list
            }
            Action::Upsert => {
                self.required("where", unique)
                    .required("create", create)
                    .required("update", update)
                    .selection(model)
                    .list
            }
            Action::DeleteMany => self.required("where", all).key("limit", [Takes::Count]).list,
            Action::Count => self.range(model).key("select", [Takes::Table(Input::CountSelect(model))]).list,
            Action::Aggregate => self.range(model).aggregates(model).list,
            Action::GroupBy => {
                let order = Input::GroupOrderBy(model);
                self.required("by", [Takes::FieldNames(model)])
                    .key("where", [filter])
                    .key("having", [Takes::Table(Input::Having(model))])
                    .key("orderBy", [Takes::Table(order), Takes::Tables(order)])
                    .key("take", [Takes::Count])
                    .key("skip", [Takes::Count])
                    .aggregates(model)
                    .list
            }
        }
    }

    /// Which records, in which order, from where.
    fn range(self, model: ModelId) -> Self {
        let order = Input::OrderBy(model);
        self.key("where", [Takes::Table(Input::Where(model))])
            .key("orderBy", [Takes::Table(order), Takes::Tables(order)])
            .key("cursor", [Takes::Table(Input::WhereUnique(model))])
            .key("take", [Takes::Count])
            .key("skip", [Takes::Count])
    }

    fn page(self, model: ModelId) -> Self {
        self.range(model).key("distinct", [Takes::FieldNames(model)])
    }

    fn selection(self, model: ModelId) -> Self {
        let has_relations = self.schema.model(model).relations().next().is_some();
        let mut fields = self.key("select", [Takes::Table(Input::Select(model))]);
        if has_relations {
            fields = fields.key("include", [Takes::Table(Input::Include(model))]);
        }
        fields.key("omit", [Takes::Table(Input::Omit(model))])
    }

    fn aggregates(self, model: ModelId) -> Self {
        let has_numbers = self.schema.model(model).scalars().any(|(_, field)| is_number(field));
        let mut fields = self.key("_count", [Takes::True, Takes::Table(Input::CountSelect(model))]);
        if has_numbers {
            for name in ["_sum", "_avg"] {
                fields = fields.key(name, [Takes::Table(Input::NumberSelect(model))]);
            }
        }
        for name in ["_min", "_max"] {
            fields = fields.key(name, [Takes::Table(Input::ExtremeSelect(model))]);
        }
        fields
    }

    fn fields_true(mut self, model: ModelId, chosen: impl Fn(&Field) -> bool) -> Self {
        let schema = self.schema;
        for (_, field) in schema.model(model).scalars().filter(|(_, field)| chosen(field)) {
            self = self.key(&field.name, [Takes::True]).documented(&field.doc);
        }
        self
    }

    fn relations(mut self, model: ModelId) -> Self {
        let schema = self.schema;
        let mut lists = false;
        for (_, field, relation) in schema.model(model).relations() {
            lists |= field.arity == Arity::List;
            let related = Takes::Table(Input::Related(relation.target, field.arity));
            self = self.key(&field.name, [Takes::True, related]).documented(&field.doc);
        }
        match lists {
            true => self.key("_count", [Takes::True, Takes::Table(Input::RelationCounts(model))]),
            false => self,
        }
    }

    fn filter(mut self, model: ModelId, relations: bool) -> Vec<InputField> {
        let schema = self.schema;
        let own = if relations { Input::Where(model) } else { Input::ScalarWhere(model) };
        for field in schema.model(model).fields.iter().filter(|field| !field.ignored) {
            let mut takes = Vec::new();
            match &field.kind {
                FieldKind::Scalar(_) | FieldKind::Enum(_) => {
                    takes.extend(value_of(field));
                    takes.extend(field.is_optional().then_some(Takes::Null));
                    takes.extend(filter_of(field).map(Takes::Table));
                }
                FieldKind::Relation(relation) if relations => {
                    takes.push(Takes::Table(match field.arity {
                        Arity::List => Input::ListFilter(relation.target),
                        _ => Input::OneFilter(relation.target),
                    }));
                    takes.extend(field.is_optional().then_some(Takes::Null));
                }
                _ => continue,
            }
            self = self.key(&field.name, takes).documented(&field.doc);
        }
        let (one, many) = (Takes::Table(own), Takes::Tables(own));
        self.key("AND", [one, many]).key("OR", [many]).key("NOT", [one, many]).list
    }

    fn having(mut self, model: ModelId) -> Vec<InputField> {
        let schema = self.schema;
        for (_, field) in schema.model(model).scalars() {
            self = self.key(&field.name, value_of(field).into_iter().chain(filter_of(field).map(Takes::Table)));
        }
        let own = Input::Having(model);
        let (one, many) = (Takes::Table(own), Takes::Tables(own));
        self.key("AND", [one, many]).key("OR", [many]).key("NOT", [one, many]).list
    }

    fn unique(mut self, model: ModelId) -> Vec<InputField> {
        let schema = self.schema;
        let description = schema.model(model);
        let keys = description.primary_key.iter().map(|key| &key.fields);
        let single: Vec<FieldId> = keys
            .chain(description.uniques.iter().map(|unique| &unique.fields))
            .filter(|fields| fields.len() == 1)
            .map(|fields| fields[0].field)
            .collect();
        for (id, field) in description.scalars().filter(|(id, _)| single.contains(id)) {
            let _ = id;
            self = self.key(&field.name, value_of(field)).documented(&field.doc);
        }
        for (place, (name, _)) in compound_keys(description).into_iter().enumerate() {
            self = self.key(&name, [Takes::Table(Input::Compound(model, place))]);
        }
        let known: Vec<String> = self.list.iter().map(|field| field.name.clone()).collect();
        self.list.extend(Input::Where(model).fields(schema).into_iter().filter(|field| !known.contains(&field.name)));
        self.list
    }

    fn compound(mut self, model: ModelId, place: usize) -> Vec<InputField> {
        let schema = self.schema;
        for (_, fields) in compound_keys(schema.model(model)).into_iter().skip(place).take(1) {
            for id in fields {
                let field = schema.field(model, id);
                self = self.required(&field.name, value_of(field)).documented(&field.doc);
            }
        }
        self.list
    }

    /// The operators on a scalar or an enum.
    fn operators(
        mut self,
        scalar: Option<ScalarType>,
        enumeration: Option<EnumId>,
        optional: bool,
        own: Input,
    ) -> Vec<InputField> {
        let one = scalar.map(Takes::Scalar).or(enumeration.map(Takes::Enum));
        let many = scalar.map(Takes::Scalars).or(enumeration.map(Takes::Enums));
        let null = optional.then_some(Takes::Null);
        let compared = || one.into_iter().chain([Takes::FieldReference]);
        if scalar == Some(ScalarType::Json) {
            let text = [Takes::Scalar(ScalarType::String)];
            self = self.key("equals", one.into_iter().chain(null)).key("path", text);
            for name in ["string_contains", "string_starts_with", "string_ends_with"] {
                self = self.key(name, text);
            }
            for name in ["array_contains", "array_starts_with", "array_ends_with", "lt", "lte", "gt", "gte"] {
                self = self.key(name, one);
            }
            return self.key("not", one.into_iter().chain(null)).list;
        }
        self = self.key("equals", compared().chain(null));
        if scalar != Some(ScalarType::Boolean) {
            self = self.key("in", many).key("notIn", many);
        }
        if !matches!(scalar, None | Some(ScalarType::Boolean | ScalarType::Bytes)) {
            for name in ["lt", "lte", "gt", "gte"] {
                self = self.key(name, compared());
            }
        }
        if scalar == Some(ScalarType::String) {
            for name in ["contains", "startsWith", "endsWith"] {
                self = self.key(name, compared());
            }
        }
        self.key("not", compared().chain(null).chain([Takes::Table(own)])).list
    }

    fn order(mut self, model: ModelId) -> Vec<InputField> {
        let schema = self.schema;
        for field in schema.model(model).fields.iter().filter(|field| !field.ignored) {
            self = match &field.kind {
                FieldKind::Relation(relation) => match field.arity {
                    Arity::List => self.key(&field.name, [Takes::Table(Input::CountOrder)]),
                    _ => self.key(&field.name, [Takes::Table(Input::OrderBy(relation.target))]),
                },
                FieldKind::Scalar(_) | FieldKind::Enum(_) => {
                    let nulls = field.is_optional().then_some(Takes::Table(Input::NullsOrder));
                    self.key(&field.name, [ORDER].into_iter().chain(nulls))
                }
                FieldKind::Unsupported(_) => self,
            };
        }
        self.list
    }

    fn group_order(mut self, model: ModelId) -> Vec<InputField> {
        let schema = self.schema;
        for (_, field) in schema.model(model).scalars() {
            let nulls = field.is_optional().then_some(Takes::Table(Input::NullsOrder));
            self = self.key(&field.name, [ORDER].into_iter().chain(nulls));
        }
        for name in ["_count", "_avg", "_sum", "_min", "_max"] {
            self = self.key(name, [Takes::Table(Input::OrderBy(model))]);
        }
        self.list
    }

    fn create(self, model: ModelId, parent: Option<FieldId>, relations: bool) -> Vec<InputField> {
        let description = self.schema.model(model);
        self.data(model, parent, relations, Input::CreateRelated, |fields, id, field| {
            // A foreign key may be said by its relation instead.
            let by_relation =
                relations && description.relations().any(|(_, _, relation)| relation.fields.contains(&id));
            let takes = value_of(field).into_iter().chain(field.is_optional().then_some(Takes::Null));
            match field.arity == Arity::Required && !has_default(field) && !by_relation {
                true => fields.required(&field.name, takes),
                false => fields.key(&field.name, takes),
            }
        })
    }

    fn update(self, model: ModelId, parent: Option<FieldId>, relations: bool) -> Vec<InputField> {
        self.data(model, parent, relations, Input::UpdateRelated, |fields, _, field| {
            let null = field.is_optional().then_some(Takes::Null);
            let operations = match &field.kind {
                FieldKind::Scalar(scalar) if *scalar != ScalarType::Json => {
                    Some(Takes::Table(Input::ScalarUpdate(*scalar, field.is_optional())))
                }
                _ => None,
            };
            fields.key(&field.name, value_of(field).into_iter().chain(null).chain(operations))
        })
    }

    /// Adds the fields of a row to write, but for those that its parent decides; `column` adds one that is no relation.
    fn data(
        mut self,
        model: ModelId,
        parent: Option<FieldId>,
        relations: bool,
        related: fn(ModelId, FieldId) -> Input,
        column: impl Fn(Self, FieldId, &Field) -> Self,
    ) -> Vec<InputField> {
        let schema = self.schema;
        let description = schema.model(model);
        let given = held_by(description, parent);
        for (index, field) in description.fields.iter().enumerate().filter(|(_, field)| !field.ignored) {
            let id = FieldId(index as u32);
            if Some(id) == parent || given.contains(&id) {
                continue;
            }
            self = match &field.kind {
                FieldKind::Relation(_) if relations => self.key(&field.name, [Takes::Table(related(model, id))]),
                FieldKind::Scalar(_) | FieldKind::Enum(_) => column(self, id, field),
                _ => continue,
            }
            .documented(&field.doc);
        }
        self.list
    }

    fn operations(self, scalar: ScalarType, optional: bool) -> Vec<InputField> {
        let value = Takes::Scalar(scalar);
        let mut fields = self.key("set", [value].into_iter().chain(optional.then_some(Takes::Null)));
        if matches!(scalar, ScalarType::Int | ScalarType::BigInt | ScalarType::Float | ScalarType::Decimal) {
            for name in ["increment", "decrement", "multiply", "divide"] {
                fields = fields.key(name, [value]);
            }
        }
        fields.list
    }

    fn create_related(self, model: ModelId, id: FieldId) -> Vec<InputField> {
        let (target, opposite) = other_side(self.schema, model, id);
        let is_list = self.schema.field(model, id).arity == Arity::List;
        let fields = self.made(model, id, target, opposite, is_list);
        fields.list
    }

    /// What makes or finds related records.
    fn made(self, model: ModelId, id: FieldId, target: ModelId, opposite: Option<FieldId>, is_list: bool) -> Self {
        let create = Input::Create(target, opposite);
        let unique = Input::WhereUnique(target);
        let or_create = Input::ConnectOrCreate(model, id);
        match is_list {
            true => self
                .key("create", [Takes::Table(create), Takes::Tables(create)])
                .key("createMany", [Takes::Table(Input::NestedCreateMany(model, id))])
                .key("connect", [Takes::Table(unique), Takes::Tables(unique)])
                .key("connectOrCreate", [Takes::Table(or_create), Takes::Tables(or_create)]),
            false => self
                .key("create", [Takes::Table(create)])
                .key("connect", [Takes::Table(unique)])
                .key("connectOrCreate", [Takes::Table(or_create)]),
        }
    }

    fn update_related(self, model: ModelId, id: FieldId) -> Vec<InputField> {
        let schema = self.schema;
        let field = schema.field(model, id);
        let (target, opposite) = other_side(schema, model, id);
        let both = |input: Input| [Takes::Table(input), Takes::Tables(input)];
        let unique = Input::WhereUnique(target);
        match field.arity {
            Arity::List => {
                self.made(model, id, target, opposite, true)
                    .key("set", both(unique))
                    .key("disconnect", both(unique))
                    .key("delete", both(unique))
                    .key("update", both(Input::NestedUpdate(model, id)))
                    .key("upsert", both(Input::NestedUpsert(model, id)))
                    .key("updateMany", both(Input::NestedUpdateMany(model, id)))
                    .key("deleteMany", both(Input::ScalarWhere(target)).into_iter().chain([Takes::All]))
                    .list
            }
            arity => {
                let update =
                    [Takes::Table(Input::Update(target, opposite)), Takes::Table(Input::NestedUpdate(model, id))];
                let fields = self
                    .made(model, id, target, opposite, false)
                    .key("update", update)
                    .key("upsert", [Takes::Table(Input::NestedUpsert(model, id))]);
                match arity {
                    Arity::Optional => {
                        let gone = [Takes::True, Takes::Table(Input::Where(target))];
                        fields.key("disconnect", gone).key("delete", gone).list
                    }
                    _ => fields.list,
                }
            }
        }
    }
}

/// Returns the foreign key that the relation to the record around fills in.
fn held_by(model: &Model, parent: Option<FieldId>) -> Vec<FieldId> {
    parent.and_then(|parent| model.field(parent).relation()).map(|relation| relation.fields.clone()).unwrap_or_default()
}

/// Tells whether a new record may do without the field.
fn has_default(field: &Field) -> bool {
    field.updated_at
        || field.default.as_ref().is_some_and(|default| !matches!(default, DefaultValue::DbGenerated(None)))
}

fn value_of(field: &Field) -> Option<Takes> {
    match &field.kind {
        FieldKind::Scalar(scalar) => Some(Takes::Scalar(*scalar)),
        FieldKind::Enum(id) => Some(Takes::Enum(*id)),
        _ => None,
    }
}

fn filter_of(field: &Field) -> Option<Input> {
    match &field.kind {
        FieldKind::Scalar(scalar) => Some(Input::ScalarFilter(*scalar, field.is_optional())),
        FieldKind::Enum(id) => Some(Input::EnumFilter(*id, field.is_optional())),
        _ => None,
    }
}
