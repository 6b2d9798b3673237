//! Reads: find, count, aggregate, groupBy; select, include, omit.

use crate::query::check::{Checker, Entries, entries_of, found, get};
use crate::query::convert;
use crate::query::input::{Node, Raw};
use crate::query::order::{aggregate_function, aggregates, effective_order, is_total_order};
use crate::query::{
    Action, AggregateFunction, Aggregates, Body, CountAggregate, Filter, GroupBy, Operand, Read, Selection, Target,
};
use crate::schema::{Arity, FieldId, ModelId, RelationField};

/// The arguments of a read of many records.
const READ: [&str; 9] = ["where", "orderBy", "cursor", "take", "skip", "distinct", "select", "include", "omit"];

impl<'a> Checker<'a> {
    pub(super) fn find(&mut self, model: ModelId, action: Action, args: Entries<'a>) -> Option<Body> {
        self.allow(args, &READ);
        let read = self.read(model, args);
        if action != Action::FindMany
            && let Some(Node::Value { raw, .. }) = get(args, "take")
            && convert::integer(raw).is_some_and(|take| take != 1 && take != -1)
        {
            let message =
                format!("`take` must be 1 or -1 in `{}`, found {}", action.name(), super::check::found_raw(raw));
            self.at("take", |c| c.fault("P2019", message, Some("findMany answers several records".to_owned())));
        }
        Some(Body::Find(read))
    }

    pub(super) fn find_unique(&mut self, model: ModelId, args: Entries<'a>) -> Option<Body> {
        self.allow(args, &["where", "select", "include", "omit"]);
        let unique = self.required(args, "where", |c, node| c.unique_where(model, node));
        let selection = self.selection(model, args);
        Some(Body::Find(Read { filter: unique??.filter, ..empty_read(model, selection) }))
    }

    /// Reads the arguments of a read of many records.
    fn read(&mut self, model: ModelId, args: Entries<'a>) -> Read {
        let selection = self.selection(model, args);
        self.page(model, args, selection)
    }

    /// Reads where, orderBy, cursor, take, skip and distinct.
    fn page(&mut self, model: ModelId, args: Entries<'a>, selection: Selection) -> Read {
        Read {
            model,
            filter: self.optional(args, "where", |c, node| c.where_filter(model, node)).unwrap_or(Filter::True),
            order: self.optional(args, "orderBy", |c, node| c.order(model, node)).unwrap_or_default(),
            cursor: self.optional(args, "cursor", |c, node| c.cursor(model, node)).flatten(),
            take: self.take(args),
            skip: self.count(args, "skip"),
            distinct: self.optional(args, "distinct", |c, node| c.scalar_list(model, node)).unwrap_or_default(),
            selection,
        }
    }

    // ---- what is answered ----

    /// Reads select, include and omit.
    pub(super) fn selection(&mut self, model: ModelId, args: Entries<'a>) -> Selection {
        self.selection_of(model, args, false)
    }

    /// Reads select, include and omit where only relations whose foreign key lies in the record itself may be loaded.
    pub(super) fn returned_selection(&mut self, model: ModelId, args: Entries<'a>) -> Selection {
        self.selection_of(model, args, true)
    }

    fn selection_of(&mut self, model: ModelId, args: Entries<'a>, own_only: bool) -> Selection {
        let (select, include, omit) = (get(args, "select"), get(args, "include"), get(args, "omit"));
        for (other, name) in [(include, "include"), (omit, "omit")] {
            if select.is_some() && other.is_some() {
                let message = format!("give either `select` or `{name}`, not both{}", self.inside());
                self.at(name, |c| c.fault("conflicting_arguments", message, None));
            }
        }
        let mut selection = Selection::default();
        match select {
            Some(node) => self.at("select", |c| c.select(model, node, own_only, &mut selection)),
            None => {
                let hidden = self.optional(args, "omit", |c, node| c.omitted(model, node)).unwrap_or_default();
                let scalars = self.schema.model(model).scalars().map(|(id, _)| id);
                selection.scalars = scalars.filter(|id| !hidden.contains(id)).collect();
                if let Some(node) = include {
                    self.at("include", |c| c.include(model, node, own_only, &mut selection));
                }
                let nothing =
                    selection.scalars.is_empty() && selection.relations.is_empty() && selection.counts.is_none();
                if nothing && omit.is_some() {
                    let message = format!("`omit` leaves nothing{}", self.inside());
                    self.at("omit", |c| c.fault("empty_select", message, None));
                }
            }
        }
        selection.scalars.sort_unstable();
        selection.relations.sort_by_key(|(id, _)| *id);
        selection
    }

    fn inside(&self) -> String {
        let path = self.path();
        if path.is_empty() { String::new() } else { format!(" in `{path}`") }
    }

    fn select(&mut self, model: ModelId, node: &'a Node, own_only: bool, selection: &mut Selection) {
        let Some(entries) = self.object(node) else { return };
        let mut any = false;
        for (key, node) in entries {
            if self.is_full() {
                return;
            }
            if let Some((id, _)) = self.scalar(model, key) {
                if self.at(key, |c| c.boolean(node)) != Some(false) {
                    any = true;
                    selection.scalars.push(id);
                }
            } else if self.relation_part(model, key, node, own_only, selection) {
                any = true;
            } else if !self.is_selectable(model, key, own_only) {
                any = true;
                let mut valid = self.scalar_names(model);
                valid.extend(self.relation_names(model, own_only));
                self.unknown("unknown_field", key, "field", &valid);
            }
        }
        if !any {
            let message = format!("{} must name at least one field with true", self.place());
            self.fault("empty_select", message, None);
        }
    }

    fn include(&mut self, model: ModelId, node: &'a Node, own_only: bool, selection: &mut Selection) {
        let Some(entries) = self.object(node) else { return };
        for (key, node) in entries {
            if self.is_full() {
                return;
            }
            if self.is_selectable(model, key, own_only) {
                self.relation_part(model, key, node, own_only, selection);
                continue;
            }
            let valid = self.relation_names(model, own_only);
            if self.scalar(model, key).is_some() {
                let message = format!("`{key}` in {} is a scalar field: include takes relations only", self.place());
                let help = "scalar fields are there anyway; use `select` to choose among them";
                self.at(key, |c| c.fault("unknown_field", message, Some(help.to_owned())));
            } else {
                self.unknown("unknown_field", key, "relation", &valid);
            }
        }
    }

    /// Tells whether `key` is a relation that may be loaded here, or `_count`.
    fn is_selectable(&self, model: ModelId, key: &str, own_only: bool) -> bool {
        self.relation_names(model, own_only).contains(&key)
    }

    fn relation_names(&self, model: ModelId, own_only: bool) -> Vec<&'a str> {
        let schema = self.schema;
        let visible = self.field_names(model);
        let mut names = Vec::new();
        let mut lists = false;
        for (_, field, relation) in schema.model(model).relations() {
            if visible.contains(&field.name.as_str()) && (!own_only || !relation.fields.is_empty()) {
                names.push(field.name.as_str());
                lists |= field.arity == Arity::List;
            }
        }
        if lists {
            names.push("_count");
        }
        names
    }

    /// Adds a relation or `_count` and tells whether it was one that is asked for.
    fn relation_part(
        &mut self,
        model: ModelId,
        key: &'a str,
        node: &'a Node,
        own_only: bool,
        selection: &mut Selection,
    ) -> bool {
        if !self.is_selectable(model, key, own_only) {
            return false;
        }
        if key == "_count" {
            let counts = self.at(key, |c| c.relation_counts(model, node));
            let any = counts.is_some();
            selection.counts = counts;
            return any;
        }
        let Some((id, field)) = self.field(model, key) else { return false };
        let Some(relation) = field.relation() else { return false };
        let read = self.at(key, |c| c.relation_read(relation, field.arity, node));
        let any = read.is_some();
        selection.relations.extend(read.map(|read| (id, read)));
        any
    }

    /// Reads what an included relation says: true, false, or arguments.
    fn relation_read(&mut self, relation: &'a RelationField, arity: Arity, node: &'a Node) -> Option<Read> {
        let args = match node {
            Node::Value { raw: Raw::Bool(false), .. } => return None,
            Node::Value { raw: Raw::Bool(true), .. } => &[],
            _ => match entries_of(node) {
                Some(entries) => entries,
                None => {
                    self.wrong_type(node, "true, false or an object");
                    &[]
                }
            },
        };
        match arity {
            Arity::List => self.allow(args, &READ),
            Arity::Optional => self.allow(args, &["where", "select", "include", "omit"]),
            Arity::Required => self.allow(args, &["select", "include", "omit"]),
        }
        if arity == Arity::List {
            return Some(self.read(relation.target, args));
        }
        let selection = self.selection(relation.target, args);
        let filter = match arity {
            Arity::Optional => self.optional(args, "where", |c, node| c.where_filter(relation.target, node)),
            _ => None,
        };
        Some(Read { filter: filter.unwrap_or(Filter::True), ..empty_read(relation.target, selection) })
    }

    /// Reads `_count` of a selection: true, or which list relations with which filter.
    fn relation_counts(&mut self, model: ModelId, node: &'a Node) -> Option<Vec<(FieldId, Filter)>> {
        let schema = self.schema;
        let lists: Vec<(FieldId, &'a str, ModelId)> = schema
            .model(model)
            .relations()
            .filter(|(_, field, relation)| field.arity == Arity::List && !schema.model(relation.target).ignored)
            .map(|(id, field, relation)| (id, field.name.as_str(), relation.target))
            .collect();
        let all = || Some(lists.iter().map(|(id, ..)| (*id, Filter::True)).collect());
        let select = match node {
            Node::Value { raw: Raw::Bool(false), .. } => return None,
            Node::Value { raw: Raw::Bool(true), .. } => return all(),
            _ => {
                let Some(entries) = entries_of(node) else {
                    self.wrong_type(node, "true, false or an object");
                    return all();
                };
                self.allow(entries, &["select"]);
                match get(entries, "select") {
                    Some(select) => select,
                    None => return all(),
                }
            }
        };
        self.at("select", |c| {
            let entries = c.object(select)?;
            let mut counts = Vec::new();
            let mut unknown = false;
            for (key, node) in entries {
                let Some((id, _, target)) = lists.iter().find(|(_, name, _)| *name == &**key).copied() else {
                    unknown = true;
                    let names: Vec<&str> = lists.iter().map(|(_, name, _)| *name).collect();
                    c.unknown("unknown_field", key, "list relation", &names);
                    continue;
                };
                let filter = c.at(key, |c| match node {
                    Node::Value { raw: Raw::Bool(value), .. } => value.then_some(Filter::True),
                    _ => match entries_of(node) {
                        Some(entries) => {
                            c.allow(entries, &["where"]);
                            let filter = c.optional(entries, "where", |c, node| c.where_filter(target, node));
                            Some(filter.unwrap_or(Filter::True))
                        }
                        None => {
                            c.wrong_type(node, "true, false or an object");
                            Some(Filter::True)
                        }
                    },
                });
                counts.extend(filter.map(|filter| (id, filter)));
            }
            if counts.is_empty() && !unknown {
                let message = format!("{} must name at least one list relation", c.place());
                c.fault("empty_select", message, None);
            }
            counts.sort_by_key(|(id, _)| *id);
            Some(counts)
        })
    }

    fn omitted(&mut self, model: ModelId, node: &'a Node) -> Vec<FieldId> {
        let mut hidden = Vec::new();
        for (key, node) in self.object(node).unwrap_or(&[]) {
            match self.scalar(model, key) {
                Some((id, _)) => {
                    if self.at(key, |c| c.boolean(node)) == Some(true) {
                        hidden.push(id);
                    }
                }
                None => self.unknown("unknown_field", key, "scalar field", &self.scalar_names(model)),
            }
        }
        hidden
    }

    // ---- count, aggregate, groupBy ----

    pub(super) fn count_records(&mut self, model: ModelId, args: Entries<'a>) -> Option<Body> {
        self.allow(args, &["where", "orderBy", "cursor", "take", "skip", "select"]);
        let read = self.counted_page(model, args);
        let count = match get(args, "select") {
            None | Some(Node::Value { raw: Raw::Bool(true), .. }) => None,
            Some(node) => Some(self.at("select", |c| c.count_fields(model, node))?),
        };
        let bare = count.is_none();
        let aggregates = Aggregates { count: Some(count.unwrap_or(CountAggregate::All)), fields: Vec::new() };
        Some(Body::Aggregate { read, aggregates, bare })
    }

    /// Reads the page of a count or an aggregate. A cursor needs an order in which it has a place of its own.
    fn counted_page(&mut self, model: ModelId, args: Entries<'a>) -> Read {
        let read = self.page(model, args, Selection::default());
        if read.cursor.is_some() && !self.has_faults_here() {
            let order = effective_order(self.schema, &read);
            if !is_total_order(self.schema, model, &order, false) {
                let message = "`cursor` needs an order without NULLs and ties in a count or an aggregate".to_owned();
                let help = "sort by a unique field, or by required fields and a unique field";
                self.at("orderBy", |c| c.fault("P2019", message, Some(help.to_owned())));
            }
        }
        read
    }

    pub(super) fn aggregate(&mut self, model: ModelId, args: Entries<'a>) -> Option<Body> {
        self.allow(args, &["where", "orderBy", "cursor", "take", "skip", "_count", "_sum", "_avg", "_min", "_max"]);
        let read = self.counted_page(model, args);
        let (aggregates, asked) = self.aggregates(model, args);
        if !asked {
            let message = "missing argument: say what to aggregate".to_owned();
            self.fault("empty_select", message, Some("give `_count`, `_sum`, `_avg`, `_min` or `_max`".to_owned()));
        }
        Some(Body::Aggregate { read, aggregates, bare: false })
    }

    pub(super) fn group_by(&mut self, model: ModelId, args: Entries<'a>) -> Option<Body> {
        self.allow(
            args,
            &["by", "where", "having", "orderBy", "take", "skip", "_count", "_sum", "_avg", "_min", "_max"],
        );
        let by = self.required(args, "by", |c, node| {
            let errors = c.has_faults_here();
            let by = c.scalar_list(model, node);
            if by.is_empty() && !errors && !c.has_faults_here() {
                let message = format!("{} must name at least one field", c.place());
                // Prisma refuses what shows nothing before it looks at the groups.
                let shows = args.iter().any(|(key, _)| aggregate_function(key).is_some());
                c.fault(if shows { "P2019" } else { "invalid_value" }, message, None);
            }
            by
        })?;
        let filter = self.optional(args, "where", |c, node| c.where_filter(model, node)).unwrap_or(Filter::True);
        let having = self.optional(args, "having", |c, node| c.having_filter(model, node)).unwrap_or(Filter::True);
        let order = self.optional(args, "orderBy", |c, node| c.group_order(model, node)).unwrap_or_default();
        let take = self.take(args);
        let skip = self.count(args, "skip");
        let (aggregates, _) = self.aggregates(model, args);
        if !self.has_faults_here() {
            let paged = take.is_some() || skip.is_some();
            self.order_within(model, &order, &by, paged);
            let mut named = Vec::new();
            plain_fields(&having, &mut named);
            for id in named {
                if !by.contains(&id) {
                    let name = &self.schema.field(model, id).name;
                    let message = format!("`having` filters groups by `{name}`, which is not in `by`");
                    let help = format!("add `{name}` to `by`, or filter by an aggregate of it");
                    self.at("having", |c| c.fault("P2019", message, Some(help)));
                }
            }
        }
        let shown = by.clone();
        Some(Body::GroupBy(GroupBy { by, filter, having, order, take, skip, aggregates, shown }))
    }

    /// Reads `_count`, `_sum`, `_avg`, `_min`, `_max`, and tells whether one was asked for.
    fn aggregates(&mut self, model: ModelId, args: Entries<'a>) -> (Aggregates, bool) {
        let mut aggregates = Aggregates::default();
        let mut asked = false;
        match get(args, "_count") {
            None => {}
            Some(Node::Value { raw: Raw::Bool(false), .. }) => {
                let message = "`_count` must be true or name at least one field with true".to_owned();
                self.at("_count", |c| c.fault("empty_select", message, None));
            }
            Some(Node::Value { raw: Raw::Bool(true), .. }) => {
                asked = true;
                aggregates.count = Some(CountAggregate::All);
            }
            Some(node) => {
                asked = true;
                aggregates.count = self.at("_count", |c| c.count_fields(model, node));
            }
        }
        for name in ["_sum", "_avg", "_min", "_max"] {
            let Some(node) = get(args, name) else { continue };
            asked = true;
            let function = aggregate_function(name).expect("these names are aggregates");
            let fields = self.at(name, |c| c.aggregate_fields(model, function, node));
            aggregates.fields.push((function, fields));
        }
        (aggregates, asked)
    }

    fn aggregate_fields(&mut self, model: ModelId, function: AggregateFunction, node: &'a Node) -> Vec<FieldId> {
        let Some(entries) = self.object(node) else { return Vec::new() };
        let mut fields = Vec::new();
        let mut unknown = false;
        for (key, node) in entries {
            match self.scalar(model, key).filter(|(_, field)| aggregates(function, field)) {
                Some((id, _)) => {
                    if self.at(key, |c| c.boolean(node)) == Some(true) {
                        fields.push(id);
                    }
                }
                None => {
                    unknown = true;
                    self.unknown("unknown_field", key, "field", &self.aggregate_names(model, function));
                }
            }
        }
        if fields.is_empty() && !unknown {
            let message = format!("{} must name at least one field with true", self.place());
            self.fault("empty_select", message, None);
        }
        fields.sort_unstable();
        fields
    }

    fn count_fields(&mut self, model: ModelId, node: &'a Node) -> Option<CountAggregate> {
        let Some(entries) = entries_of(node) else {
            match node {
                Node::Value { raw: Raw::Null, .. } => self.null_fault("true or an object of fields"),
                _ => {
                    let message =
                        format!("{} must be true or an object of fields, found {}", self.place(), found(node));
                    self.fault("wrong_type", message, None);
                }
            }
            return None;
        };
        let (mut all, mut fields, mut unknown) = (false, Vec::new(), false);
        for (key, node) in entries {
            if &**key == "_all" {
                all = self.at(key, |c| c.boolean(node)) == Some(true);
            } else if let Some((id, _)) = self.scalar(model, key) {
                if self.at(key, |c| c.boolean(node)) == Some(true) {
                    fields.push(id);
                }
            } else {
                unknown = true;
                let mut valid = self.scalar_names(model);
                valid.push("_all");
                self.unknown("unknown_field", key, "field", &valid);
            }
        }
        if !all && fields.is_empty() && !unknown {
            let message = format!("{} must name at least one field with true, or `_all`", self.place());
            self.fault("empty_select", message, None);
        }
        fields.sort_unstable();
        Some(CountAggregate::Fields { all, fields })
    }
}

fn empty_read(model: ModelId, selection: Selection) -> Read {
    Read {
        model,
        filter: Filter::True,
        order: Vec::new(),
        cursor: None,
        take: None,
        skip: None,
        distinct: Vec::new(),
        selection,
    }
}

/// Collects the fields that a having names outside of aggregates.
fn plain_fields(filter: &Filter, found: &mut Vec<FieldId>) {
    let (target, operand) = match filter {
        Filter::And(filters) | Filter::Or(filters) => {
            return filters.iter().for_each(|filter| plain_fields(filter, found));
        }
        Filter::Not(filter) => return plain_fields(filter, found),
        Filter::Json { field, operand, .. } => (Target::Field(*field), Some(operand)),
        Filter::Compare { target, operand, .. } | Filter::Like { target, operand, .. } => (*target, Some(operand)),
        Filter::Null { target, .. } | Filter::In { target, .. } => (*target, None),
        Filter::True | Filter::False | Filter::Relation { .. } | Filter::RelationNull { .. } => return,
    };
    let own = if let Target::Field(id) = target { Some(id) } else { None };
    let other = if let Some(Operand::Field(id)) = operand { Some(*id) } else { None };
    for id in [own, other].into_iter().flatten() {
        if !found.contains(&id) {
            found.push(id);
        }
    }
}
