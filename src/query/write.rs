//! Rows to make and changes of rows, with the writes of related records inside.

use crate::query::check::{Checker, Entries, entries_of, erased, found, get, names_help, slot_type};
use crate::query::input::{Node, Raw};
use crate::query::{
    AssignOp, Assignment, CreateData, Filter, NestedOp, NestedWrite, Operand, SlotType, UniqueWhere, UpdateData,
};
use crate::schema::{
    Arity, DefaultValue, Field, FieldId, FieldKind, ModelId, RelationField, RelationKind, ScalarType, Schema,
};
use crate::value::Sentinel;

/// The relation field, on the record at hand, that leads back to the record it is written under.
type Parent = Option<FieldId>;

/// The operations of a relation, in the order in which they happen when the caller gave none (a Lua table).
///
/// What goes away goes first, so that what comes may take its place; what is new is not touched by the same write.
const CANONICAL: [&str; 11] = [
    "deleteMany",
    "delete",
    "disconnect",
    "set",
    "updateMany",
    "update",
    "upsert",
    "create",
    "createMany",
    "connectOrCreate",
    "connect",
];

impl<'a> Checker<'a> {
    // ---- create ----

    /// Checks the data of a row to make, under `parent` when it is made as part of another's write.
    pub(super) fn create_data(&mut self, model: ModelId, node: &'a Node, parent: Parent) -> CreateData {
        let mut data = CreateData::default();
        let Some(entries) = self.object(node) else { return data };
        let connected = self.connected_relations(model, entries, parent);
        for (key, node) in in_order(self.schema, model, node, entries) {
            match self.writable(model, key, parent, true) {
                Some((id, field)) => match &field.kind {
                    FieldKind::Relation(relation) => {
                        let nested = self.at(key, |c| c.relation_create(field, relation, node));
                        data.nested.extend(nested.into_iter().map(|op| NestedWrite { field: id, op }));
                    }
                    _ => {
                        self.forbid_beside(model, key, field, id, &connected);
                        let operand = self.at(key, |c| c.create_value(field, node));
                        data.values.extend(operand.map(|operand| (id, operand)));
                    }
                },
                None => self.unknown_data(model, key, parent, true),
            }
        }
        self.require(model, entries, parent, Some(&connected));
        data
    }

    /// Checks the rows of createMany: an object or a list of them, without relations.
    pub(super) fn create_rows(&mut self, model: ModelId, node: &'a Node, parent: Parent) -> Vec<CreateData> {
        self.objects(node, true, |c, item| c.create_row(model, item, parent))
    }

    fn create_row(&mut self, model: ModelId, node: &'a Node, parent: Parent) -> CreateData {
        let mut data = CreateData::default();
        let Some(entries) = self.object(node) else { return data };
        for (key, node) in entries {
            match self.writable(model, key, parent, false) {
                Some((id, field)) => {
                    let operand = self.at(key, |c| c.create_value(field, node));
                    data.values.extend(operand.map(|operand| (id, operand)));
                }
                None => self.unknown_data(model, key, parent, false),
            }
        }
        self.require(model, entries, parent, None);
        data
    }

    fn create_value(&mut self, field: &'a Field, node: &'a Node) -> Option<Operand> {
        self.field_value(field, node)
    }

    /// Finds a field that may be written here.
    ///
    /// Under a parent, neither the relation to it nor that relation's foreign key may be given: the parent decides.
    fn writable(&self, model: ModelId, name: &str, parent: Parent, relations: bool) -> Option<(FieldId, &'a Field)> {
        let (id, field) = self.field(model, name)?;
        if field.relation().is_some() && (!relations || Some(id) == parent) {
            return None;
        }
        if self.linking_fields(model, parent).contains(&id) {
            return None;
        }
        Some((id, field))
    }

    /// Returns the foreign key's fields of the relation to the parent.
    fn linking_fields(&self, model: ModelId, parent: Parent) -> &'a [FieldId] {
        let schema = self.schema;
        parent.and_then(|id| schema.field(model, id).relation()).map_or(&[], |relation| &relation.fields)
    }

    /// Returns the relations that this data writes and whose foreign key lies in the row itself.
    fn connected_relations(&self, model: ModelId, entries: Entries<'a>, parent: Parent) -> Vec<FieldId> {
        let relations = entries.iter().filter_map(|(key, _)| self.writable(model, key, parent, true));
        relations
            .filter(|(_, field)| field.relation().is_some_and(|relation| !relation.fields.is_empty()))
            .map(|(id, _)| id)
            .collect()
    }

    /// Refuses a foreign key's field (or a generated id) beside the write of a relation of the row itself.
    ///
    /// Prisma has two forms of data, one with relations and one with their keys, and they do not mix.
    fn forbid_beside(&mut self, model: ModelId, key: &'a str, field: &'a Field, id: FieldId, connected: &[FieldId]) {
        let Some(first) = connected.first() else { return };
        let other = &self.schema.field(model, *first).name;
        let owner = self.owner_of_key(model, id);
        let generated = field.default == Some(DefaultValue::AutoIncrement) && self.is_id(model, id);
        if owner.is_none() && !generated {
            return;
        }
        let message = format!("{}: `{key}` cannot be given beside `{other}`", self.place());
        let help = match owner {
            Some(owner) if owner == *other => format!("give either `{key}` or `{other}`"),
            Some(owner) => format!("write the relation `{owner}`, or give the key's fields in place of `{other}`"),
            None => format!("give the key's fields in place of `{other}`"),
        };
        self.at(key, |c| c.fault("conflicting_arguments", message, Some(help)));
    }

    /// Returns the name of the relation whose foreign key holds a field.
    fn owner_of_key(&self, model: ModelId, id: FieldId) -> Option<&'a str> {
        let schema = self.schema;
        let mut relations = schema.model(model).relations();
        relations.find(|(_, _, relation)| relation.fields.contains(&id)).map(|(_, field, _)| field.name.as_str())
    }

    fn is_id(&self, model: ModelId, id: FieldId) -> bool {
        let key = &self.schema.model(model).primary_key;
        key.as_ref().is_some_and(|key| matches!(key.fields.as_slice(), [part] if part.field == id))
    }

    /// Names the fields that must be given and are not.
    ///
    /// `connected` are the relations of the row itself that are written; None where relations cannot be.
    fn require(&mut self, model: ModelId, entries: Entries<'a>, parent: Parent, connected: Option<&[FieldId]>) {
        let schema = self.schema;
        let linking = self.linking_fields(model, parent);
        let by_relation = connected.is_some_and(|connected| !connected.is_empty());
        for (id, field) in schema.model(model).scalars() {
            let given = get(entries, &field.name).is_some();
            let filled = field.arity != Arity::Required || field.default.is_some() || field.updated_at;
            if given || filled || linking.contains(&id) {
                continue;
            }
            match self.owner_of_key(model, id) {
                // The relation is asked for below.
                Some(_) if by_relation => {}
                Some(owner) if connected.is_some() => {
                    let message = format!("missing field `{}` in {}", field.name, self.place());
                    let help = format!("or write the relation: `{owner}`");
                    self.at(&field.name, |c| c.fault("missing_field", message, Some(help)));
                }
                _ => self.missing("missing_field", &field.name, "field"),
            }
        }
        if !by_relation {
            return;
        }
        for (id, field, relation) in schema.model(model).relations() {
            let filled = relation.fields.iter().all(|id| {
                let field = schema.field(model, *id);
                field.default.is_some() || linking.contains(id)
            });
            if field.arity != Arity::Required || relation.fields.is_empty() || filled || Some(id) == parent {
                continue;
            }
            match get(entries, &field.name) {
                None => self.missing("missing_field", &field.name, "relation"),
                Some(node) if entries_of(node).is_some_and(<[_]>::is_empty) => self.at(&field.name, |c| {
                    let message = format!("{} must say which record: it is required", c.place());
                    c.fault("P2011", message, Some("give `create`, `connect` or `connectOrCreate`".to_owned()));
                }),
                Some(_) => {}
            }
        }
    }

    fn unknown_data(&mut self, model: ModelId, key: &'a str, parent: Parent, relations: bool) {
        if self.is_full() {
            return;
        }
        let valid: Vec<&str> = self
            .field_names(model)
            .into_iter()
            .filter(|name| self.writable(model, name, parent, relations).is_some())
            .collect();
        let Some((id, field)) = self.field(model, key) else {
            return self.unknown("unknown_field", key, "field", &valid);
        };
        let message = if field.relation().is_some() && Some(id) != parent {
            format!("{}: `{key}` is a relation, and only scalar fields are written here", self.place())
        } else {
            format!("{}: `{key}` is set by the record above", self.place())
        };
        self.at(key, |c| c.fault("unknown_field", message, names_help(key, &valid)));
    }

    // ---- update ----

    /// Checks what changes in a row.
    pub(super) fn update_data(&mut self, model: ModelId, node: &'a Node, parent: Parent) -> UpdateData {
        let mut data = UpdateData::default();
        let Some(entries) = self.object(node) else { return data };
        let connected = self.connected_relations(model, entries, parent);
        for (key, node) in in_order(self.schema, model, node, entries) {
            match self.writable(model, key, parent, true) {
                Some((id, field)) => match &field.kind {
                    FieldKind::Relation(relation) => {
                        let nested = self.at(key, |c| c.relation_update(field, relation, node));
                        data.nested.extend(nested.into_iter().map(|op| NestedWrite { field: id, op }));
                    }
                    _ => {
                        self.forbid_beside(model, key, field, id, &connected);
                        let assignment = self.at(key, |c| c.assignment(id, field, node));
                        data.values.extend(assignment);
                    }
                },
                None => self.unknown_data(model, key, parent, true),
            }
        }
        data
    }

    /// Checks what changes in many rows: scalar fields only.
    pub(super) fn update_many_data(&mut self, model: ModelId, node: &'a Node, parent: Parent) -> UpdateData {
        let mut data = UpdateData::default();
        let Some(entries) = self.object(node) else { return data };
        for (key, node) in entries {
            match self.writable(model, key, parent, false) {
                Some((id, field)) => {
                    let assignment = self.at(key, |c| c.assignment(id, field, node));
                    data.values.extend(assignment);
                }
                None => self.unknown_data(model, key, parent, false),
            }
        }
        data
    }

    /// Checks the change of a column: a value, or an object with one operation.
    fn assignment(&mut self, id: FieldId, field: &'a Field, node: &'a Node) -> Option<Assignment> {
        let set = |operand| Assignment { field: id, op: AssignOp::Set, operand };
        let Some(entries) = entries_of(node) else { return self.field_value(field, node).map(set) };
        let numeric = matches!(
            slot_type(field),
            SlotType::Scalar(ScalarType::Int | ScalarType::BigInt | ScalarType::Float | ScalarType::Decimal)
        );
        let names: &[&str] = if numeric { &["set", "increment", "decrement", "multiply", "divide"] } else { &["set"] };
        match entries {
            [(key, value)] => {
                let op = match &**key {
                    "set" => return self.at(key, |c| c.field_value(field, value)).map(set),
                    "increment" => AssignOp::Increment,
                    "decrement" => AssignOp::Decrement,
                    "multiply" => AssignOp::Multiply,
                    "divide" => AssignOp::Divide,
                    _ => {
                        self.unknown("unknown_operator", key, "operation", names);
                        return None;
                    }
                };
                if !numeric {
                    self.unknown("unknown_operator", key, "operation", names);
                    return None;
                }
                let operand = self.at(key, |c| c.value(value, slot_type(field)))?;
                Some(Assignment { field: id, op, operand: Operand::Slot(operand) })
            }
            _ => {
                let code = if entries.is_empty() { "wrong_type" } else { "too_many_keys" };
                let given =
                    if entries.is_empty() { found(node) } else { format!("an object with {} keys", entries.len()) };
                let expected = super::convert::expected(self.schema, &slot_type(field));
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let message =
                    format!("{} must be {expected} or one of {}, found {given}", self.place(), names.join(", "));
                self.fault(code, message, None);
                None
            }
        }
    }

    // ---- relations ----

    /// Checks the writes of a relation field of a record that is made.
    fn relation_create(&mut self, field: &'a Field, relation: &'a RelationField, node: &'a Node) -> Vec<NestedOp> {
        let mut names = vec!["create", "connect", "connectOrCreate"];
        if self.takes_create_many(field, relation) {
            names.push("createMany");
        }
        self.relation_ops(field, relation, node, &names)
    }

    /// Checks the writes of a relation field of a record that is changed.
    fn relation_update(&mut self, field: &'a Field, relation: &'a RelationField, node: &'a Node) -> Vec<NestedOp> {
        let mut names = vec!["create", "connect", "connectOrCreate", "update", "upsert"];
        if self.takes_create_many(field, relation) {
            names.push("createMany");
        }
        match field.arity {
            Arity::List => names.extend(["updateMany", "delete", "deleteMany", "disconnect", "set"]),
            Arity::Optional => names.extend(["delete", "disconnect"]),
            Arity::Required => {}
        }
        self.relation_ops(field, relation, node, &names)
    }

    fn takes_create_many(&self, field: &Field, relation: &RelationField) -> bool {
        field.arity == Arity::List && self.schema.relation(relation.relation).kind != RelationKind::ManyToMany
    }

    fn relation_ops(
        &mut self,
        field: &'a Field,
        relation: &'a RelationField,
        node: &'a Node,
        names: &[&str],
    ) -> Vec<NestedOp> {
        let Some(entries) = entries_of(node) else {
            let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
            let message = format!("{} must be an object, found {}", self.place(), found(node));
            let code =
                if matches!(node, Node::Value { raw: Raw::Null, .. }) { "null_not_allowed" } else { "wrong_type" };
            self.fault(code, message, Some(format!("`{}` is a relation: give {}", field.name, listed.join(", "))));
            return Vec::new();
        };
        let mut entries: Vec<&'a (std::sync::Arc<str>, Node)> = entries.iter().collect();
        if erased(node) {
            entries.sort_by_key(|(key, _)| CANONICAL.iter().position(|name| *name == &**key));
        }
        let mut ops = Vec::new();
        for (key, node) in entries {
            if names.contains(&&**key) {
                let op = self.at(key, |c| match field.arity {
                    Arity::List => c.list_op(relation, key, node),
                    _ => c.single_op(relation, key, node),
                });
                ops.extend(op);
            } else {
                self.unknown("unknown_operator", key, "operation", names);
            }
        }
        ops
    }

    /// Checks a write of a list of related records.
    fn list_op(&mut self, relation: &'a RelationField, name: &str, node: &'a Node) -> Option<NestedOp> {
        let (target, parent) = (relation.target, Some(relation.opposite));
        Some(match name {
            "create" => {
                self.forbid_mixed(target, node, parent);
                NestedOp::Create(self.objects(node, true, |c, item| c.create_data(target, item, parent)))
            }
            "createMany" => {
                let entries = self.object(node)?;
                self.allow(entries, &["data"]);
                NestedOp::CreateMany(self.required(entries, "data", |c, node| c.create_rows(target, node, parent))?)
            }
            "connect" => NestedOp::Connect(self.unique_list(target, node)),
            "disconnect" => {
                self.forbid_disconnect(relation);
                NestedOp::Disconnect(self.unique_list(target, node))
            }
            "set" => NestedOp::Set(self.unique_list(target, node)),
            "delete" => NestedOp::Delete(self.unique_list(target, node)),
            "connectOrCreate" => NestedOp::ConnectOrCreate(
                self.objects(node, true, |c, item| c.connect_or_create(relation, item)).into_iter().flatten().collect(),
            ),
            "update" => {
                let updates = self.objects(node, true, |c, item| {
                    let args = c.object(item)?;
                    c.allow(args, &["where", "data"]);
                    let unique = c.required(args, "where", |c, node| c.unique_where(target, node));
                    let data = c.required(args, "data", |c, node| c.update_data(target, node, parent));
                    Some((unique??, data?))
                });
                NestedOp::Update(updates.into_iter().flatten().collect())
            }
            "upsert" => {
                let upserts = self.objects(node, true, |c, item| {
                    let args = c.object(item)?;
                    c.allow(args, &["where", "create", "update"]);
                    let unique = c.required(args, "where", |c, node| c.unique_where(target, node));
                    let create = c.required(args, "create", |c, node| c.create_data(target, node, parent));
                    let update = c.required(args, "update", |c, node| c.update_data(target, node, parent));
                    Some((unique??, create?, update?))
                });
                NestedOp::Upsert(upserts.into_iter().flatten().collect())
            }
            "updateMany" => {
                let updates = self.objects(node, true, |c, item| {
                    let args = c.object(item)?;
                    c.allow(args, &["where", "data"]);
                    let filter = if get(args, "where").is_none() && !erased(item) {
                        c.missing("missing_argument", "where", "argument");
                        Filter::True
                    } else {
                        c.many_where(target, args, erased(item), true)
                    };
                    let data = c.required(args, "data", |c, node| c.update_many_data(target, node, parent));
                    Some((filter, data?))
                });
                NestedOp::UpdateMany(updates.into_iter().flatten().collect())
            }
            "deleteMany" => NestedOp::DeleteMany(match node {
                // What looks like an empty list may be a filter that lost its keys.
                Node::Empty { .. } | Node::Value { raw: Raw::Sentinel(Sentinel::All), .. } => {
                    vec![self.restricting_where(target, node, true)]
                }
                Node::Value { raw: Raw::List(items), .. }
                    if !items.is_empty() && items.iter().all(|raw| *raw == Raw::Sentinel(Sentinel::All)) =>
                {
                    vec![Filter::True]
                }
                _ => self.objects(node, true, |c, item| c.restricting_where(target, item, true)),
            }),
            _ => return None,
        })
    }

    /// Refuses a list of rows to make of which some write relations of the row itself and others their keys.
    fn forbid_mixed(&mut self, model: ModelId, node: &'a Node, parent: Parent) {
        let Node::List(items) = node else { return };
        let (mut relations, mut keys) = (false, false);
        for entries in items.iter().filter_map(entries_of) {
            relations |= !self.connected_relations(model, entries, parent).is_empty();
            keys |= entries.iter().any(|(key, _)| {
                self.scalar(model, key).is_some_and(|(id, field)| {
                    self.owner_of_key(model, id).is_some()
                        || (field.default == Some(DefaultValue::AutoIncrement) && self.is_id(model, id))
                })
            });
        }
        if relations && keys {
            let message = format!("{}: some rows write relations and others their keys", self.place());
            let help = "give all of them relations, or all of them the keys' fields";
            self.fault("conflicting_arguments", message, Some(help.to_owned()));
        }
    }

    /// Refuses to cut records off that must refer to this one.
    fn forbid_disconnect(&mut self, relation: &'a RelationField) {
        let schema = self.schema;
        let opposite = schema.field(relation.target, relation.opposite);
        if opposite.arity == Arity::Required {
            let name = &schema.relation(relation.relation).name;
            let target = &schema.model(relation.target).name;
            let message = format!("{} would break the required relation `{name}` of `{target}`", self.place());
            self.fault("P2014", message, Some(format!("`{target}.{}` is required", opposite.name)));
        }
    }

    fn unique_list(&mut self, target: ModelId, node: &'a Node) -> Vec<UniqueWhere> {
        self.objects(node, true, |c, item| c.unique_where(target, item)).into_iter().flatten().collect()
    }

    fn connect_or_create(&mut self, relation: &'a RelationField, node: &'a Node) -> Option<(UniqueWhere, CreateData)> {
        let args = self.object(node)?;
        self.allow(args, &["where", "create"]);
        let unique = self.required(args, "where", |c, node| c.unique_where(relation.target, node));
        let create =
            self.required(args, "create", |c, node| c.create_data(relation.target, node, Some(relation.opposite)));
        Some((unique??, create?))
    }

    /// Checks a write of a single related record. None for `delete: false` and `disconnect: false` as well.
    fn single_op(&mut self, relation: &'a RelationField, name: &str, node: &'a Node) -> Option<NestedOp> {
        let (target, parent) = (relation.target, Some(relation.opposite));
        Some(match name {
            "create" => NestedOp::Create(vec![self.create_data(target, node, parent)]),
            "connect" => NestedOp::Connect(vec![self.unique_where(target, node)?]),
            "connectOrCreate" => NestedOp::ConnectOrCreate(vec![self.connect_or_create(relation, node)?]),
            "update" => {
                let (filter, data) = self.single_update(relation, node)?;
                NestedOp::UpdateOne(filter, data)
            }
            "upsert" => {
                let args = self.object(node)?;
                self.allow(args, &["where", "create", "update"]);
                let filter = self.optional(args, "where", |c, node| c.where_filter(target, node));
                let create = self.required(args, "create", |c, node| c.create_data(target, node, parent));
                let update = self.required(args, "update", |c, node| c.update_data(target, node, parent));
                NestedOp::UpsertOne(filter.unwrap_or(Filter::True), create?, update?)
            }
            "disconnect" => {
                let filter = self.which_one(target, node)?;
                self.forbid_disconnect(relation);
                NestedOp::DisconnectOne(filter)
            }
            "delete" => NestedOp::DeleteOne(self.which_one(target, node)?),
            _ => return None,
        })
    }

    /// Reads `true`, `false` or a filter that the record must meet.
    fn which_one(&mut self, target: ModelId, node: &'a Node) -> Option<Filter> {
        match node {
            Node::Value { raw: Raw::Bool(true), .. } => Some(Filter::True),
            Node::Value { raw: Raw::Bool(false), .. } => None,
            _ if entries_of(node).is_some() => Some(self.where_filter(target, node)),
            _ => {
                self.wrong_type(node, "true, false or a filter");
                None
            }
        }
    }

    /// Reads `update` of a single record: its data, or `{ where, data }`.
    fn single_update(&mut self, relation: &'a RelationField, node: &'a Node) -> Option<(Filter, UpdateData)> {
        let (target, parent) = (relation.target, Some(relation.opposite));
        let args = self.object(node)?;
        let only = args.iter().all(|(key, _)| matches!(&**key, "where" | "data"));
        let wrapped = only && get(args, "data").is_some_and(|data| !self.is_value_of(target, "data", data));
        if !wrapped {
            return Some((Filter::True, self.update_data(target, node, parent)));
        }
        let filter = self.optional(args, "where", |c, node| c.where_filter(target, node));
        let data = self.required(args, "data", |c, node| c.update_data(target, node, parent))?;
        Some((filter.unwrap_or(Filter::True), data))
    }
}

impl Checker<'_> {
    /// Tells whether a node is meant for the field `name`, if the model has one: a value, or one operation on it.
    fn is_value_of(&self, model: ModelId, name: &str, node: &Node) -> bool {
        let Some((_, field)) = self.field(model, name) else { return false };
        match (node, &field.kind) {
            (Node::Object { entries, .. }, FieldKind::Scalar(_) | FieldKind::Enum(_)) => match entries.as_slice() {
                [(key, _)] => {
                    let operation = matches!(&**key, "set" | "increment" | "decrement" | "multiply" | "divide");
                    operation && self.field(model, key).is_none()
                }
                _ => false,
            },
            (Node::Object { .. } | Node::Empty { .. }, _) => false,
            _ => true,
        }
    }
}

/// Returns the entries in the order in which their writes happen: the caller's, or the schema's where the caller has none.
fn in_order<'a>(schema: &Schema, model: ModelId, node: &'a Node, entries: Entries<'a>) -> Vec<(&'a str, &'a Node)> {
    let mut entries: Vec<(&'a str, &'a Node)> = entries.iter().map(|(key, node)| (&**key, node)).collect();
    if erased(node) {
        entries.sort_by_key(|(key, _)| (schema.model(model).field_named(key), *key));
    }
    entries
}
