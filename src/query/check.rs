//! The checker: a tree of arguments to a [`Query`], or every fault in them.

use crate::diag::closest;
use crate::query::convert::{self, Mismatch};
use crate::query::error::{ArgError, ArgErrors};
use crate::query::input::{Node, Raw, push_key};
use crate::query::{Action, Body, Checked, Filter, Operand, Query, Slot, SlotType, Take};
use crate::schema::{Field, FieldId, FieldKind, Model, ModelId, ScalarType, Schema};
use crate::value::Sentinel;

/// Checks the arguments of an operation.
///
/// Every fault is named, each once (of very many, the first 50). A fault whose code begins with `P` is one of Prisma's known errors and not a validation.
pub fn check(schema: &Schema, model: ModelId, action: Action, args: &Node) -> Result<Query, ArgErrors> {
    let mut checker = Checker {
        schema,
        lua: erased(args),
        slots: vec![SlotType::Unused; count_slots(args)],
        errors: Vec::new(),
        path: Vec::new(),
    };
    let body = match entries_of(args) {
        Some(entries) => checker.action(model, action, entries),
        None => {
            checker.wrong_type(args, "an object");
            None
        }
    };
    match body {
        Some(body) if checker.errors.is_empty() => {
            Ok(Query { model, action, body, slots: checker.slots, checked: Checked(()) })
        }
        _ => Err(ArgErrors(checker.errors)),
    }
}

/// How many faults are named: enormous arguments must not make an enormous message.
const MOST_FAULTS: usize = 50;

/// The keys and values of an object.
pub(super) type Entries<'a> = &'a [(std::sync::Arc<str>, Node)];

/// Returns the entries of an object; an empty table is one too.
pub(super) fn entries_of(node: &Node) -> Option<Entries<'_>> {
    match node {
        Node::Object { entries, .. } => Some(entries),
        Node::Empty { .. } => Some(&[]),
        _ => None,
    }
}

/// Tells whether keys of this object may have been lost.
pub(super) fn erased(node: &Node) -> bool {
    matches!(node, Node::Object { erased_nil: true, .. } | Node::Empty { erased_nil: true })
}

/// Tells whether keys may have been lost anywhere in this tree.
pub(super) fn erased_anywhere(node: &Node) -> bool {
    erased(node)
        || match node {
            Node::Object { entries, .. } => entries.iter().any(|(_, node)| erased_anywhere(node)),
            Node::List(items) => items.iter().any(erased_anywhere),
            _ => false,
        }
}

/// Finds an argument.
pub(super) fn get<'a>(entries: Entries<'a>, name: &str) -> Option<&'a Node> {
    entries.iter().find(|(key, _)| **key == *name).map(|(_, node)| node)
}

fn count_slots(node: &Node) -> usize {
    match node {
        Node::Value { slot, .. } => *slot as usize + 1,
        Node::Object { entries, .. } => entries.iter().map(|(_, node)| count_slots(node)).max().unwrap_or(0),
        Node::List(items) => items.iter().map(count_slots).max().unwrap_or(0),
        Node::Empty { .. } => 0,
    }
}

/// A step of the path to the value at hand.
#[derive(Debug, Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// What the checking functions share: the schema, the path to the value at hand, and the faults.
///
/// A function that finds a fault says so here and answers something harmless: with a fault there is no query.
pub(super) struct Checker<'a> {
    pub(super) schema: &'a Schema,
    /// Whether the arguments are a table of Lua's.
    pub(super) lua: bool,
    slots: Vec<SlotType>,
    errors: Vec<ArgError>,
    path: Vec<Step<'a>>,
}

impl<'a> Checker<'a> {
    fn action(&mut self, model: ModelId, action: Action, args: Entries<'a>) -> Option<Body> {
        match action {
            Action::FindMany | Action::FindFirst | Action::FindFirstOrThrow => self.find(model, action, args),
            Action::FindUnique | Action::FindUniqueOrThrow => self.find_unique(model, args),
            Action::Create => {
                self.allow(args, &["data", "select", "include", "omit"]);
                let data = self.required(args, "data", |c, node| c.create_data(model, node, None))?;
                Some(Body::Create { data, selection: self.selection(model, args) })
            }
            Action::CreateMany | Action::CreateManyAndReturn => {
                let returning = action == Action::CreateManyAndReturn;
                self.allow(args, if returning { &["data", "select", "include", "omit"] } else { &["data"] });
                let rows = self.required(args, "data", |c, node| c.create_rows(model, node, None))?;
                let selection = returning.then(|| self.returned_selection(model, args));
                Some(Body::CreateMany { rows, selection })
            }
            Action::Update => {
                self.allow(args, &["where", "data", "select", "include", "omit"]);
                let unique = self.required(args, "where", |c, node| c.unique_where(model, node));
                let data = self.required(args, "data", |c, node| c.update_data(model, node, None));
                Some(Body::Update { unique: unique??, data: data?, selection: self.selection(model, args) })
            }
            Action::UpdateMany | Action::UpdateManyAndReturn => {
                let returning = action == Action::UpdateManyAndReturn;
                self.allow(
                    args,
                    if returning {
                        &["where", "data", "limit", "select", "include", "omit"]
                    } else {
                        &["where", "data", "limit"]
                    },
                );
                let filter = self.many_where(model, args, self.lua, false);
                let data = self.required(args, "data", |c, node| c.update_many_data(model, node, None));
                let limit = self.count(args, "limit");
                let selection = returning.then(|| self.returned_selection(model, args));
                Some(Body::UpdateMany { filter, data: data?, limit, selection })
            }
            Action::Upsert => {
                self.allow(args, &["where", "create", "update", "select", "include", "omit"]);
                let unique = self.required(args, "where", |c, node| c.unique_where(model, node));
                let create = self.required(args, "create", |c, node| c.create_data(model, node, None));
                let update = self.required(args, "update", |c, node| c.update_data(model, node, None));
                let selection = self.selection(model, args);
                Some(Body::Upsert { unique: unique??, create: create?, update: update?, selection })
            }
            Action::Delete => {
                self.allow(args, &["where", "select", "include", "omit"]);
                let unique = self.required(args, "where", |c, node| c.unique_where(model, node));
                Some(Body::Delete { unique: unique??, selection: self.selection(model, args) })
            }
            Action::DeleteMany => {
                self.allow(args, &["where", "limit"]);
                let filter = self.many_where(model, args, self.lua, false);
                Some(Body::DeleteMany { filter, limit: self.count(args, "limit") })
            }
            Action::Count => self.count_records(model, args),
            Action::Aggregate => self.aggregate(model, args),
            Action::GroupBy => self.group_by(model, args),
        }
    }

    // ---- the path and the faults ----

    /// Runs `check` with `key` at the end of the path.
    pub(super) fn at<T>(&mut self, key: &'a str, check: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Key(key));
        let answer = check(self);
        self.path.pop();
        answer
    }

    /// Runs `check` with an index at the end of the path.
    pub(super) fn at_index<T>(&mut self, index: usize, check: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(Step::Index(index));
        let answer = check(self);
        self.path.pop();
        answer
    }

    /// Returns the path as text, such as `where.id.in[2]`.
    pub(super) fn path(&self) -> String {
        let mut path = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) => push_key(&mut path, key),
                Step::Index(index) => path.push_str(&format!("[{index}]")),
            }
        }
        path
    }

    /// Returns the path in backquotes, or `the arguments`.
    pub(super) fn place(&self) -> String {
        if self.path.is_empty() { "the arguments".to_owned() } else { format!("`{}`", self.path()) }
    }

    /// Names a fault of the value at hand.
    pub(super) fn fault(&mut self, code: &'static str, message: String, help: Option<String>) {
        if self.is_full() {
            return;
        }
        let error = ArgError { code, path: self.path(), message, help };
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// Tells whether so many faults were named that no more are looked at.
    pub(super) fn is_full(&self) -> bool {
        self.errors.len() >= MOST_FAULTS
    }

    /// Tells whether a fault was named at or below the value at hand.
    pub(super) fn has_faults_here(&self) -> bool {
        let path = self.path();
        self.errors.iter().any(|error| error.path.starts_with(&path))
    }

    /// Names a value of the wrong kind.
    pub(super) fn wrong_type(&mut self, node: &Node, expected: &str) {
        let message = format!("{} must be {expected}, found {}", self.place(), found(node));
        self.fault("wrong_type", message, None);
    }

    /// Names a null where none may stand.
    pub(super) fn null_fault(&mut self, expected: &str) {
        let message = format!("{} must not be null: expected {expected}", self.place());
        self.fault("null_not_allowed", message, None);
    }

    /// Names a value that does not fit its type, or a null.
    pub(super) fn mismatch(&mut self, node: &Node, mismatch: Mismatch) {
        if matches!(node, Node::Value { raw: Raw::Null, .. }) {
            return self.null_fault(&mismatch.expected);
        }
        let message = format!("{} must be {}, found {}", self.place(), mismatch.expected, found(node));
        self.fault(mismatch.code, message, mismatch.help.map(str::to_owned));
    }

    /// Names a key that is not known; `what` is `argument`, `field`, `operator`.
    pub(super) fn unknown(&mut self, code: &'static str, key: &'a str, what: &str, valid: &[&str]) {
        if self.is_full() {
            return;
        }
        let above = if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path()) };
        let shown: String = key.chars().take(64).collect();
        let message = format!("unknown {what} `{}`{above}", shown.escape_debug());
        let help = names_help(key, valid);
        self.at(key, |c| c.fault(code, message, help));
    }

    /// Names a key that must be there.
    pub(super) fn missing(&mut self, code: &'static str, key: &'a str, what: &str) {
        let above = if self.path.is_empty() { String::new() } else { format!(" in `{}`", self.path()) };
        let message = format!("missing {what} `{key}`{above}");
        self.at(key, |c| c.fault(code, message, None));
    }

    // ---- arguments ----

    /// Names the arguments that are not in `valid`.
    pub(super) fn allow(&mut self, args: Entries<'a>, valid: &[&str]) {
        for (key, _) in args {
            if !valid.contains(&&**key) {
                self.unknown("unknown_argument", key, "argument", valid);
            }
        }
    }

    /// Checks an argument that must be there.
    pub(super) fn required<T>(
        &mut self,
        args: Entries<'a>,
        name: &'static str,
        check: impl FnOnce(&mut Self, &'a Node) -> T,
    ) -> Option<T> {
        match get(args, name) {
            Some(node) => Some(self.at(name, |c| check(c, node))),
            None => {
                self.missing("missing_argument", name, "argument");
                None
            }
        }
    }

    /// Checks an argument that may be there.
    pub(super) fn optional<T>(
        &mut self,
        args: Entries<'a>,
        name: &'static str,
        check: impl FnOnce(&mut Self, &'a Node) -> T,
    ) -> Option<T> {
        get(args, name).map(|node| self.at(name, |c| check(c, node)))
    }

    /// Returns the entries of an object.
    pub(super) fn object(&mut self, node: &'a Node) -> Option<Entries<'a>> {
        let entries = entries_of(node);
        if entries.is_none() {
            match node {
                Node::Value { raw: Raw::Null, .. } => self.null_fault("an object"),
                _ => self.wrong_type(node, "an object"),
            }
        }
        entries
    }

    /// Runs `check` on each object of a list of objects; `single` takes one object for a list of it.
    pub(super) fn objects<T>(
        &mut self,
        node: &'a Node,
        single: bool,
        mut check: impl FnMut(&mut Self, &'a Node) -> T,
    ) -> Vec<T> {
        match node {
            Node::List(items) => {
                let mut answers = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    if self.is_full() {
                        break;
                    }
                    answers.push(self.at_index(index, |c| check(c, item)));
                }
                answers
            }
            // JSON's `[]`; a list of scalars holds no object.
            Node::Value { raw: Raw::List(items), .. } => {
                for (index, raw) in items.iter().enumerate() {
                    let place = format!("{}[{index}]", self.path());
                    let message = format!("`{place}` must be an object, found {}", found_raw(raw));
                    self.at_index(index, |c| c.fault("wrong_type", message, None));
                }
                Vec::new()
            }
            // Where a list may stand, Lua's `{}` is the empty list.
            Node::Empty { .. } => Vec::new(),
            Node::Object { .. } if single => vec![check(self, node)],
            Node::Value { raw: Raw::Null, .. } => {
                self.null_fault(if single { "an object or a list of objects" } else { "a list of objects" });
                Vec::new()
            }
            _ => {
                self.wrong_type(node, if single { "an object or a list of objects" } else { "a list of objects" });
                Vec::new()
            }
        }
    }

    /// Reads skip and limit: a number that is not negative.
    pub(super) fn count(&mut self, args: Entries<'a>, name: &'static str) -> Option<Slot> {
        self.optional(args, name, |c, node| {
            if let Node::Value { raw, .. } = node
                && convert::integer(raw).is_some_and(|number| number < 0)
            {
                let message = format!("{} must not be negative, found {}", c.place(), found(node));
                // Prisma looks at a limit only when it has taken the arguments.
                c.fault(if name == "limit" { "P2019" } else { "out_of_range" }, message, None);
                return None;
            }
            c.value(node, SlotType::Count)
        })?
    }

    /// Reads take.
    pub(super) fn take(&mut self, args: Entries<'a>) -> Option<Take> {
        self.optional(args, "take", |c, node| {
            let slot = c.value(node, SlotType::Count)?;
            let Node::Value { raw, .. } = node else { return None };
            Some(Take { slot, backward: convert::integer(raw).is_some_and(|number| number < 0) })
        })?
    }

    /// Reads true or false.
    pub(super) fn boolean(&mut self, node: &'a Node) -> Option<bool> {
        match node {
            Node::Value { raw: Raw::Bool(value), .. } => Some(*value),
            _ => {
                self.wrong_type(node, "true or false");
                None
            }
        }
    }

    // ---- values ----

    /// Checks a value that is bound, and notes how. NULL is a fault.
    pub(super) fn value(&mut self, node: &'a Node, slot_type: SlotType) -> Option<Slot> {
        if let (SlotType::List(item), Node::List(nodes)) = (&slot_type, node) {
            // An object or a list among the items.
            for (index, node) in nodes.iter().enumerate() {
                if !matches!(node, Node::Value { raw, .. } if !matches!(raw, Raw::List(_))) {
                    let expected = convert::expected(self.schema, item);
                    self.at_index(index, |c| c.wrong_type(node, &expected));
                }
            }
            return None;
        }
        let Node::Value { slot, raw } = node else {
            let expected = convert::expected(self.schema, &slot_type);
            self.wrong_type(node, &expected);
            return None;
        };
        let bytes = matches!(slot_type, SlotType::Scalar(ScalarType::Bytes));
        if bytes && !self.lua && matches!(raw, Raw::Text(_)) {
            let message = format!("{} must be bytes, found {}", self.place(), found(node));
            self.fault("wrong_type", message, Some("write `{\"$bytes\": \"...\"}` with base64".to_owned()));
            return None;
        }
        if let (SlotType::List(item), Raw::List(items)) = (&slot_type, raw) {
            return self.list_value(*slot, items, item);
        }
        match convert::convert(self.schema, &slot_type, raw) {
            Ok(_) => {
                self.slots[*slot as usize] = slot_type;
                Some(Slot(*slot))
            }
            Err(mismatch) => {
                self.mismatch(node, mismatch);
                None
            }
        }
    }

    /// Checks each item of a list, so that a fault names its index.
    fn list_value(&mut self, slot: u32, items: &'a [Raw], item_type: &SlotType) -> Option<Slot> {
        let mut whole = true;
        let text_is_bytes = matches!(item_type, SlotType::Scalar(ScalarType::Bytes)) && !self.lua;
        for (index, raw) in items.iter().enumerate() {
            if self.is_full() {
                break;
            }
            let outcome = match raw {
                Raw::Text(_) if text_is_bytes => {
                    Err(Mismatch { code: "wrong_type", expected: "bytes".to_owned(), help: None })
                }
                _ => convert::convert(self.schema, item_type, raw).map(|_| ()),
            };
            if let Err(mismatch) = outcome {
                whole = false;
                let node = Node::Value { slot, raw: raw.clone() };
                self.at_index(index, |c| c.mismatch(&node, mismatch));
            }
        }
        self.slots[slot as usize] = SlotType::List(Box::new(item_type.clone()));
        whole.then_some(Slot(slot))
    }

    /// Checks a value of a column: a caller's value, or NULL where the field may hold it.
    pub(super) fn field_value(&mut self, field: &Field, node: &'a Node) -> Option<Operand> {
        let slot_type = slot_type(field);
        if let Node::Value { raw, .. } = node {
            let json = slot_type == SlotType::Json;
            match raw {
                // A plain null in a Json field is the JSON null.
                Raw::Null | Raw::Sentinel(Sentinel::JsonNull) if json => return Some(Operand::JsonNull),
                Raw::Sentinel(Sentinel::DbNull) if json && field.is_optional() => return Some(Operand::Null),
                Raw::Sentinel(Sentinel::DbNull) if json => {
                    let message = format!("{} must not be NULL: `{}` is required", self.place(), field.name);
                    self.fault("null_not_allowed", message, Some("`jsonNull` is the JSON value null".to_owned()));
                    return None;
                }
                Raw::Null if field.is_optional() => return Some(Operand::Null),
                _ => {}
            }
        }
        self.value(node, slot_type).map(Operand::Slot)
    }

    // ---- the schema ----

    /// Finds a field that the client shows.
    pub(super) fn field(&self, model: ModelId, name: &str) -> Option<(FieldId, &'a Field)> {
        let model = self.schema.model(model);
        let id = model.field_named(name)?;
        let field = model.field(id);
        is_visible(self.schema, field).then_some((id, field))
    }

    /// Finds a scalar or enum field that the client shows.
    pub(super) fn scalar(&self, model: ModelId, name: &str) -> Option<(FieldId, &'a Field)> {
        self.field(model, name).filter(|(_, field)| field.relation().is_none())
    }

    /// Returns the names of the fields that the client shows.
    pub(super) fn field_names(&self, model: ModelId) -> Vec<&'a str> {
        let model: &'a Model = self.schema.model(model);
        model.fields.iter().filter(|field| is_visible(self.schema, field)).map(|field| field.name.as_str()).collect()
    }

    /// Returns the names of the scalar and enum fields that the client shows.
    pub(super) fn scalar_names(&self, model: ModelId) -> Vec<&'a str> {
        let model: &'a Model = self.schema.model(model);
        model.scalars().map(|(_, field)| field.name.as_str()).collect()
    }

    /// Reads the where of updateMany and deleteMany.
    ///
    /// Where keys may have been lost, all rows are meant only by `db.all`.
    pub(super) fn many_where(&mut self, model: ModelId, args: Entries<'a>, erased: bool, nested: bool) -> Filter {
        match get(args, "where") {
            Some(node) => self.at("where", |c| c.restricting_where(model, node, nested)),
            None if erased => {
                self.at("where", |c| {
                    let message = format!("missing argument {}: it would mean every record", c.place());
                    c.fault("empty_where", message, Some("say `where = db.all` when every record is meant".to_owned()));
                });
                Filter::True
            }
            None => Filter::True,
        }
    }
}

/// Tells whether the client shows a field.
fn is_visible(schema: &Schema, field: &Field) -> bool {
    !field.ignored
        && match &field.kind {
            FieldKind::Unsupported(_) => false,
            FieldKind::Relation(relation) => !schema.model(relation.target).ignored,
            FieldKind::Scalar(_) | FieldKind::Enum(_) => true,
        }
}

/// Says how a value of a scalar or enum field is bound.
pub(super) fn slot_type(field: &Field) -> SlotType {
    match &field.kind {
        FieldKind::Scalar(ScalarType::Json) => SlotType::Json,
        FieldKind::Scalar(scalar) => SlotType::Scalar(*scalar),
        FieldKind::Enum(id) => SlotType::Enum(*id),
        FieldKind::Relation(_) | FieldKind::Unsupported(_) => SlotType::Unused,
    }
}

/// Suggests the nearest name, and lists the valid ones.
pub(super) fn names_help(name: &str, valid: &[&str]) -> Option<String> {
    const SHOWN: usize = 24;
    if valid.is_empty() {
        return None;
    }
    let list: Vec<String> = valid.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = if valid.len() > SHOWN { ", ..." } else { "" };
    let list = format!("valid names: {}{more}", list.join(", "));
    Some(match closest(name, valid.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? {list}"),
        None => list,
    })
}

/// Says what was given, in a short form.
pub(super) fn found(node: &Node) -> String {
    match node {
        Node::Object { .. } => "an object".to_owned(),
        Node::List(_) => "a list".to_owned(),
        Node::Empty { .. } => "an empty table".to_owned(),
        Node::Value { raw, .. } => found_raw(raw),
    }
}

/// Says what was given, in a short form.
pub(super) fn found_raw(raw: &Raw) -> String {
    match raw {
        Raw::Null => "null".to_owned(),
        Raw::Bool(value) => value.to_string(),
        Raw::Int(value) => format!("the integer {value}"),
        Raw::Float(value) if value.abs() >= 1e15 => format!("the number {value:e}"),
        Raw::Float(value) => format!("the number {value}"),
        Raw::Text(text) => format!("the string {}", quoted(text)),
        Raw::Bytes(_) => "bytes".to_owned(),
        Raw::BigInt(digits) => format!("the BigInt {}", quoted(digits)),
        Raw::DateTime(text) => format!("the DateTime {}", quoted(text)),
        Raw::Decimal(digits) => format!("the Decimal {}", quoted(digits)),
        Raw::Field(model, field) => {
            format!("a reference to `{}.{}`", quoted(model).trim_matches('"'), quoted(field).trim_matches('"'))
        }
        Raw::Sentinel(Sentinel::DbNull) => "dbNull".to_owned(),
        Raw::Sentinel(Sentinel::JsonNull) => "jsonNull".to_owned(),
        Raw::Sentinel(Sentinel::AnyNull) => "anyNull".to_owned(),
        Raw::Sentinel(Sentinel::All) => "db.all".to_owned(),
        Raw::Json(_) => "a JSON value".to_owned(),
        Raw::List(items) if items.is_empty() => "an empty list".to_owned(),
        Raw::List(_) => "a list".to_owned(),
        Raw::Unknown => "a value that is not known".to_owned(),
    }
}

/// Quotes a text, cut to 32 characters.
fn quoted(text: &str) -> String {
    let mut short: String = text.chars().take(32).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("{short:?}")
}
