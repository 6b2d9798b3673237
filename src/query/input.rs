//! What a caller gave, before it is checked: a tree, and its shape.
//!
//! Both walks number the values in the same order, so that a [`Slot`](crate::query::Slot) means the same in a checked query and in
//! the list of raw values of a later call of the same shape.

use std::sync::Arc;

use crate::query::Action;
use crate::query::error::{ArgError, ArgErrors};
use crate::schema::{FieldKind, ModelId, ScalarType, Schema};
use crate::value::{Args, ArgsFault, ArgsSink, MAX_DEPTH, Scalar, Sentinel, Wish};

/// A raw value, as the caller said it.
#[derive(Debug, Clone, PartialEq)]
pub enum Raw {
    /// `db.null`, JSON's `null`.
    Null,
    /// true or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number that is no integer, or too large for one.
    Float(f64),
    /// Valid UTF-8 text.
    Text(Arc<str>),
    /// A Lua string that is not UTF-8, or `{"$bytes": ...}`.
    Bytes(Arc<[u8]>),
    /// `{"$bigint": "..."}`.
    BigInt(Arc<str>),
    /// `{"$datetime": "..."}`.
    DateTime(Arc<str>),
    /// `{"$decimal": "..."}`.
    Decimal(Arc<str>),
    /// A reference to a field: model, field.
    Field(Arc<str>, Arc<str>),
    /// db.dbNull, db.jsonNull, db.anyNull, db.all.
    Sentinel(Sentinel),
    /// The JSON text of a value that stands where a Json field's value is expected; never `null`, which is [`Raw::Null`].
    Json(Arc<str>),
    /// A list of scalars (never of [`Raw::List`]); one slot.
    List(Arc<[Raw]>),
    /// A value that is not known; only [`check_partly`](crate::query::check_partly) is given any.
    Unknown,
}

/// A tree of arguments. Every [`Node::Value`] has the number of its slot.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// An object, its keys in the caller's order.
    Object {
        /// The keys and their values.
        entries: Vec<(Arc<str>, Node)>,
        /// Whether keys with a nil value may have been lost (a Lua table that no decoder made): the keys then have no order either.
        erased_nil: bool,
    },
    /// A list that holds an object or a list.
    List(Vec<Node>),
    /// Lua's empty table: an empty list or an empty object, as the schema expects.
    Empty {
        /// As for an object.
        erased_nil: bool,
    },
    /// A scalar, a Json value, or a list of scalars only (also JSON's `[]`).
    Value {
        /// Its number in the walk.
        slot: u32,
        /// The value.
        raw: Raw,
    },
}

/// The shape of a call's arguments and the values that it leaves out.
///
/// Two calls with the same `shape` (of one model and action) have the same checked query; only their values differ.
/// Keep one and use it again for each call: its buffers stay.
#[derive(Debug, Default)]
pub struct Shape {
    /// Keys, kinds of values, and the texts that are structure (a direction, a field's name).
    pub shape: Vec<u8>,
    /// The raw values by slot; [`Raw::Null`] where the text is part of the shape.
    pub values: Vec<Raw>,
    list: Vec<Raw>,
    frames: Vec<Frame>,
}

/// Reads arguments into a tree.
pub fn tree(schema: &Schema, model: ModelId, args: &dyn Args) -> Result<Node, ArgErrors> {
    let mut frames = Vec::new();
    let mut builder = TreeBuilder::default();
    let mut walk = Walk::new(schema, model, &mut frames, &mut builder);
    match args.feed(&mut walk) {
        Ok(()) => Ok(builder.root.unwrap_or(Node::Empty { erased_nil: false })),
        Err(fault) => {
            let path = builder.path();
            let message = if path.is_empty() {
                format!("the arguments: {}", fault.message)
            } else {
                format!("`{path}`: {}", fault.message)
            };
            Err(ArgErrors(vec![ArgError { code: fault.code, path, message, help: None }]))
        }
    }
}

/// Reads the shape of arguments, and their values, into `shape`, which is cleared first; false when it is longer than `longest` bytes and
/// was given up: then what is there means nothing, and the [`values`] are to be had from the tree.
///
/// Fails as [`tree`] does.
pub fn shape(
    schema: &Schema,
    model: ModelId,
    action: Action,
    args: &dyn Args,
    longest: usize,
    shape: &mut Shape,
) -> Result<bool, ArgErrors> {
    shape.shape.clear();
    shape.values.clear();
    shape.list.clear();
    shape.shape.push(action as u8);
    shape.shape.extend_from_slice(&model.0.to_le_bytes());
    let mut frames = std::mem::take(&mut shape.frames);
    frames.clear();
    let mut builder =
        ShapeBuilder { shape: &mut shape.shape, longest, values: &mut shape.values, list: &mut shape.list };
    let mut walk = Walk::new(schema, model, &mut frames, &mut builder);
    let outcome = args.feed(&mut walk);
    shape.frames = frames;
    if shape.shape.len() > longest {
        return Ok(false);
    }
    if outcome.is_err() {
        // The tree knows the path of the fault.
        tree(schema, model, args)?;
    }
    Ok(true)
}

/// Appends the raw values of a tree by their slots, as [`shape`] gives them but for those that a shape holds, which nobody asks for.
pub fn values(tree: Node, into: &mut Vec<Raw>) {
    match tree {
        Node::Object { entries, .. } => entries.into_iter().for_each(|(_, node)| values(node, into)),
        Node::List(items) => items.into_iter().for_each(|node| values(node, into)),
        Node::Empty { .. } => {}
        Node::Value { slot, raw } => {
            debug_assert_eq!(slot as usize, into.len(), "slots are numbered in order");
            into.push(raw);
        }
    }
}

/// Where a value stands, as far as it decides how to read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The arguments of an operation or of an included relation.
    Args(ModelId),
    /// A filter on records.
    Where(ModelId),
    /// The filter of a relation field.
    RelationWhere(ModelId),
    /// The filter of a Json field.
    JsonFilter,
    /// The value of a Json field.
    Json,
    /// A row to write.
    Data(ModelId),
    /// The writes of a relation field.
    RelationWrite(ModelId),
    /// What one nested write says: which record, and its data.
    WriteArgs(ModelId),
    /// `createMany` in a relation: its `data`.
    CreateMany(ModelId),
    /// select, include.
    Selection(ModelId),
    /// `_count` of a selection.
    Count(ModelId),
    /// The select of a `_count`.
    CountSelection(ModelId),
    /// orderBy, distinct, by: texts are names.
    Structure,
    /// take, skip, limit.
    Number,
    /// Anything else.
    Plain,
}

/// Says where the value of `key` stands in an object that stands at `place`.
fn place_of(schema: &Schema, place: Place, key: &str) -> Place {
    match place {
        Place::Args(model) => match key {
            "where" | "cursor" | "having" => Place::Where(model),
            "data" | "create" | "update" => Place::Data(model),
            "select" | "include" => Place::Selection(model),
            "orderBy" | "distinct" | "by" => Place::Structure,
            "take" | "skip" | "limit" => Place::Number,
            _ => Place::Plain,
        },
        Place::Where(model) => match key {
            "AND" | "OR" | "NOT" => Place::Where(model),
            _ => match field_kind(schema, model, key) {
                Some(FieldKind::Relation(relation)) => Place::RelationWhere(relation.target),
                Some(FieldKind::Scalar(ScalarType::Json)) => Place::JsonFilter,
                _ => Place::Plain,
            },
        },
        Place::RelationWhere(target) => match key {
            "some" | "every" | "none" | "is" | "isNot" => Place::Where(target),
            _ => place_of(schema, Place::Where(target), key),
        },
        Place::JsonFilter => match key {
            "equals" | "not" | "not_" | "array_starts_with" | "array_ends_with" | "array_contains" => Place::Json,
            _ => Place::Plain,
        },
        Place::Data(model) => match field_kind(schema, model, key) {
            Some(FieldKind::Relation(relation)) => Place::RelationWrite(relation.target),
            Some(FieldKind::Scalar(ScalarType::Json)) => Place::Json,
            _ => Place::Plain,
        },
        Place::RelationWrite(target) => match key {
            "create" => Place::Data(target),
            "createMany" => Place::CreateMany(target),
            "connectOrCreate" | "upsert" | "update" | "updateMany" => Place::WriteArgs(target),
            _ => Place::Where(target),
        },
        Place::WriteArgs(target) => match (place_of(schema, Place::Data(target), key), key) {
            // `update` of a single record may hold its data directly: its own fields come first.
            (Place::Plain, "where") => Place::Where(target),
            (Place::Plain, "data" | "create" | "update") => Place::Data(target),
            (place, _) => place,
        },
        Place::CreateMany(target) if key == "data" => Place::Data(target),
        Place::Selection(model) => match field_kind(schema, model, key) {
            Some(FieldKind::Relation(relation)) => Place::Args(relation.target),
            _ if key == "_count" => Place::Count(model),
            _ => Place::Plain,
        },
        Place::Count(model) if key == "select" => Place::CountSelection(model),
        Place::CountSelection(model) => match field_kind(schema, model, key) {
            Some(FieldKind::Relation(relation)) => Place::Args(relation.target),
            _ => Place::Plain,
        },
        Place::Structure => Place::Structure,
        Place::CreateMany(_) | Place::Count(_) | Place::Json | Place::Number | Place::Plain => Place::Plain,
    }
}

fn field_kind<'a>(schema: &'a Schema, model: ModelId, key: &str) -> Option<&'a FieldKind> {
    let model = schema.model(model);
    model.field_named(key).map(|field| &model.field(field).kind)
}

/// Receives what the walk has sorted out.
trait Builder {
    /// Takes a key; a fault ends the walk.
    fn key(&mut self, key: &str) -> Result<(), ArgsFault>;
    fn value(&mut self, slot: u32, place: Place, scalar: Scalar<'_>);
    fn json(&mut self, slot: u32, text: String);
    fn begin_object(&mut self, erased_nil: bool);
    fn begin_list(&mut self);
    /// The innermost object or list closes.
    fn end(&mut self);
    fn empty(&mut self, erased_nil: bool);
    /// A scalar in a list that has held nothing but scalars.
    fn list_item(&mut self, scalar: Scalar<'_>);
    /// The list held nothing but scalars: it is one value.
    fn scalar_list(&mut self, slot: u32, place: Place);
    /// The list holds more than scalars after all: those since its beginning become values of their own, from `slot` on.
    fn spill_list(&mut self, slot: u32, place: Place);
}

/// An open object or list.
#[derive(Debug, Clone, Copy)]
struct Frame {
    place: Place,
    /// For a list that has held nothing but scalars: how many.
    scalars: Option<u32>,
    list: bool,
}

struct Walk<'w, B> {
    schema: &'w Schema,
    frames: &'w mut Vec<Frame>,
    /// Where the next value stands.
    next: Place,
    slot: u32,
    builder: &'w mut B,
}

impl<'w, B: Builder> Walk<'w, B> {
    fn new(schema: &'w Schema, model: ModelId, frames: &'w mut Vec<Frame>, builder: &'w mut B) -> Self {
        Self { schema, frames, next: Place::Args(model), slot: 0, builder }
    }

    fn take_slot(&mut self) -> u32 {
        self.slot += 1;
        self.slot - 1
    }

    /// Tells a list of scalars that something else comes.
    fn spill(&mut self) {
        if let Some(Frame { scalars, place, .. }) = self.frames.last_mut()
            && let Some(count) = scalars.take()
        {
            self.builder.begin_list();
            self.builder.spill_list(self.slot, *place);
            self.slot += count;
        }
    }

    fn open(&mut self, list: bool) -> Result<(), ArgsFault> {
        if self.frames.len() >= MAX_DEPTH {
            return Err(ArgsFault { code: "too_deep", message: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        self.frames.push(Frame { place: self.next, scalars: list.then_some(0), list });
        Ok(())
    }

    /// The place of what follows the value that has just ended: in a list, that of the list.
    fn settle(&mut self) {
        if let Some(frame) = self.frames.last()
            && frame.list
        {
            self.next = frame.place;
        }
    }
}

impl<B: Builder> ArgsSink for Walk<'_, B> {
    fn key(&mut self, key: &str) -> Result<Wish, ArgsFault> {
        let place = self.frames.last().map_or(Place::Plain, |frame| frame.place);
        self.next = place_of(self.schema, place, key);
        self.builder.key(key)?;
        Ok(if self.next == Place::Json { Wish::Json } else { Wish::Walk })
    }

    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<(), ArgsFault> {
        if let Some(Frame { scalars: Some(count), .. }) = self.frames.last_mut() {
            *count += 1;
            self.builder.list_item(scalar);
        } else {
            let slot = self.take_slot();
            self.builder.value(slot, self.next, scalar);
        }
        Ok(())
    }

    fn json(&mut self, text: String) -> Result<(), ArgsFault> {
        if text == "null" {
            return self.scalar(Scalar::Null);
        }
        self.spill();
        let slot = self.take_slot();
        self.builder.json(slot, text);
        Ok(())
    }

    fn begin_object(&mut self, erased_nil: bool) -> Result<(), ArgsFault> {
        self.spill();
        self.open(false)?;
        self.builder.begin_object(erased_nil);
        Ok(())
    }

    fn end_object(&mut self) {
        self.frames.pop();
        self.builder.end();
        self.settle();
    }

    fn begin_list(&mut self) -> Result<(), ArgsFault> {
        self.spill();
        self.open(true)
    }

    fn end_list(&mut self) {
        match self.frames.pop() {
            Some(Frame { scalars: Some(_), place, .. }) => {
                let slot = self.take_slot();
                self.builder.scalar_list(slot, place);
            }
            _ => self.builder.end(),
        }
        self.settle();
    }

    fn empty(&mut self, erased_nil: bool) -> Result<(), ArgsFault> {
        self.spill();
        self.builder.empty(erased_nil);
        Ok(())
    }
}

/// Copies a scalar.
fn raw(scalar: Scalar<'_>) -> Raw {
    match scalar {
        Scalar::Null => Raw::Null,
        Scalar::Bool(value) => Raw::Bool(value),
        Scalar::Int(value) => Raw::Int(value),
        Scalar::Float(value) => Raw::Float(value),
        Scalar::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Raw::Text(text.into()),
            Err(_) => Raw::Bytes(bytes.into()),
        },
        Scalar::BigInt(digits) => Raw::BigInt(digits.into()),
        Scalar::DateTime(text) => Raw::DateTime(text.into()),
        Scalar::Bytes(bytes) => Raw::Bytes(bytes.into()),
        Scalar::Decimal(digits) => Raw::Decimal(digits.into()),
        Scalar::Field(model, field) => Raw::Field(model.into(), field.into()),
        Scalar::Sentinel(sentinel) => Raw::Sentinel(sentinel),
        Scalar::Unknown => Raw::Unknown,
    }
}

/// Builds a [`Node`].
#[derive(Default)]
struct TreeBuilder {
    root: Option<Node>,
    open: Vec<(Option<Arc<str>>, Node)>,
    key: Option<Arc<str>>,
    keys: Keys,
    list: Vec<Raw>,
    in_scalars: bool,
}

/// The keys of a tree: rows have the same ones again and again, in the same order.
#[derive(Default)]
struct Keys {
    known: Vec<Arc<str>>,
    /// Which of them comes next, if it goes on as before.
    next: usize,
}

impl Keys {
    /// The most keys that are looked through.
    const MOST: usize = 64;

    fn get(&mut self, key: &str) -> Arc<str> {
        let is_next = self.known.get(self.next).is_some_and(|known| **known == *key);
        let place = if is_next { Some(self.next) } else { self.known.iter().position(|known| **known == *key) };
        if let Some(place) = place {
            self.next = place + 1;
            return self.known[place].clone();
        }
        let made: Arc<str> = key.into();
        if self.known.len() < Self::MOST {
            self.known.push(made.clone());
            self.next = self.known.len();
        }
        made
    }
}

impl TreeBuilder {
    fn put(&mut self, key: Option<Arc<str>>, node: Node) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some((_, Node::List(items))) => items.push(node),
            Some((_, Node::Object { entries, .. })) => entries.push((key.unwrap_or_else(|| "".into()), node)),
            Some((_, Node::Empty { .. } | Node::Value { .. })) => unreachable!("only lists and objects are open"),
        }
    }

    /// Returns the path of the value that is being read.
    fn path(&self) -> String {
        let mut path = String::new();
        for (index, (_, node)) in self.open.iter().enumerate() {
            let inner = self.open.get(index + 1).map_or(&self.key, |(key, _)| key);
            match node {
                Node::List(items) => path.push_str(&format!("[{}]", items.len())),
                _ => {
                    if let Some(key) = inner {
                        push_key(&mut path, key);
                    }
                }
            }
        }
        if self.in_scalars {
            path.push_str(&format!("[{}]", self.list.len()));
        }
        path
    }
}

/// Adds a key to a path, as the paths of [`ArgError`] are written.
pub fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    // A key of the caller's may be anything: keep the message short.
    path.extend(key.chars().take(64).map(|c| if c.is_control() { '\u{fffd}' } else { c }));
}

impl Builder for TreeBuilder {
    fn key(&mut self, key: &str) -> Result<(), ArgsFault> {
        self.key = Some(self.keys.get(key));
        self.in_scalars = false;
        Ok(())
    }

    fn value(&mut self, slot: u32, _place: Place, scalar: Scalar<'_>) {
        let key = self.key.take();
        self.put(key, Node::Value { slot, raw: raw(scalar) });
    }

    fn json(&mut self, slot: u32, text: String) {
        let key = self.key.take();
        self.put(key, Node::Value { slot, raw: Raw::Json(text.into()) });
    }

    fn begin_object(&mut self, erased_nil: bool) {
        self.open.push((self.key.take(), Node::Object { entries: Vec::new(), erased_nil }));
    }

    fn begin_list(&mut self) {
        self.open.push((self.key.take(), Node::List(Vec::new())));
    }

    fn end(&mut self) {
        if let Some((key, node)) = self.open.pop() {
            self.put(key, node);
        }
    }

    fn empty(&mut self, erased_nil: bool) {
        let key = self.key.take();
        self.put(key, Node::Empty { erased_nil });
    }

    fn list_item(&mut self, scalar: Scalar<'_>) {
        self.in_scalars = true;
        self.list.push(raw(scalar));
    }

    fn scalar_list(&mut self, slot: u32, _place: Place) {
        self.in_scalars = false;
        let list = std::mem::take(&mut self.list);
        let key = self.key.take();
        self.put(key, Node::Value { slot, raw: Raw::List(list.into()) });
    }

    fn spill_list(&mut self, slot: u32, _place: Place) {
        self.in_scalars = false;
        let list = std::mem::take(&mut self.list);
        for (slot, raw) in (slot..).zip(list) {
            self.put(None, Node::Value { slot, raw });
        }
    }
}

/// Builds a [`Shape`].
struct ShapeBuilder<'s> {
    shape: &'s mut Vec<u8>,
    longest: usize,
    values: &'s mut Vec<Raw>,
    list: &'s mut Vec<Raw>,
}

/// The marks in a shape.
mod mark {
    pub const KEY: u8 = 1;
    pub const OBJECT: u8 = 2;
    pub const ERASED_OBJECT: u8 = 3;
    pub const LIST: u8 = 4;
    pub const END: u8 = 5;
    pub const EMPTY: u8 = 6;
    pub const ERASED_EMPTY: u8 = 7;
    pub const SCALARS: u8 = 8;
    pub const NAMES: u8 = 9;
    /// Scalars have this bit and their kind.
    pub const SCALAR: u8 = 64;
}

impl ShapeBuilder<'_> {
    fn text(&mut self, text: &[u8]) {
        self.shape.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.shape.extend_from_slice(text);
    }

    /// Writes the kind of a value, and all of it where it is structure.
    fn describe(&mut self, place: Place, raw: &Raw) {
        self.shape.push(mark::SCALAR | kind(raw));
        match raw {
            Raw::Text(text) if place == Place::Structure => self.text(text.as_bytes()),
            Raw::Field(model, field) => {
                self.text(model.as_bytes());
                self.text(field.as_bytes());
            }
            Raw::Int(value) if place == Place::Number => self.shape.push(class(*value as f64)),
            Raw::Float(value) if place == Place::Number => self.shape.push(class(*value)),
            _ => {}
        }
    }

    fn keep(&mut self, slot: u32, raw: Raw) {
        debug_assert_eq!(slot as usize, self.values.len(), "slots are numbered in order");
        self.values.push(raw);
    }
}

const TEXT: u8 = 5;

/// Returns a number below 32 for each kind of value.
fn kind(raw: &Raw) -> u8 {
    match raw {
        Raw::Null => 0,
        Raw::Bool(false) => 1,
        Raw::Bool(true) => 2,
        Raw::Int(_) => 3,
        Raw::Float(_) => 4,
        Raw::Text(_) => TEXT,
        Raw::Bytes(_) => 6,
        Raw::BigInt(_) => 7,
        Raw::DateTime(_) => 8,
        Raw::Decimal(_) => 9,
        Raw::Field(..) => 10,
        Raw::Sentinel(Sentinel::DbNull) => 11,
        Raw::Sentinel(Sentinel::JsonNull) => 12,
        Raw::Sentinel(Sentinel::AnyNull) => 13,
        Raw::Sentinel(Sentinel::All) => 14,
        Raw::Json(_) => 15,
        Raw::List(_) => 16,
        Raw::Unknown => 17,
    }
}

/// Returns what a check may say of a `take`: its sign, and whether it is 0, 1 or -1.
fn class(number: f64) -> u8 {
    match number {
        0.0 => 0,
        1.0 => 1,
        -1.0 => 2,
        n if n > 0.0 => 3,
        _ => 4,
    }
}

/// Ends a walk whose shape grows beyond what is kept; no caller is told of it.
const TOO_LONG: &str = "long";

impl Builder for ShapeBuilder<'_> {
    fn key(&mut self, key: &str) -> Result<(), ArgsFault> {
        if self.shape.len() > self.longest {
            return Err(ArgsFault { code: TOO_LONG, message: String::new() });
        }
        self.shape.push(mark::KEY);
        self.text(key.as_bytes());
        Ok(())
    }

    fn value(&mut self, slot: u32, place: Place, scalar: Scalar<'_>) {
        if let (Place::Structure, Scalar::Text(text)) = (place, scalar) {
            self.shape.push(mark::SCALAR | TEXT);
            self.text(text);
            self.keep(slot, Raw::Null);
        } else {
            let raw = raw(scalar);
            self.describe(place, &raw);
            self.keep(slot, raw);
        }
    }

    fn json(&mut self, slot: u32, text: String) {
        let raw = Raw::Json(text.into());
        self.describe(Place::Json, &raw);
        self.keep(slot, raw);
    }

    fn begin_object(&mut self, erased_nil: bool) {
        self.shape.push(if erased_nil { mark::ERASED_OBJECT } else { mark::OBJECT });
    }

    fn begin_list(&mut self) {
        self.shape.push(mark::LIST);
    }

    fn end(&mut self) {
        self.shape.push(mark::END);
    }

    fn empty(&mut self, erased_nil: bool) {
        self.shape.push(if erased_nil { mark::ERASED_EMPTY } else { mark::EMPTY });
    }

    fn list_item(&mut self, scalar: Scalar<'_>) {
        self.list.push(raw(scalar));
    }

    fn scalar_list(&mut self, slot: u32, place: Place) {
        if place == Place::Structure {
            self.shape.push(mark::NAMES);
            let list = std::mem::take(self.list);
            for raw in &list {
                self.describe(place, raw);
            }
            *self.list = list;
            self.list.clear();
            self.shape.push(mark::END);
            self.keep(slot, Raw::Null);
        } else {
            self.shape.push(mark::SCALARS);
            let kinds = self.list.iter().fold(0u32, |kinds, raw| kinds | 1 << kind(raw));
            self.shape.extend_from_slice(&kinds.to_le_bytes());
            let list: Arc<[Raw]> = self.list.drain(..).collect();
            self.keep(slot, Raw::List(list));
        }
    }

    fn spill_list(&mut self, slot: u32, place: Place) {
        let mut list = std::mem::take(self.list);
        for (slot, raw) in (slot..).zip(list.drain(..)) {
            self.describe(place, &raw);
            self.keep(slot, raw);
        }
        *self.list = list;
    }
}
