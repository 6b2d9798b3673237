//! Filters: where, having, and the unique where.

use crate::query::check::{Checker, Entries, entries_of, erased, erased_anywhere, found, slot_type};
use crate::query::input::{Node, Raw};
use crate::query::{
    AggregateFunction, CompareOp, Filter, JsonOp, LikeKind, Operand, Quantifier, SlotType, Target, UniqueWhere,
};
use crate::schema::{Arity, Field, FieldId, ModelId, RelationField, ScalarType};
use crate::value::Sentinel;

/// What a part of a filter says.
#[derive(Debug)]
enum Condition {
    /// Nothing: `{}`, `{ posts = {} }`, `{ age = {} }`. Every record meets it, also under `NOT`, and a group leaves it out.
    Empty,
    /// A restriction.
    Is(Filter),
}

impl Condition {
    fn filter(self) -> Filter {
        match self {
            Condition::Empty => Filter::True,
            Condition::Is(filter) => filter,
        }
    }

    /// All of them must hold.
    fn all(conditions: Vec<Condition>) -> Condition {
        let mut filters = restrictions(conditions);
        match filters.len() {
            0 => Condition::Empty,
            1 => Condition::Is(filters.remove(0)),
            _ => Condition::Is(Filter::And(filters)),
        }
    }

    /// One of them must hold.
    fn any(conditions: Vec<Condition>) -> Condition {
        let mut filters = restrictions(conditions);
        match filters.len() {
            0 => Condition::Is(Filter::False),
            1 => Condition::Is(filters.remove(0)),
            _ => Condition::Is(Filter::Or(filters)),
        }
    }

    /// Puts the parts of an AND, OR or NOT together.
    ///
    /// A part that says nothing is left out, as Prisma does. A group of which nothing is left then says nothing itself, but at the top
    /// of a where, where `OR` needs one of none: no record fits.
    fn group(key: &str, parts: Vec<Condition>, depth: u32) -> Condition {
        let parts: Vec<Condition> = parts.into_iter().filter(|part| !matches!(part, Condition::Empty)).collect();
        match key {
            _ if parts.is_empty() && depth > 0 => Condition::Empty,
            "OR" => Condition::any(parts),
            "NOT" => Condition::all(parts.into_iter().map(Condition::not).collect()),
            _ => Condition::all(parts),
        }
    }

    fn not(self) -> Condition {
        match self {
            Condition::Empty => Condition::Empty,
            Condition::Is(Filter::True) => Condition::Is(Filter::False),
            Condition::Is(Filter::False) => Condition::Is(Filter::True),
            Condition::Is(filter) => Condition::Is(Filter::Not(Box::new(filter))),
        }
    }
}

fn restrictions(conditions: Vec<Condition>) -> Vec<Filter> {
    let restriction = |condition| match condition {
        Condition::Empty => None,
        Condition::Is(filter) => Some(filter),
    };
    conditions.into_iter().filter_map(restriction).collect()
}

/// Where a filter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// A where on records.
    Records,
    /// The where of a nested updateMany or deleteMany: scalar fields only.
    Scalars,
    /// A having: scalar fields and aggregates.
    Having,
}

/// What a scalar filter is about.
#[derive(Debug, Clone)]
struct Subject {
    model: ModelId,
    target: Target,
    /// How a value is bound.
    slot_type: SlotType,
    optional: bool,
    /// The field in `having`, whose filter may have aggregates inside.
    having: Option<FieldId>,
}

impl<'a> Checker<'a> {
    /// Checks a where.
    pub(super) fn where_filter(&mut self, model: ModelId, node: &'a Node) -> Filter {
        self.record_filter(model, node, Scope::Records).filter()
    }

    /// Checks a having; the fields that it names outside of aggregates must be in `by`.
    pub(super) fn having_filter(&mut self, model: ModelId, node: &'a Node) -> Filter {
        self.record_filter(model, node, Scope::Having).filter()
    }

    /// Checks the where of updateMany and deleteMany: `db.all`, or a filter that restricts (where keys may have been lost).
    /// `nested` tells that it stands in a nested write, where it filters by scalar fields only.
    pub(super) fn restricting_where(&mut self, model: ModelId, node: &'a Node, nested: bool) -> Filter {
        if matches!(node, Node::Value { raw: Raw::Sentinel(Sentinel::All), .. }) {
            return Filter::True;
        }
        let scope = if nested { Scope::Scalars } else { Scope::Records };
        let filter = self.record_filter(model, node, scope).filter();
        if entries_of(node).is_some() && restricts_nothing(&filter) && erased_anywhere(node) && !self.has_faults_here()
        {
            let message = format!("{} restricts nothing: it would mean every record", self.place());
            let all = if self.path().ends_with("where") { "where = db.all" } else { "db.all" };
            let help = format!("say `{all}` when every record is meant; a key whose value is nil is lost");
            self.fault("empty_where", message, Some(help));
        }
        filter
    }

    fn record_filter(&mut self, model: ModelId, node: &'a Node, scope: Scope) -> Condition {
        self.record_filter_at(model, node, scope, 0)
    }

    /// Checks a where, or `depth` levels of AND, OR and NOT inside it.
    fn record_filter_at(&mut self, model: ModelId, node: &'a Node, scope: Scope, depth: u32) -> Condition {
        let Some(entries) = self.object(node) else { return Condition::Empty };
        let parts = entries.iter().map(|(key, node)| self.at(key, |c| c.filter_part(model, key, node, scope, depth)));
        Condition::all(parts.collect())
    }

    /// Checks one key of a where; the path already ends with it.
    fn filter_part(&mut self, model: ModelId, key: &'a str, node: &'a Node, scope: Scope, depth: u32) -> Condition {
        match key {
            "AND" | "OR" | "NOT" => {
                let parts =
                    self.objects(node, key != "OR", |c, item| c.record_filter_at(model, item, scope, depth + 1));
                Condition::group(key, parts, depth)
            }
            _ => match self.field(model, key) {
                Some((id, field)) => match field.relation() {
                    Some(relation) if scope == Scope::Records => self.relation_filter(id, field, relation, node),
                    None => self.scalar_filter(model, id, field, node, scope == Scope::Having),
                    Some(_) => self.unknown_filter(model, key, scope),
                },
                None => self.unknown_filter(model, key, scope),
            },
        }
    }

    fn unknown_filter(&mut self, model: ModelId, key: &'a str, scope: Scope) -> Condition {
        if self.is_full() {
            return Condition::Empty;
        }
        let scalars = scope != Scope::Records;
        let mut valid = if scalars { self.scalar_names(model) } else { self.field_names(model) };
        valid.extend(["AND", "OR", "NOT"]);
        let name = &self.schema.model(model).name;
        let message = match self.field(model, key) {
            Some(_) => format!("{}: `{key}` is a relation, and only scalar fields are filtered by here", self.place()),
            None => {
                let shown: String = key.chars().take(64).collect();
                format!("{}: `{name}` has no field `{}`", self.place(), shown.escape_debug())
            }
        };
        let help = super::check::names_help(key, &valid);
        self.fault("unknown_field", message, help);
        Condition::Empty
    }

    // ---- relations ----

    fn relation_filter(
        &mut self,
        id: FieldId,
        field: &'a Field,
        relation: &'a RelationField,
        node: &'a Node,
    ) -> Condition {
        let target = relation.target;
        if let Node::Value { raw: Raw::Null, .. } = node {
            if field.arity == Arity::Optional {
                return Condition::Is(Filter::RelationNull { field: id, negated: false });
            }
            self.null_fault(if field.arity == Arity::List {
                "`some`, `every` or `none`"
            } else {
                "a filter on the record"
            });
            return Condition::Empty;
        }
        let Some(entries) = self.object(node) else { return Condition::Empty };
        if entries.is_empty() {
            return Condition::Empty;
        }
        if field.arity == Arity::List {
            let conditions = entries
                .iter()
                .map(|(key, node)| match &**key {
                    "some" => self.quantified(id, key, Quantifier::Some, target, node),
                    "every" => self.quantified(id, key, Quantifier::Every, target, node),
                    "none" => self.quantified(id, key, Quantifier::None, target, node),
                    _ => {
                        self.unknown("unknown_operator", key, "operator", &["some", "every", "none"]);
                        Condition::Empty
                    }
                })
                .collect();
            return Condition::all(conditions);
        }
        let names_record = |key: &str| self.field(target, key).is_some();
        let envelope = entries.iter().all(|(key, _)| matches!(&**key, "is" | "isNot") && !names_record(key));
        if !envelope {
            // The short form: a filter on the record itself.
            let filter = self.where_filter(target, node);
            return Condition::Is(Filter::Relation { field: id, quantifier: Quantifier::Is, filter: Box::new(filter) });
        }
        let conditions = entries
            .iter()
            .map(|(key, node)| {
                let negated = &**key == "isNot";
                if let Node::Value { raw: Raw::Null, .. } = node
                    && field.arity == Arity::Optional
                {
                    return Condition::Is(Filter::RelationNull { field: id, negated });
                }
                self.quantified(id, key, if negated { Quantifier::IsNot } else { Quantifier::Is }, target, node)
            })
            .collect();
        Condition::all(conditions)
    }

    fn quantified(
        &mut self,
        id: FieldId,
        key: &'a str,
        quantifier: Quantifier,
        target: ModelId,
        node: &'a Node,
    ) -> Condition {
        let filter = self.at(key, |c| c.where_filter(target, node));
        Condition::Is(Filter::Relation { field: id, quantifier, filter: Box::new(filter) })
    }

    // ---- scalars ----

    fn scalar_filter(
        &mut self,
        model: ModelId,
        id: FieldId,
        field: &'a Field,
        node: &'a Node,
        having: bool,
    ) -> Condition {
        let subject = Subject {
            model,
            target: Target::Field(id),
            slot_type: slot_type(field),
            optional: field.is_optional(),
            having: having.then_some(id),
        };
        if subject.slot_type == SlotType::Json {
            return self.json_filter(&subject, id, node);
        }
        self.value_filter(&subject, node)
    }

    /// Checks a value that must be equal, NULL, or an object of operators.
    fn value_filter(&mut self, subject: &Subject, node: &'a Node) -> Condition {
        match node {
            Node::Object { entries, .. } => self.operators(subject, entries, node, false),
            Node::Empty { .. } => self.operators(subject, &[], node, false),
            Node::Value { raw: Raw::Field(..), .. } => {
                let expected = self.expected(subject);
                self.wrong_type_with(
                    node,
                    &expected,
                    "a reference to a field stands under an operator: `equals`, `gt`, ...",
                );
                Condition::Empty
            }
            _ => self.compare(subject, CompareOp::Equals, node, true),
        }
    }

    fn expected(&self, subject: &Subject) -> String {
        let value = super::convert::expected(self.schema, &subject.slot_type);
        if subject.optional { format!("{value}, null or a filter") } else { format!("{value} or a filter") }
    }

    fn wrong_type_with(&mut self, node: &Node, expected: &str, help: &str) {
        let message = format!("{} must be {expected}, found {}", self.place(), found(node));
        self.fault("wrong_type", message, Some(help.to_owned()));
    }

    /// Checks the operators of a scalar filter; all of them must hold, or under `not` the opposite of each.
    fn operators(&mut self, subject: &Subject, entries: Entries<'a>, node: &'a Node, opposite: bool) -> Condition {
        if entries.is_empty() {
            if erased(node) {
                let message = format!("{} is a filter without an operator", self.place());
                let help = "a key whose value is nil is lost; write `db.null` for NULL, or leave the field out";
                self.fault("empty_filter", message, Some(help.to_owned()));
            }
            return Condition::Empty;
        }
        let conditions = entries.iter().map(|(key, node)| self.operator(subject, key, node, opposite)).collect();
        Condition::all(conditions)
    }

    /// Checks one operator, or its opposite. A `not` with a plain value means the same under another `not`, as in Prisma.
    fn operator(&mut self, subject: &Subject, key: &'a str, node: &'a Node, opposite: bool) -> Condition {
        let name = match key {
            "in_" if self.lua => "in",
            "not_" if self.lua => "not",
            _ => key,
        };
        if let Some(field) = subject.having
            && let Some(aggregate) = self.aggregate_subject(subject, field, name)
        {
            return self.at(key, |c| c.aggregate_filter(&aggregate, node, opposite));
        }
        let valid = self.operator_names(subject);
        if !valid.contains(&name) {
            self.unknown("unknown_operator", key, "operator", &valid);
            return Condition::Empty;
        }
        let condition = self.at(key, |c| match name {
            "equals" => c.compare(subject, CompareOp::Equals, node, true),
            "lt" => c.compare(subject, CompareOp::Lt, node, false),
            "lte" => c.compare(subject, CompareOp::Lte, node, false),
            "gt" => c.compare(subject, CompareOp::Gt, node, false),
            "gte" => c.compare(subject, CompareOp::Gte, node, false),
            "contains" => c.like(subject, LikeKind::Contains, node),
            "startsWith" => c.like(subject, LikeKind::StartsWith, node),
            "endsWith" => c.like(subject, LikeKind::EndsWith, node),
            "in" => c.in_list(subject, node, false),
            "notIn" => c.in_list(subject, node, true),
            _ => match node {
                Node::Object { entries, .. } => c.operators(subject, entries, node, !opposite),
                Node::Empty { .. } => c.operators(subject, &[], node, !opposite),
                Node::Value { raw: Raw::Field(..), .. } => {
                    let expected = c.expected(subject);
                    c.wrong_type_with(node, &expected, "a reference to a field stands under `not` and `equals`");
                    Condition::Empty
                }
                _ => c.compare(subject, CompareOp::NotEquals, node, true),
            },
        });
        if opposite && name != "not" { condition.not() } else { condition }
    }

    /// Checks the filter of an aggregate in `having`: an object of operators.
    fn aggregate_filter(&mut self, subject: &Subject, node: &'a Node, opposite: bool) -> Condition {
        match self.object(node) {
            Some(entries) => self.operators(subject, entries, node, opposite),
            None => Condition::Empty,
        }
    }

    fn operator_names(&self, subject: &Subject) -> Vec<&'static str> {
        let mut names = match &subject.slot_type {
            SlotType::Scalar(ScalarType::Boolean) => vec!["equals", "not"],
            SlotType::Scalar(ScalarType::Bytes) | SlotType::Enum(_) => vec!["equals", "in", "notIn", "not"],
            SlotType::Scalar(ScalarType::String) => {
                vec!["equals", "in", "notIn", "lt", "lte", "gt", "gte", "contains", "startsWith", "endsWith", "not"]
            }
            _ => vec!["equals", "in", "notIn", "lt", "lte", "gt", "gte", "not"],
        };
        if let Some(field) = subject.having {
            let aggregates = ["_count", "_avg", "_sum", "_min", "_max"];
            names.extend(aggregates.into_iter().filter(|name| self.aggregate_subject(subject, field, name).is_some()));
        }
        names
    }

    /// Returns what `_avg` and its like mean in the `having` filter of a field.
    fn aggregate_subject(&self, subject: &Subject, field: FieldId, name: &str) -> Option<Subject> {
        let slot_type = slot_type(self.schema.field(subject.model, field));
        let numeric = match slot_type {
            SlotType::Scalar(
                scalar @ (ScalarType::Int | ScalarType::BigInt | ScalarType::Float | ScalarType::Decimal),
            ) => Some(scalar),
            _ => None,
        };
        let (function, slot_type) = match (name, numeric) {
            ("_count", _) => (AggregateFunction::Count, SlotType::Scalar(ScalarType::Int)),
            ("_sum", Some(_)) => (AggregateFunction::Sum, slot_type),
            ("_avg", Some(ScalarType::Decimal)) => (AggregateFunction::Avg, slot_type),
            ("_avg", Some(_)) => (AggregateFunction::Avg, SlotType::Scalar(ScalarType::Float)),
            ("_min", _) if slot_type != SlotType::Json => (AggregateFunction::Min, slot_type),
            ("_max", _) if slot_type != SlotType::Json => (AggregateFunction::Max, slot_type),
            _ => return None,
        };
        Some(Subject { target: Target::Aggregate(function, field), slot_type, having: None, ..subject.clone() })
    }

    /// Checks a comparison with a value, a reference, or (where `null` tells so) NULL.
    fn compare(&mut self, subject: &Subject, op: CompareOp, node: &'a Node, null: bool) -> Condition {
        let target = subject.target;
        match node {
            Node::Value { raw: Raw::Null, .. } if null && subject.optional => {
                Condition::Is(Filter::Null { target, negated: op == CompareOp::NotEquals })
            }
            Node::Value { raw: Raw::Field(model, field), .. } => match self.reference(subject, model, field) {
                Some(id) => Condition::Is(Filter::Compare { target, op, operand: Operand::Field(id) }),
                None => Condition::Empty,
            },
            _ => match self.value(node, subject.slot_type.clone()) {
                Some(slot) => Condition::Is(Filter::Compare { target, op, operand: Operand::Slot(slot) }),
                None => Condition::Empty,
            },
        }
    }

    fn like(&mut self, subject: &Subject, kind: LikeKind, node: &'a Node) -> Condition {
        let operand = match node {
            Node::Value { raw: Raw::Field(model, field), .. } => {
                self.reference(subject, model, field).map(Operand::Field)
            }
            _ => self.value(node, SlotType::Like(kind)).map(Operand::Slot),
        };
        match operand {
            Some(operand) => Condition::Is(Filter::Like { target: subject.target, kind, operand, negated: false }),
            None => Condition::Empty,
        }
    }

    fn in_list(&mut self, subject: &Subject, node: &'a Node, negated: bool) -> Condition {
        match node {
            Node::Empty { .. } => return Condition::Is(if negated { Filter::True } else { Filter::False }),
            Node::Value { raw: Raw::List(items), .. } if items.is_empty() => {
                return Condition::Is(if negated { Filter::True } else { Filter::False });
            }
            Node::Value { raw: Raw::Null, .. } if subject.optional => {
                self.null_fault("a list");
                return Condition::Empty;
            }
            _ => {}
        }
        match self.value(node, SlotType::List(Box::new(subject.slot_type.clone()))) {
            Some(list) => Condition::Is(Filter::In { target: subject.target, list, negated }),
            None => Condition::Empty,
        }
    }

    /// Finds the field that a filter refers to: of the same model and of the same type.
    fn reference(&mut self, subject: &Subject, model: &str, field: &str) -> Option<FieldId> {
        let own = &self.schema.model(subject.model).name;
        if model != own {
            let message = format!("{} refers to `{model}.{field}`: expected a field of `{own}`", self.place());
            self.fault("P2019", message, None);
            return None;
        }
        let Some((id, other)) = self.scalar(subject.model, field) else {
            let valid = self.scalar_names(subject.model);
            let message = format!("{} refers to `{model}.{field}`, which does not exist", self.place());
            self.fault("unknown_field", message, super::check::names_help(field, &valid));
            return None;
        };
        if slot_type(other) != subject.slot_type {
            let expected = super::convert::expected(self.schema, &subject.slot_type);
            let found = super::convert::expected(self.schema, &slot_type(other));
            let message = format!(
                "{} refers to `{model}.{field}`: expected a field that holds {expected}, found one that holds {found}",
                self.place()
            );
            self.fault("P2019", message, None);
            return None;
        }
        Some(id)
    }

    // ---- Json ----

    fn json_filter(&mut self, subject: &Subject, id: FieldId, node: &'a Node) -> Condition {
        const NAMES: [&str; 8] = [
            "path",
            "equals",
            "not",
            "string_contains",
            "string_starts_with",
            "string_ends_with",
            "array_starts_with",
            "array_ends_with",
        ];
        let Some(entries) = entries_of(node) else {
            self.wrong_type_with(node, "an object of operators", "a Json field is compared with the operator `equals`");
            return Condition::Empty;
        };
        if entries.is_empty() {
            return self.operators(subject, &[], node, false);
        }
        let path_node = entries.iter().find(|(key, _)| &**key == "path");
        let path = path_node.and_then(|(key, node)| self.at(key, |c| c.value(node, SlotType::JsonPath)));
        let mut conditions = Vec::new();
        for (key, node) in entries {
            let name = match &**key {
                "path" => continue,
                "not_" if self.lua => "not",
                name => name,
            };
            if let Some(field) = subject.having
                && let Some(aggregate) = self.aggregate_subject(subject, field, name)
            {
                conditions.push(self.at(key, |c| c.aggregate_filter(&aggregate, node, false)));
                continue;
            }
            let found = self.at(key, |c| match name {
                "equals" => {
                    Some(c.json_compare(JsonOp::Equals, JsonOp::EqualsAnyNull, subject, path_node.is_some(), node))
                }
                "not" => Some(c.json_compare(JsonOp::Not, JsonOp::NotAnyNull, subject, path_node.is_some(), node)),
                "string_contains" => Some(c.json_like(JsonOp::StringContains, LikeKind::Contains, subject, node)),
                "string_starts_with" => {
                    Some(c.json_like(JsonOp::StringStartsWith, LikeKind::StartsWith, subject, node))
                }
                "string_ends_with" => Some(c.json_like(JsonOp::StringEndsWith, LikeKind::EndsWith, subject, node)),
                "array_starts_with" => Some(c.json_item(JsonOp::ArrayStartsWith, node)),
                "array_ends_with" => Some(c.json_item(JsonOp::ArrayEndsWith, node)),
                _ => None,
            });
            match found {
                Some(Some((op, operand))) => {
                    conditions.push(Condition::Is(Filter::Json { field: id, path, op, operand }))
                }
                Some(None) => {}
                None => self.unknown("unknown_operator", key, "operator", &NAMES),
            }
        }
        if conditions.is_empty() && path_node.is_some() && entries.len() == 1 {
            let message = format!("{} has a path and no operator", self.place());
            self.fault(
                "P2019",
                message,
                Some(format!("valid names: {}", NAMES.map(|name| format!("`{name}`")).join(", "))),
            );
        }
        Condition::all(conditions)
    }

    fn json_compare(
        &mut self,
        op: JsonOp,
        any_null: JsonOp,
        subject: &Subject,
        at_path: bool,
        node: &'a Node,
    ) -> Option<(JsonOp, Operand)> {
        match node {
            Node::Value { raw: Raw::Null | Raw::Sentinel(Sentinel::JsonNull), .. } => Some((op, Operand::JsonNull)),
            Node::Value { raw: Raw::Sentinel(Sentinel::DbNull), .. } => Some((op, Operand::Null)),
            Node::Value { raw: Raw::Sentinel(Sentinel::AnyNull), .. } => Some((any_null, Operand::Null)),
            Node::Value { raw: Raw::Field(model, field), .. } => {
                self.reference(subject, model, field).map(|id| (op, Operand::Field(id)))
            }
            _ => {
                let slot_type = if at_path { SlotType::JsonOperand } else { SlotType::Json };
                self.value(node, slot_type).map(|slot| (op, Operand::Slot(slot)))
            }
        }
    }

    fn json_like(
        &mut self,
        op: JsonOp,
        kind: LikeKind,
        subject: &Subject,
        node: &'a Node,
    ) -> Option<(JsonOp, Operand)> {
        if let Node::Value { raw: Raw::Field(model, field), .. } = node {
            let text = Subject { slot_type: SlotType::Scalar(ScalarType::String), ..subject.clone() };
            return self.reference(&text, model, field).map(|id| (op, Operand::Field(id)));
        }
        self.value(node, SlotType::Like(kind)).map(|slot| (op, Operand::Slot(slot)))
    }

    fn json_item(&mut self, op: JsonOp, node: &'a Node) -> Option<(JsonOp, Operand)> {
        match node {
            Node::Value { raw: Raw::Null, .. } => Some((op, Operand::JsonNull)),
            Node::Value { raw: Raw::Sentinel(_), .. } => {
                self.wrong_type_with(node, "a JSON value", "`null` is the JSON value null");
                None
            }
            _ => self.value(node, SlotType::JsonOperand).map(|slot| (op, Operand::Slot(slot))),
        }
    }

    // ---- unique ----

    /// Checks a filter that fits at most one record: a unique key, and more filters.
    pub(super) fn unique_where(&mut self, model: ModelId, node: &'a Node) -> Option<UniqueWhere> {
        let entries = self.object(node)?;
        let mut key_parts: Option<Vec<(FieldId, Operand)>> = None;
        let mut conditions = Vec::new();
        let mut named = false;
        for (key, node) in entries {
            let parts = if let Some(id) = self.unique_field(model, key) {
                let field = self.schema.field(model, id);
                self.at(key, |c| c.key_value(field, node)).map(|operand| vec![(id, operand)])
            } else if let Some(fields) = self.compound_key(model, key) {
                self.at(key, |c| c.compound_value(model, &fields, node))
            } else {
                let condition = self.at(key, |c| c.unique_filter_part(model, key, node));
                conditions.push(condition);
                continue;
            };
            named = true;
            if let Some(parts) = parts {
                for (id, operand) in &parts {
                    conditions.push(Condition::Is(Filter::Compare {
                        target: Target::Field(*id),
                        op: CompareOp::Equals,
                        operand: operand.clone(),
                    }));
                }
                key_parts.get_or_insert(parts);
            }
        }
        if !named {
            let keys: Vec<String> = self.unique_names(model).iter().map(|name| format!("`{name}`")).collect();
            let name = &self.schema.model(model).name;
            let message = format!("{} names no unique key of `{name}`", self.place());
            self.fault("not_unique", message, Some(format!("give one of {}", keys.join(", "))));
        }
        Some(UniqueWhere { key: key_parts?, filter: Condition::all(conditions).filter() })
    }

    fn unique_filter_part(&mut self, model: ModelId, key: &'a str, node: &'a Node) -> Condition {
        if !self.is_full() && self.field(model, key).is_none() && !matches!(key, "AND" | "OR" | "NOT") {
            let mut valid = self.unique_names(model);
            for name in self.field_names(model) {
                if !valid.contains(&name) {
                    valid.push(name);
                }
            }
            valid.extend(["AND", "OR", "NOT"]);
            let name = &self.schema.model(model).name;
            let shown: String = key.chars().take(64).collect();
            let message = format!("{}: `{name}` has no field or unique key `{}`", self.place(), shown.escape_debug());
            self.fault("unknown_field", message, super::check::names_help(key, &valid));
            return Condition::Empty;
        }
        self.filter_part(model, key, node, Scope::Records, 0)
    }

    /// Checks a value of a unique key: a plain value, never NULL.
    fn key_value(&mut self, field: &'a Field, node: &'a Node) -> Option<Operand> {
        self.value(node, slot_type(field)).map(Operand::Slot)
    }

    fn compound_value(
        &mut self,
        model: ModelId,
        fields: &[FieldId],
        node: &'a Node,
    ) -> Option<Vec<(FieldId, Operand)>> {
        let entries = self.object(node)?;
        let names: Vec<&'a str> = fields.iter().map(|id| self.schema.field(model, *id).name.as_str()).collect();
        for (key, _) in entries {
            if !names.contains(&&**key) {
                self.unknown("unknown_field", key, "field", &names);
            }
        }
        let mut parts = Vec::new();
        for (id, name) in fields.iter().zip(names) {
            match entries.iter().find(|(key, _)| **key == *name) {
                Some((_, node)) => {
                    let field = self.schema.field(model, *id);
                    if let Some(operand) = self.at(name, |c| c.key_value(field, node)) {
                        parts.push((*id, operand));
                    }
                }
                None => self.missing("missing_field", name, "field"),
            }
        }
        (parts.len() == fields.len()).then_some(parts)
    }

    /// Finds a field that is unique by itself.
    pub(super) fn unique_field(&self, model: ModelId, name: &str) -> Option<FieldId> {
        let (id, _) = self.scalar(model, name)?;
        let schema = self.schema.model(model);
        let key = schema.primary_key.iter().map(|key| &key.fields);
        key.chain(schema.uniques.iter().map(|unique| &unique.fields))
            .any(|fields| matches!(fields.as_slice(), [part] if part.field == id))
            .then_some(id)
    }

    /// Finds a unique key of several fields by its name.
    pub(super) fn compound_key(&self, model: ModelId, name: &str) -> Option<Vec<FieldId>> {
        let schema = self.schema.model(model);
        let key = schema.primary_key.iter().map(|key| (&key.name, &key.fields));
        key.chain(schema.uniques.iter().map(|unique| (&unique.name, &unique.fields)))
            .find(|(key_name, fields)| *key_name == name && fields.len() > 1)
            .map(|(_, fields)| fields.iter().map(|part| part.field).collect())
    }

    /// Returns the names of the unique keys.
    fn unique_names(&self, model: ModelId) -> Vec<&'a str> {
        let schema = self.schema.model(model);
        let key = schema.primary_key.iter().map(|key| (&key.name, &key.fields));
        let mut names = Vec::new();
        for (name, fields) in key.chain(schema.uniques.iter().map(|unique| (&unique.name, &unique.fields))) {
            let name = match fields.as_slice() {
                [part] => schema.field(part.field).name.as_str(),
                _ => name.as_str(),
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Reads a cursor: the fields of a unique key with their values, and those of further fields given.
    pub(super) fn cursor(&mut self, model: ModelId, node: &'a Node) -> Option<Vec<(FieldId, Operand)>> {
        for (key, _) in self.object(node)? {
            if self.scalar(model, key).is_none() && self.compound_key(model, key).is_none() {
                let message = format!("{} takes the values of a unique key, not other filters", self.place());
                self.at(key, |c| c.fault("invalid_value", message, None));
            }
        }
        let unique = self.unique_where(model, node)?;
        let mut parts = unique.key;
        let filters = match unique.filter {
            Filter::And(filters) => filters,
            filter => vec![filter],
        };
        for filter in filters {
            match filter {
                Filter::Compare {
                    target: Target::Field(id),
                    op: CompareOp::Equals,
                    operand: operand @ Operand::Slot(_),
                } => {
                    if parts.iter().all(|(part, _)| *part != id) {
                        parts.push((id, operand));
                    }
                }
                // No record is found by comparing with NULL.
                Filter::Null { target: Target::Field(id), negated: false } => parts.push((id, Operand::Null)),
                _ => {
                    let message = format!("{} takes the values of a unique key, not other filters", self.place());
                    self.fault("invalid_value", message, None);
                }
            }
        }
        Some(parts)
    }
}

fn restricts_nothing(filter: &Filter) -> bool {
    match filter {
        Filter::True => true,
        Filter::And(filters) => filters.iter().all(restricts_nothing),
        Filter::Or(filters) => filters.iter().any(restricts_nothing),
        _ => false,
    }
}
