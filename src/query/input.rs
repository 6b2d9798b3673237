//! What a caller gave, before it is checked: a tree, and its shape.
//!
//! Both walks number the values in the same order, so that a [`Slot`](crate::query::Slot) means the same in a checked query and in
//! the list of raw values of a later call of the same shape.

use std::sync::Arc;

use crate::value::Sentinel;

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
    /// The JSON text of a value that stands where a Json field's value is expected.
    Json(Arc<str>),
    /// A list of scalars (never of [`Raw::List`]); one slot.
    List(Arc<[Raw]>),
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
