//! orderBy, distinct and by.

use crate::query::check::{Checker, entries_of, names_help};
use crate::query::input::{Node, Raw};
use crate::query::{AggregateFunction, Nulls, OrderBy, OrderKey, Read};
use crate::schema::{Arity, Field, FieldId, FieldKind, ModelId, ScalarType, Schema};

/// How one key is sorted.
struct Direction {
    descending: bool,
    nulls: Option<Nulls>,
}

impl<'a> Checker<'a> {
    /// Checks an orderBy of records.
    pub(super) fn order(&mut self, model: ModelId, node: &'a Node) -> Vec<OrderBy> {
        self.objects_or_one(node, |c, item| c.order_item(model, item, &mut Vec::new()))
    }

    /// Checks an orderBy of groups: fields and aggregates.
    pub(super) fn group_order(&mut self, model: ModelId, node: &'a Node) -> Vec<OrderBy> {
        self.objects_or_one(node, |c, item| c.group_order_item(model, item))
    }

    fn objects_or_one(
        &mut self,
        node: &'a Node,
        mut check: impl FnMut(&mut Self, &'a Node) -> Option<OrderBy>,
    ) -> Vec<OrderBy> {
        self.objects(node, true, &mut check).into_iter().flatten().collect()
    }

    /// Returns the only key of an object.
    fn single_key(&mut self, node: &'a Node) -> Option<(&'a str, &'a Node)> {
        let entries = self.object(node)?;
        if entries.len() > 1 {
            let names: Vec<String> = entries.iter().take(8).map(|(key, _)| format!("`{key}`")).collect();
            let message = format!("{} must have one key, found {}", self.place(), names.join(", "));
            let help = if self.lua {
                "a table has no order of keys: write a list, `orderBy = { { a = 'asc' }, { b = 'desc' } }`"
            } else {
                "write a list with one object for each key"
            };
            self.fault("too_many_keys", message, Some(help.to_owned()));
            return None;
        }
        entries.first().map(|(key, node)| (&**key, node))
    }

    /// Returns the only key of an object that must have one.
    fn required_key(&mut self, node: &'a Node, expected: &str) -> Option<(&'a str, &'a Node)> {
        if entries_of(node).is_some_and(<[_]>::is_empty) {
            let message = format!("{} must name {expected}", self.place());
            self.fault("missing_argument", message, None);
            return None;
        }
        self.single_key(node)
    }

    fn order_item(&mut self, model: ModelId, node: &'a Node, path: &mut Vec<FieldId>) -> Option<OrderBy> {
        let (key, value) = self.single_key(node)?;
        let Some((id, field)) = self.field(model, key) else {
            self.unknown("unknown_field", key, "field", &self.field_names(model));
            return None;
        };
        self.at(key, |c| match &field.kind {
            FieldKind::Relation(relation) if field.arity == Arity::List => {
                let (count, value) = c.required_key(value, "`_count`")?;
                if count != "_count" {
                    c.unknown("unknown_field", count, "key", &["_count"]);
                    return None;
                }
                let direction = c.at(count, |c| c.direction(value, None))?;
                Some(order_by(std::mem::take(path), OrderKey::RelationCount(id), direction))
            }
            FieldKind::Relation(relation) => {
                path.push(id);
                c.order_item(relation.target, value, path)
            }
            _ => {
                let direction = c.direction(value, Some(field))?;
                Some(order_by(std::mem::take(path), OrderKey::Field(id), direction))
            }
        })
    }

    fn group_order_item(&mut self, model: ModelId, node: &'a Node) -> Option<OrderBy> {
        let (key, value) = self.single_key(node)?;
        if let Some(function) = aggregate_function(key) {
            return self.at(key, |c| {
                let (name, value) = c.required_key(value, "a field")?;
                let Some((id, _)) = c.scalar(model, name).filter(|(_, field)| aggregates(function, field)) else {
                    c.unknown("unknown_field", name, "field", &c.aggregate_names(model, function));
                    return None;
                };
                let direction = c.at(name, |c| c.direction(value, None))?;
                Some(order_by(Vec::new(), OrderKey::Aggregate(function, id), direction))
            });
        }
        let Some((id, field)) = self.scalar(model, key) else {
            let mut valid = self.scalar_names(model);
            valid.extend(["_count", "_avg", "_sum", "_min", "_max"]);
            self.unknown("unknown_field", key, "field", &valid);
            return None;
        };
        let direction = self.at(key, |c| c.direction(value, Some(field)))?;
        Some(order_by(Vec::new(), OrderKey::Field(id), direction))
    }

    /// Checks `asc`, `desc`, or for an optional field `{ sort, nulls }`.
    fn direction(&mut self, node: &'a Node, field: Option<&'a Field>) -> Option<Direction> {
        let optional = field.is_some_and(Field::is_optional);
        match node {
            Node::Value { raw: Raw::Null, .. } => {
                self.null_fault("`asc` or `desc`");
                None
            }
            Node::Value { .. } => {
                let descending = self.word(node, &["asc", "desc"])? == 1;
                Some(Direction { descending, nulls: None })
            }
            Node::Object { .. } if optional => {
                let entries = self.object(node)?;
                self.allow(entries, &["sort", "nulls"]);
                let sort = self.required(entries, "sort", |c, node| c.word(node, &["asc", "desc"]))?;
                let nulls = self.optional(entries, "nulls", |c, node| c.word(node, &["first", "last"])).flatten();
                let nulls = nulls.map(|index| if index == 0 { Nulls::First } else { Nulls::Last });
                Some(Direction { descending: sort? == 1, nulls })
            }
            _ => {
                let help = match field {
                    Some(field) if !optional && entries_of(node).is_some() => {
                        Some(format!("`{}` is required: it has no NULLs to place", field.name))
                    }
                    _ => None,
                };
                let message = format!("{} must be `asc` or `desc`, found {}", self.place(), super::check::found(node));
                self.fault("wrong_type", message, help);
                None
            }
        }
    }

    /// Reads one of a few words and returns its index.
    fn word(&mut self, node: &'a Node, words: &[&str]) -> Option<usize> {
        if let Node::Value { raw: Raw::Text(text), .. } = node
            && let Some(index) = words.iter().position(|word| **text == **word)
        {
            return Some(index);
        }
        let expected: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let message =
            format!("{} must be {}, found {}", self.place(), expected.join(" or "), super::check::found(node));
        let code = if matches!(node, Node::Value { raw: Raw::Text(_), .. }) { "invalid_value" } else { "wrong_type" };
        self.fault(code, message, None);
        None
    }

    /// Checks a name of a scalar field, or a list of such: distinct and by.
    pub(super) fn scalar_list(&mut self, model: ModelId, node: &'a Node) -> Vec<FieldId> {
        let mut fields = Vec::new();
        match node {
            Node::Empty { .. } => {}
            Node::Value { raw: Raw::List(items), .. } => {
                for (index, raw) in items.iter().enumerate() {
                    if let Some(id) = self.at_index(index, |c| c.scalar_name(model, raw))
                        && !fields.contains(&id)
                    {
                        fields.push(id);
                    }
                }
            }
            Node::Value { raw: Raw::Null, .. } => self.null_fault("a field or a list of fields"),
            Node::Value { raw, .. } => fields.extend(self.scalar_name(model, raw)),
            _ => self.wrong_type(node, "a field or a list of fields"),
        }
        fields
    }

    fn scalar_name(&mut self, model: ModelId, raw: &Raw) -> Option<FieldId> {
        let Raw::Text(name) = raw else {
            let message =
                format!("{} must be the name of a field, found {}", self.place(), super::check::found_raw(raw));
            self.fault("wrong_type", message, None);
            return None;
        };
        match self.scalar(model, name) {
            Some((id, _)) => Some(id),
            None => {
                let shown: String = name.chars().take(64).collect();
                let what = match self.field(model, name) {
                    Some(_) => format!("{}: `{name}` is a relation, expected a scalar field", self.place()),
                    None => format!(
                        "{}: `{}` has no field `{}`",
                        self.place(),
                        self.schema.model(model).name,
                        shown.escape_debug()
                    ),
                };
                let help = names_help(name, &self.scalar_names(model));
                self.fault("unknown_field", what, help);
                None
            }
        }
    }

    /// Returns the names of the fields that a function takes.
    pub(super) fn aggregate_names(&self, model: ModelId, function: AggregateFunction) -> Vec<&'a str> {
        let schema = self.schema;
        schema
            .model(model)
            .scalars()
            .filter(|(_, field)| aggregates(function, field))
            .map(|(_, field)| field.name.as_str())
            .collect()
    }

    /// Names the fields that are sorted by and are not in `by`. A page without an order is sorted by the id.
    pub(super) fn order_within(&mut self, model: ModelId, order: &[OrderBy], by: &[FieldId], paged: bool) {
        let keys = order.iter().filter_map(|item| match item.key {
            OrderKey::Field(id) => Some(id),
            _ => None,
        });
        let implied = if order.is_empty() && paged { self.schema.model(model).identity() } else { Vec::new() };
        for id in keys.chain(implied.iter().copied()).filter(|id| !by.contains(id)) {
            let name = &self.schema.field(model, id).name;
            let (message, help) = match order.is_empty() {
                true => ("a page of groups needs an order".to_owned(), "give `orderBy`".to_owned()),
                false => (
                    format!("`orderBy` sorts groups by `{name}`, which is not in `by`"),
                    format!("add `{name}` to `by`, or sort by an aggregate of it"),
                ),
            };
            self.at("orderBy", |c| c.fault("P2019", message, Some(help)));
        }
    }
}

/// Tells whether sort keys give every record a place of its own that comparing finds: none of them can be NULL, and some are unique.
///
/// Prisma does not count a key of several fields that is the id, and refuses to aggregate behind a cursor then: `whole_id` tells
/// whether to count it.
pub(crate) fn is_total_order(schema: &Schema, model: ModelId, order: &[OrderBy], whole_id: bool) -> bool {
    let mut own = Vec::new();
    for item in order {
        let OrderKey::Field(id) = item.key else { continue };
        let mut at = model;
        for hop in &item.path {
            let field = schema.field(at, *hop);
            match field.relation() {
                Some(relation) if !field.is_optional() => at = relation.target,
                _ => return false,
            }
        }
        if schema.field(at, id).is_optional() {
            return false;
        }
        if item.path.is_empty() {
            own.push(id);
        }
    }
    let model = schema.model(model);
    let id = model.primary_key.iter().map(|key| &key.fields).filter(|fields| whole_id || fields.len() == 1);
    id.chain(model.uniques.iter().map(|unique| &unique.fields))
        .any(|key| key.iter().all(|part| own.contains(&part.field)))
}

/// Returns the order of a read. A page needs one, so that without one the identity decides, as in Prisma.
pub(crate) fn effective_order(schema: &Schema, read: &Read) -> Vec<OrderBy> {
    if !read.order.is_empty() || (read.take.is_none() && read.skip.is_none() && read.cursor.is_none()) {
        return read.order.clone();
    }
    let by_id = |field| OrderBy { path: Vec::new(), key: OrderKey::Field(field), descending: false, nulls: None };
    schema.model(read.model).identity().into_iter().map(by_id).collect()
}

fn order_by(path: Vec<FieldId>, key: OrderKey, direction: Direction) -> OrderBy {
    OrderBy { path, key, descending: direction.descending, nulls: direction.nulls }
}

/// Finds `_count` and its like.
pub(super) fn aggregate_function(name: &str) -> Option<AggregateFunction> {
    match name {
        "_count" => Some(AggregateFunction::Count),
        "_avg" => Some(AggregateFunction::Avg),
        "_sum" => Some(AggregateFunction::Sum),
        "_min" => Some(AggregateFunction::Min),
        "_max" => Some(AggregateFunction::Max),
        _ => None,
    }
}

/// Tells whether a function takes a field of this type.
pub(super) fn aggregates(function: AggregateFunction, field: &Field) -> bool {
    match function {
        AggregateFunction::Count => true,
        AggregateFunction::Sum | AggregateFunction::Avg => matches!(
            field.scalar(),
            Some(ScalarType::Int | ScalarType::BigInt | ScalarType::Float | ScalarType::Decimal)
        ),
        AggregateFunction::Min | AggregateFunction::Max => field.scalar() != Some(ScalarType::Json),
    }
}
