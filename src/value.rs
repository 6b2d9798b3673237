//! The data that crosses every border: values, the reader's view of arguments, and the receiver of results.
//!
//! [`Args`] feeds an arguments tree to an [`ArgsSink`], so that a Lua table and JSON text need no common tree.
//! [`Rows`] receives a result cell by cell, so that a row is built only in the form its reader wants.

use std::sync::Arc;

/// A single value as the engine handles it.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// Boolean.
    Bool(bool),
    /// Int and BigInt.
    Int(i64),
    /// Float; Decimal is bound as a float too, as Prisma stores it.
    Float(f64),
    /// String, enum value (its database name), DateTime in the form that is stored, Json text.
    Text(Arc<str>),
    /// Bytes.
    Bytes(Arc<[u8]>),
    /// The values of an `in` list.
    List(Arc<[Value]>),
}

/// A value that JSON and Lua say with a mark of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sentinel {
    /// `db.dbNull`: NULL in the database, for a Json field.
    DbNull,
    /// `db.jsonNull`: the JSON text `null`.
    JsonNull,
    /// `db.anyNull`: either, in a filter.
    AnyNull,
    /// `db.all`: every row is meant.
    All,
}

/// One scalar of an arguments tree.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar<'a> {
    /// `db.null`, JSON's `null`.
    Null,
    /// true or false.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number that is no integer, or too large for one.
    Float(f64),
    /// Text, or a Lua string of any bytes.
    Text(&'a [u8]),
    /// `{"$bigint": "123"}`; the digits.
    BigInt(&'a str),
    /// `{"$datetime": "..."}`.
    DateTime(&'a str),
    /// `{"$bytes": "..."}`, decoded.
    Bytes(&'a [u8]),
    /// `{"$decimal": "1.5"}`.
    Decimal(&'a str),
    /// A reference to a field: its model and field.
    Field(&'a str, &'a str),
    /// A marked value.
    Sentinel(Sentinel),
    /// A value that is not known yet: the arguments are read from a text that has not run. Under the empty key it stands for
    /// keys that are not known, either.
    Unknown,
}

/// A fault in the arguments that their reader finds: a table that is not plain, a value of no known kind, text that is not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArgsFault {
    /// The readable code, such as `not_plain`, `cycle`, `too_deep`, `wrong_type`.
    pub code: &'static str,
    /// What is wrong, without the path (which the sink knows).
    pub message: String,
}

/// What the receiver wants with a value that opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Feed it event by event.
    Walk,
    /// Feed it as one JSON text through [`ArgsSink::json`]: the value of a Json field.
    Json,
}

/// Receives an arguments tree, depth first.
pub trait ArgsSink {
    /// A key of the innermost open object; its value follows. The answer says how to feed the value.
    fn key(&mut self, key: &str) -> Result<Wish, ArgsFault>;
    /// A scalar.
    fn scalar(&mut self, scalar: Scalar<'_>) -> Result<(), ArgsFault>;
    /// The JSON text of a value asked for with [`Wish::Json`].
    fn json(&mut self, text: String) -> Result<(), ArgsFault>;
    /// An object opens; `erased_nil` tells that its source may have lost keys with a nil value (a Lua table that no decoder made).
    fn begin_object(&mut self, erased_nil: bool) -> Result<(), ArgsFault>;
    /// The innermost object closes.
    fn end_object(&mut self);
    /// A list opens.
    fn begin_list(&mut self) -> Result<(), ArgsFault>;
    /// The innermost list closes.
    fn end_list(&mut self);
    /// An empty table of Lua: an empty list or an empty object, as the schema expects.
    fn empty(&mut self, erased_nil: bool) -> Result<(), ArgsFault>;
}

/// A read-only view of arguments.
pub trait Args {
    /// Feeds the tree to `sink`, depth first, each key before its value.
    fn feed(&self, sink: &mut dyn ArgsSink) -> Result<(), ArgsFault>;
}

/// The most levels that arguments and Json values may nest.
pub const MAX_DEPTH: usize = 256;

/// Receives a result, depth first. Keys come before their values; an item of a list has no key.
pub trait Rows {
    /// A list opens. `capacity` is the number of items, when it is known.
    fn begin_list(&mut self, capacity: Option<usize>);
    /// The innermost list closes.
    fn end_list(&mut self);
    /// An object opens. `keys` is the number of keys, NULLs included.
    fn begin_object(&mut self, keys: usize);
    /// The innermost object closes.
    fn end_object(&mut self);
    /// The key of the next value.
    fn key(&mut self, key: &Arc<str>);
    /// NULL: a key that Lua leaves out.
    fn null(&mut self);
    /// Boolean.
    fn boolean(&mut self, value: bool);
    /// Int, and counts.
    fn int(&mut self, value: i64);
    /// BigInt.
    fn bigint(&mut self, value: i64);
    /// Float.
    fn float(&mut self, value: f64);
    /// String and enum.
    fn text(&mut self, value: &str);
    /// DateTime, ISO 8601 in UTC with milliseconds.
    fn datetime(&mut self, value: &str);
    /// Decimal, its shortest digits.
    fn decimal(&mut self, value: &str);
    /// Bytes.
    fn bytes(&mut self, value: &[u8]);
    /// A Json column's text, known to be valid JSON.
    fn json(&mut self, text: &str);
}
