//! Compiled requests: SQL text with parameters, and the order in which statements run.

use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;

use crate::query::{LikeKind, SlotType};
use crate::schema::ScalarType;
use crate::value::{RecordField, RecordShape, Value};

/// A compiled [`Query`](crate::query::Query). It holds no values, so it serves every call of the same shape.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How the values of the walk are converted, by slot.
    pub slots: Vec<SlotType>,
    /// What happens before the answer is read.
    pub ops: Vec<Op>,
    /// What is answered.
    pub answer: Answer,
    /// How many registers the operations use.
    pub registers: usize,
    /// What transaction it needs.
    pub mode: Mode,
}

impl Plan {
    /// Lets statements of the same text share it, so that they are prepared once: the rows of nested writes, the parts of many rows.
    pub(crate) fn share_texts(&mut self) {
        let mut texts = FxHashSet::default();
        let mut share = |statement: &mut Statement| match texts.get(&statement.sql) {
            Some(known) => statement.sql = Arc::clone(known),
            None => drop(texts.insert(Arc::clone(&statement.sql))),
        };
        each_statement(&mut self.ops, &mut share);
        match &mut self.answer {
            Answer::Each(reads) => reads.iter_mut().for_each(|read| share(&mut read.statement)),
            Answer::OneThen { missing: Missing::Instead(ops, _), .. } => each_statement(ops, &mut share),
            _ => {}
        }
    }
}

fn each_statement(ops: &mut [Op], visit: &mut impl FnMut(&mut Statement)) {
    for op in ops {
        match op {
            Op::Fetch { statement, .. }
            | Op::Execute { statement, .. }
            | Op::Insert { statement, .. }
            | Op::Forbid { statement, .. } => visit(statement),
            Op::If { then, otherwise, .. } => {
                each_statement(then, visit);
                each_statement(otherwise, visit);
            }
            Op::Set { .. } | Op::Require { .. } => {}
        }
    }
}

/// What transaction a plan needs when none is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One statement that reads: SQLite's own is enough.
    Single,
    /// One statement that writes: SQLite's own is enough.
    SingleWrite,
    /// Several statements that read: they see one snapshot.
    Snapshot,
    /// Statements that read, then one that writes: where it fails, SQLite itself takes it back, so that a transaction that is open
    /// needs no savepoint.
    WriteLast,
    /// Several statements that write.
    Write,
}

/// One SQL text with parameters, in the order of its question marks.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The text; every value in it is a question mark, every name comes from the schema.
    pub sql: Arc<str>,
    /// What is bound.
    pub params: Vec<Param>,
}

/// A place for a value between two statements of a plan.
pub type Register = u32;

/// What is bound to a question mark.
#[derive(Debug, Clone, PartialEq)]
pub enum Param {
    /// A caller's value.
    Slot(u32),
    /// The values of one link column of the rows above, as a list.
    Keys(u32),
    /// A value that an earlier statement of the plan gave.
    Register(Register),
    /// A value that the schema fixes.
    Value(Value),
    /// A value made for each row.
    Generated(Generator),
}

/// Values that are made when a row is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generator {
    /// The time of the call, the same for all of its rows.
    Now,
    /// `cuid()` (1) or `cuid(2)`.
    Cuid(u8),
    /// `uuid()` (4) or `uuid(7)`.
    Uuid(u8),
    /// `ulid()`.
    Ulid,
    /// `nanoid(n)`.
    NanoId(u8),
}

/// One step of a write.
#[derive(Debug, Clone)]
pub enum Op {
    /// Runs a statement and keeps the columns of its first row.
    Fetch {
        /// The statement.
        statement: Statement,
        /// Where the columns go; NULL when there is no row.
        into: Vec<Register>,
        /// The error when there is no row.
        missing: Option<Box<Failure>>,
        /// A register that gets 1 when there is a row, else 0.
        found: Option<Register>,
    },
    /// Runs a statement that answers nothing.
    Execute {
        /// The statement.
        statement: Statement,
        /// A register to which the number of changed rows is added.
        count: Option<Register>,
    },
    /// Runs an INSERT of one row that answers nothing.
    Insert {
        /// The statement.
        statement: Statement,
        /// A register that gets the id that SQLite made for the row.
        id: Register,
    },
    /// Fails when a statement answers a row.
    Forbid {
        /// The statement.
        statement: Statement,
        /// The error.
        failure: Box<Failure>,
    },
    /// Goes on with one of two ways.
    If {
        /// The register: true when it is neither 0 nor NULL.
        register: Register,
        /// The way when it is true.
        then: Vec<Op>,
        /// The way when it is not.
        otherwise: Vec<Op>,
    },
    /// Sets a register.
    Set {
        /// The register.
        register: Register,
        /// Its new value.
        param: Param,
    },
    /// Fails when the registers hold fewer than `least` non-zero values: records to connect that are not there.
    Require {
        /// The registers.
        registers: Vec<Register>,
        /// The error; `{found}` in its message is replaced with their number.
        failure: Box<Failure>,
    },
}

/// One of Prisma's errors, prepared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Prisma's code.
    pub code: &'static str,
    /// What went wrong, in words.
    pub message: String,
    /// Names for `meta`.
    pub meta: Vec<(&'static str, String)>,
}

/// What a plan answers.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A list of records.
    List(ReadPlan),
    /// A record; else null, or an error.
    One {
        /// How it is read.
        read: ReadPlan,
        /// The error when it is not there.
        missing: Option<Box<Failure>>,
    },
    /// A new record, all of whose values are known without asking for them: the statement writes it and answers nothing, which is a
    /// third faster than RETURNING.
    Written {
        /// The statement, and how the record is shown.
        read: ReadPlan,
        /// What each column was given.
        given: Vec<Given>,
    },
    /// A record that is changed or deleted once it has been read. It is read as it will be: an UPDATE with RETURNING looks for the row
    /// once less, but opens a table of its own for each run, which costs more than the read.
    OneThen {
        /// How it is read.
        read: ReadPlan,
        /// Where the last columns of the read go, which say which row it is.
        key: Vec<Register>,
        /// The statement that changes or deletes it; None where nothing changes.
        then: Option<Statement>,
        /// What happens when it is not there.
        missing: Missing,
    },
    /// A list of records, each with a read of its own.
    Each(Vec<ReadPlan>),
    /// A list of the records that a statement changed.
    EachChanged {
        /// The statement, which answers the identities of the rows.
        changed: Statement,
        /// Where an identity goes.
        registers: Vec<Register>,
        /// How the record of that identity is read.
        read: ReadPlan,
    },
    /// `{ count = 0 }`: there was nothing to change.
    Nothing,
    /// `{ count = n }`, where n is the register.
    Count(Register),
    /// `{ count = n }`, where n is the number of rows that the statement changes.
    Changes(Statement),
    /// A single number, the first column.
    Number(Statement),
}

/// What a new row holds in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// Nothing.
    Null,
    /// A parameter of the INSERT.
    Param(u32),
    /// The id that SQLite made.
    Id,
}

/// What happens when a record is not there.
#[derive(Debug, Clone)]
pub enum Missing {
    /// An error.
    Failure(Box<Failure>),
    /// Something else is done and answered: an upsert makes the record.
    Instead(Vec<Op>, Box<Answer>),
}

/// A read of records of one model, with what hangs below them.
#[derive(Debug, Clone)]
pub struct ReadPlan {
    /// The statement.
    pub statement: Statement,
    /// What its columns hold.
    pub columns: Vec<Column>,
    /// What a record shows, in order.
    pub fields: Vec<OutField>,
    /// The relations it shows.
    pub children: Vec<ChildPlan>,
    /// What is done with the rows before they are shown.
    pub page: Page,
    /// What a record looks like, once it was asked for.
    pub shape: OnceLock<Arc<RecordShape>>,
}

impl ReadPlan {
    /// Returns what the records look like, with those that hang below them.
    pub fn shape(&self) -> &Arc<RecordShape> {
        self.shape.get_or_init(|| {
            let mut keys = Vec::new();
            let fields = record_fields(&self.fields, &self.children, &mut keys);
            Arc::new(RecordShape::new(keys, fields))
        })
    }
}

/// Puts fields in the terms of a reader; their keys are added to `keys`.
fn record_fields(fields: &[OutField], children: &[ChildPlan], keys: &mut Vec<Arc<str>>) -> Vec<RecordField> {
    let number = |key: &Arc<str>, keys: &mut Vec<Arc<str>>| {
        // Related records of one model have the same keys.
        let known = keys.iter().position(|known| known == key);
        known.unwrap_or_else(|| {
            keys.push(key.clone());
            keys.len() - 1
        }) as u32
    };
    let one = |field: &OutField| match field {
        OutField::Column { key, column } => RecordField::Cell { key: number(key, keys), column: *column },
        OutField::Group { key, columns } => RecordField::Group {
            key: number(key, keys),
            cells: columns.iter().map(|(key, column)| (number(key, keys), *column)).collect(),
        },
        OutField::Child { key, child } => {
            let (key, plan) = (number(key, keys), &children[*child]);
            let fields = record_fields(&plan.read.fields, &plan.read.children, keys);
            RecordField::Child { key, child: *child, list: plan.list, fields }
        }
    };
    fields.iter().map(one).collect()
}

/// What a result column holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name in the database, for errors.
    pub name: Arc<str>,
    /// How its value is read.
    pub decode: Decode,
}

/// How a stored value becomes what a reader sees.
#[derive(Debug, Clone, PartialEq)]
pub enum Decode {
    /// By scalar type.
    Scalar(ScalarType),
    /// A count.
    Count,
    /// An enum: its name, and pairs of database name and client name.
    Enum(Arc<str>, Arc<[(String, Arc<str>)]>),
    /// A column of a raw query: as SQLite stores it.
    Raw,
    /// A column that only links rows; it is not shown.
    Link,
}

/// One key of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum OutField {
    /// A column.
    Column {
        /// The key.
        key: Arc<str>,
        /// The column's index.
        column: usize,
    },
    /// Related records.
    Child {
        /// The key.
        key: Arc<str>,
        /// The index in [`ReadPlan::children`].
        child: usize,
    },
    /// An object of columns: `_count`, `_sum`, ...
    Group {
        /// The key.
        key: Arc<str>,
        /// Its keys and their columns.
        columns: Vec<(Arc<str>, usize)>,
    },
}

/// Related records of all rows above, read with one statement.
#[derive(Debug, Clone)]
pub struct ChildPlan {
    /// How they are read. Its statement has a [`Param::Keys`] for each link column.
    pub read: ReadPlan,
    /// A list, or a single record.
    pub list: bool,
    /// The link columns in the row above.
    pub parent_columns: Vec<usize>,
    /// The link columns in its own rows.
    pub child_columns: Vec<usize>,
}

/// What is done with rows in memory, in the order of the fields. For related records it is done for each row above.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The columns of which only the first row of each combination stays.
    pub distinct: Vec<usize>,
    /// The page begins at the row with these values; there is none when it is not there.
    pub cursor: Vec<(usize, Param)>,
    /// The number of rows left out before the page.
    pub skip: Option<Param>,
    /// The number of rows of the page.
    pub take: Option<Param>,
    /// Whether the rows came in the opposite order, for a page before the cursor or at the end.
    pub reverse: bool,
}

impl Page {
    /// Tells whether rows pass as they come.
    pub fn is_plain(&self) -> bool {
        !self.reverse
            && self.distinct.is_empty()
            && self.cursor.is_empty()
            && self.skip.is_none()
            && self.take.is_none()
    }
}

/// Returns the pattern's parts around a LIKE value.
pub(crate) fn like_parts(kind: LikeKind) -> (&'static str, &'static str) {
    match kind {
        LikeKind::Contains => ("'%' || ", " || '%'"),
        LikeKind::StartsWith => ("", " || '%'"),
        LikeKind::EndsWith => ("'%' || ", ""),
    }
}
