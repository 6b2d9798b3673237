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

/// One value of a record, as its reader sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// NULL: a key that Lua leaves out.
    Null,
    /// Boolean.
    Bool(bool),
    /// Int, and counts.
    Int(i64),
    /// BigInt.
    BigInt(i64),
    /// Float.
    Float(f64),
    /// String and enum.
    Text(&'a str),
    /// DateTime.
    DateTime(IsoText<'a>),
    /// Decimal.
    Decimal(Digits<'a>),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A Json column's text, known to be valid JSON.
    Json(&'a str),
}

/// A DateTime as it is shown: ISO 8601 in UTC with milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IsoText<'a> {
    /// Stored like that but for its zone: the date and the time, 23 bytes of ASCII.
    Civil(&'a str),
    /// Stored otherwise: milliseconds since 1970, in the years that [`civil_time`] has a text for.
    Milliseconds(i64),
}

/// The most bytes that an [`IsoText`] takes.
pub const ISO_ROOM: usize = 32;

impl IsoText<'_> {
    /// Writes the text into `room`, and returns it.
    pub fn write_in<'r>(&self, room: &'r mut [u8; ISO_ROOM]) -> &'r str {
        let made;
        let civil = match self {
            IsoText::Civil(text) => *text,
            IsoText::Milliseconds(milliseconds) => {
                made = civil_time(*milliseconds).unwrap_or_default();
                &made
            }
        };
        let length = civil.len().min(ISO_ROOM - 1);
        room[..length].copy_from_slice(&civil.as_bytes()[..length]);
        room[length] = b'Z';
        std::str::from_utf8(&room[..=length]).unwrap_or_default()
    }
}

/// Returns the date and time of an instant in UTC, `2020-01-02T03:04:05.678`; None beyond the years -9999 to 9999.
pub fn civil_time(milliseconds: i64) -> Option<String> {
    let instant = jiff::Timestamp::from_millisecond(milliseconds).ok()?;
    Some(instant.strftime("%Y-%m-%dT%H:%M:%S.%3f").to_string())
}

/// A Decimal; its `Display` gives the shortest digits that read back as the same number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Digits<'a> {
    /// Stored as text: as it is.
    Text(&'a str),
    /// Stored as an integer.
    Integer(i64),
    /// Stored as a number.
    Number(f64),
}

impl std::fmt::Display for Digits<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Digits::Text(text) => formatter.write_str(text),
            Digits::Integer(number) => write!(formatter, "{number}"),
            Digits::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
                write!(formatter, "{number:.0}")
            }
            Digits::Number(number) => write!(formatter, "{number}"),
        }
    }
}

/// What the records of a read look like: made once for a plan, so that a reader may prepare for it once.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordShape {
    /// All keys, those of related records included; fields name them by number.
    pub keys: Vec<Arc<str>>,
    /// The fields of a record, in order.
    pub fields: Vec<RecordField>,
    /// How deep related records nest; 1 for records without any.
    pub levels: usize,
}

impl RecordShape {
    /// Makes the shape of records with these fields, whose keys are numbered by their place in `keys`.
    pub fn new(keys: Vec<Arc<str>>, fields: Vec<RecordField>) -> Self {
        fn levels(fields: &[RecordField]) -> usize {
            let below = fields.iter().map(|field| match field {
                RecordField::Child { fields, .. } => levels(fields),
                RecordField::Cell { .. } | RecordField::Group { .. } => 0,
            });
            1 + below.max().unwrap_or(0)
        }
        let levels = levels(&fields);
        Self { keys, fields, levels }
    }
}

/// One field of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordField {
    /// A value.
    Cell {
        /// The key's number.
        key: u32,
        /// The column of the source.
        column: usize,
    },
    /// An object of values: `_count`, `_sum`, ...
    Group {
        /// The key's number.
        key: u32,
        /// The keys' numbers and the columns of the source.
        cells: Vec<(u32, usize)>,
    },
    /// Related records.
    Child {
        /// The key's number.
        key: u32,
        /// The child's number in the source.
        child: usize,
        /// Whether there may be many; else there is one, or null.
        list: bool,
        /// The fields of each.
        fields: Vec<RecordField>,
    },
}

/// Records that are read one after the other.
pub trait Records {
    /// What the related records of a record are read with.
    type Child<'a>: Records
    where
        Self: 'a;

    /// Goes to the next record; false at the end, or at a fault, which the source keeps.
    fn advance(&mut self) -> bool;

    /// Returns a value of the record it has gone to; None at a fault, which the source keeps: there is no result then.
    ///
    /// What it borrows stays until the next [`Records::advance`].
    fn cell(&self, column: usize) -> Option<Cell<'_>>;

    /// Returns the related records of the record it has gone to.
    fn child(&self, child: usize) -> Self::Child<'_>;

    /// Returns how many records are left, when that is known.
    fn left(&self) -> Option<usize>;
}

/// How many records a result shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A list of them, empty or not.
    List,
    /// The first; nothing when there is none.
    One,
}

/// The receiver gives up: it cannot hold the result, and keeps the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abandoned;

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
    /// A value.
    fn cell(&mut self, cell: Cell<'_>);

    /// Takes all records of a source, and returns how many there were; fewer when the source has met a fault.
    ///
    /// A receiver that can build records faster than value by value does so here.
    fn records<S: Records>(
        &mut self,
        shape: &Arc<RecordShape>,
        extent: Extent,
        source: &mut S,
    ) -> Result<usize, Abandoned> {
        record_all(self, shape, extent, source)
    }
}

/// Hands all records of a source to `rows`, value by value; see [`Rows::records`].
pub fn record_all<R: Rows + ?Sized, S: Records>(
    rows: &mut R,
    shape: &RecordShape,
    extent: Extent,
    source: &mut S,
) -> Result<usize, Abandoned> {
    if extent == Extent::List {
        rows.begin_list(source.left());
    }
    let mut count = 0;
    while source.advance() && record(rows, shape, &shape.fields, source) {
        count += 1;
        if extent == Extent::One {
            // A write with RETURNING must come to its end.
            while source.advance() {}
            break;
        }
    }
    if extent == Extent::List {
        rows.end_list();
    }
    Ok(count)
}

/// Hands one record to `rows`, value by value; false at a fault of the source.
fn record<R: Rows + ?Sized, S: Records>(rows: &mut R, shape: &RecordShape, fields: &[RecordField], source: &S) -> bool {
    let put = |rows: &mut R, key: u32, column: usize| {
        rows.key(&shape.keys[key as usize]);
        source.cell(column).map(|cell| rows.cell(cell)).is_some()
    };
    rows.begin_object(fields.len());
    for field in fields {
        let whole = match field {
            RecordField::Cell { key, column } => put(rows, *key, *column),
            RecordField::Group { key, cells } => {
                rows.key(&shape.keys[*key as usize]);
                rows.begin_object(cells.len());
                let whole = cells.iter().all(|(key, column)| put(rows, *key, *column));
                rows.end_object();
                whole
            }
            RecordField::Child { key, child, list, fields } => {
                rows.key(&shape.keys[*key as usize]);
                children(rows, shape, fields, *list, &mut source.child(*child))
            }
        };
        if !whole {
            return false;
        }
    }
    rows.end_object();
    true
}

fn children<R: Rows + ?Sized, S: Records>(
    rows: &mut R,
    shape: &RecordShape,
    fields: &[RecordField],
    list: bool,
    source: &mut S,
) -> bool {
    if list {
        rows.begin_list(source.left());
        while source.advance() {
            if !record(rows, shape, fields, source) {
                return false;
            }
        }
        rows.end_list();
        true
    } else if source.advance() {
        record(rows, shape, fields, source)
    } else {
        rows.cell(Cell::Null);
        true
    }
}
