//! Arguments to a checked [`Query`].
//!
//! [`input`] turns what a caller gave into an [`input::Node`] tree, or into a *shape* (keys and operators without the values) for
//! the plan cache. [`check`] turns the tree into a [`Query`] whose every model, field and type is known to fit, or names every fault.
//! A `Query` holds no values: they lie beside it, in the order of the walk, and a [`Slot`] says which one and how it is converted.
//! This module knows nothing of SQL text, SQLite or Lua.

pub mod convert;
pub mod error;
pub mod input;
pub mod inputs;

mod check;
mod filter;
mod order;
mod partly;
mod select;
mod write;

pub use check::check;
pub use error::{ArgError, ArgErrors};
pub(crate) use order::{effective_order, is_total_order};
pub use partly::{PartlyFault, check_partly};

use crate::schema::{EnumId, FieldId, ModelId, ScalarType};

/// Prisma's operations on a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The names are Prisma's own.
pub enum Action {
    FindMany,
    FindFirst,
    FindFirstOrThrow,
    FindUnique,
    FindUniqueOrThrow,
    Create,
    CreateMany,
    CreateManyAndReturn,
    Update,
    UpdateMany,
    UpdateManyAndReturn,
    Upsert,
    Delete,
    DeleteMany,
    Count,
    Aggregate,
    GroupBy,
}

impl Action {
    /// Every action, in the order of Prisma's documentation.
    pub const ALL: [Action; 17] = [
        Action::FindMany,
        Action::FindFirst,
        Action::FindFirstOrThrow,
        Action::FindUnique,
        Action::FindUniqueOrThrow,
        Action::Create,
        Action::CreateMany,
        Action::CreateManyAndReturn,
        Action::Update,
        Action::UpdateMany,
        Action::UpdateManyAndReturn,
        Action::Upsert,
        Action::Delete,
        Action::DeleteMany,
        Action::Count,
        Action::Aggregate,
        Action::GroupBy,
    ];

    /// Returns the client's name, such as `findMany`.
    pub fn name(self) -> &'static str {
        match self {
            Action::FindMany => "findMany",
            Action::FindFirst => "findFirst",
            Action::FindFirstOrThrow => "findFirstOrThrow",
            Action::FindUnique => "findUnique",
            Action::FindUniqueOrThrow => "findUniqueOrThrow",
            Action::Create => "create",
            Action::CreateMany => "createMany",
            Action::CreateManyAndReturn => "createManyAndReturn",
            Action::Update => "update",
            Action::UpdateMany => "updateMany",
            Action::UpdateManyAndReturn => "updateManyAndReturn",
            Action::Upsert => "upsert",
            Action::Delete => "delete",
            Action::DeleteMany => "deleteMany",
            Action::Count => "count",
            Action::Aggregate => "aggregate",
            Action::GroupBy => "groupBy",
        }
    }

    /// Finds an action by the client's name.
    pub fn named(name: &str) -> Option<Action> {
        Action::ALL.into_iter().find(|action| action.name() == name)
    }

    /// Tells whether the action changes or deletes one record, which is found first.
    pub fn changes_one(self) -> bool {
        matches!(self, Action::Update | Action::Upsert | Action::Delete)
    }

    /// Tells whether the action may write.
    pub fn writes(self) -> bool {
        !matches!(
            self,
            Action::FindMany
                | Action::FindFirst
                | Action::FindFirstOrThrow
                | Action::FindUnique
                | Action::FindUniqueOrThrow
                | Action::Count
                | Action::Aggregate
                | Action::GroupBy
        )
    }
}

/// A checked request. Only [`check`] makes one.
#[derive(Debug, Clone)]
pub struct Query {
    /// The model it is for.
    pub model: ModelId,
    /// The operation.
    pub action: Action,
    /// What it asks for.
    pub body: Body,
    /// How each value of the walk is converted, by slot; [`SlotType::Unused`] where the value is part of the shape.
    pub slots: Vec<SlotType>,
    #[allow(dead_code)] // It only has to be there.
    pub(crate) checked: Checked,
}

/// Keeps [`Query`] from being made elsewhere.
#[derive(Debug, Clone)]
pub struct Checked(pub(in crate::query) ());

/// What a request asks for.
#[derive(Debug, Clone)]
pub enum Body {
    /// findMany, findFirst, findUnique and their OrThrow. The `take` of a findFirst is 1 or -1.
    Find(Read),
    /// create.
    Create {
        /// The row.
        data: CreateData,
        /// What is answered.
        selection: Selection,
    },
    /// createMany and createManyAndReturn (which has a selection).
    CreateMany {
        /// The rows; without relations inside.
        rows: Vec<CreateData>,
        /// What is answered; None for the count.
        selection: Option<Selection>,
    },
    /// update.
    Update {
        /// The row.
        unique: UniqueWhere,
        /// What changes.
        data: UpdateData,
        /// What is answered.
        selection: Selection,
    },
    /// updateMany and updateManyAndReturn (which has a selection).
    UpdateMany {
        /// The rows.
        filter: Filter,
        /// What changes; without relations inside.
        data: UpdateData,
        /// The most rows to change.
        limit: Option<Slot>,
        /// What is answered; None for the count.
        selection: Option<Selection>,
    },
    /// upsert.
    Upsert {
        /// The row.
        unique: UniqueWhere,
        /// What is made when it is not there.
        create: CreateData,
        /// What changes when it is.
        update: UpdateData,
        /// What is answered.
        selection: Selection,
    },
    /// delete.
    Delete {
        /// The row.
        unique: UniqueWhere,
        /// What is answered.
        selection: Selection,
    },
    /// deleteMany.
    DeleteMany {
        /// The rows.
        filter: Filter,
        /// The most rows to delete.
        limit: Option<Slot>,
    },
    /// count and aggregate: `read` has an empty selection.
    Aggregate {
        /// The rows that are counted.
        read: Read,
        /// What is answered.
        aggregates: Aggregates,
        /// Whether the answer is the bare number of `_count` (count without select).
        bare: bool,
    },
    /// groupBy.
    GroupBy(GroupBy),
}

/// A place in the list of values, and how its value is converted (see [`Query::slots`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot(pub u32);

/// How the raw value of a slot becomes the value that is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotType {
    /// The value is part of the shape (a key, a direction, true or false): nothing is bound.
    Unused,
    /// A value of a field, NULL excluded (the kind of the raw value is part of the shape, so NULL is known when checking).
    Scalar(ScalarType),
    /// A value of an enum, bound as its database name.
    Enum(EnumId),
    /// A list of such values; NULLs excluded.
    List(Box<SlotType>),
    /// Text of a LIKE filter, bound with the percent signs around.
    Like(LikeKind),
    /// A Json value to store, or to compare with a whole column.
    Json,
    /// A Json value to compare with what lies at a path, or with an item of an array (see [`Filter::Json`]).
    JsonOperand,
    /// `path` of a Json filter.
    JsonPath,
    /// take, skip, limit: a number; `take` is bound as its absolute value (its sign is part of the shape).
    Count,
}

/// Where a LIKE filter looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The names are Prisma's own.
pub enum LikeKind {
    Contains,
    StartsWith,
    EndsWith,
}

/// Something a filter or an assignment uses.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// A caller's value.
    Slot(Slot),
    /// NULL.
    Null,
    /// The JSON text `null`.
    JsonNull,
    /// Another field of the same row.
    Field(FieldId),
}

/// Which rows.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs)] // The fields' names and types say it.
pub enum Filter {
    /// Every row: no restriction.
    True,
    /// No row: `OR: []`, `in: []`.
    False,
    /// All of them.
    And(Vec<Filter>),
    /// One of them at least; never empty.
    Or(Vec<Filter>),
    /// SQL's NOT, with its three values.
    Not(Box<Filter>),
    /// A comparison that is unknown where a side is NULL. The operand is never [`Operand::Null`].
    Compare { target: Target, op: CompareOp, operand: Operand },
    /// IS NULL, IS NOT NULL.
    Null { target: Target, negated: bool },
    /// In a list of values (one slot of [`SlotType::List`]).
    In { target: Target, list: Slot, negated: bool },
    /// LIKE; the slot is of [`SlotType::Like`], a field reference is of a String field.
    Like { target: Target, kind: LikeKind, operand: Operand, negated: bool },
    /// A Json filter. The slot of a `string_...` operator is of [`SlotType::Like`], that of an `array_...` operator of
    /// [`SlotType::JsonOperand`], and that of the others of `JsonOperand` where there is a path and of [`SlotType::Json`] where not.
    /// The operand [`Operand::Null`] is NULL in the database (`dbNull`): no value, or nothing at the path.
    Json { field: FieldId, path: Option<Slot>, op: JsonOp, operand: Operand },
    /// A filter on related records. `Is`/`IsNot` are for a single one.
    Relation { field: FieldId, quantifier: Quantifier, filter: Box<Filter> },
    /// `is: null` / `author: null` and, negated, `isNot: null`.
    RelationNull { field: FieldId, negated: bool },
}

/// What is compared: a field of the row, or in `having` an aggregate of the group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The field.
    Field(FieldId),
    /// An aggregate of a field.
    Aggregate(AggregateFunction, FieldId),
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The names are SQL's own.
pub enum CompareOp {
    Equals,
    NotEquals,
    Lt,
    Lte,
    Gt,
    Gte,
}

/// Operators of Json filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The names are Prisma's own.
pub enum JsonOp {
    Equals,
    Not,
    StringContains,
    StringStartsWith,
    StringEndsWith,
    ArrayStartsWith,
    ArrayEndsWith,
    /// `equals: AnyNull`; the operand is [`Operand::Null`].
    EqualsAnyNull,
    /// `not: AnyNull`; the operand is [`Operand::Null`].
    NotAnyNull,
}

/// How many of the related records must fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The names are Prisma's own.
pub enum Quantifier {
    Some,
    Every,
    None,
    Is,
    IsNot,
}

/// A filter that fits at most one row.
#[derive(Debug, Clone, PartialEq)]
pub struct UniqueWhere {
    /// The unique key's fields with their values.
    pub key: Vec<(FieldId, Operand)>,
    /// All of the filter, the key included.
    pub filter: Filter,
}

/// A read of many rows, at the top or inside an include.
#[derive(Debug, Clone)]
pub struct Read {
    /// The model.
    pub model: ModelId,
    /// Which rows.
    pub filter: Filter,
    /// In what order, first key first.
    pub order: Vec<OrderBy>,
    /// Where the page begins: a unique key.
    pub cursor: Option<Vec<(FieldId, Operand)>>,
    /// The page's size.
    pub take: Option<Take>,
    /// How many rows before it are left out.
    pub skip: Option<Slot>,
    /// The first row only of each combination of these.
    pub distinct: Vec<FieldId>,
    /// What is answered.
    pub selection: Selection,
}

/// A page's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Take {
    /// Its absolute value.
    pub slot: Slot,
    /// Whether it was negative: the page lies before the cursor, or at the end.
    pub backward: bool,
}

/// One sort key.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderBy {
    /// Single-record relations to follow first.
    pub path: Vec<FieldId>,
    /// What is sorted by, on the model at the end of the path.
    pub key: OrderKey,
    /// `desc`.
    pub descending: bool,
    /// `nulls: first | last`.
    pub nulls: Option<Nulls>,
}

/// What is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderKey {
    /// A scalar field.
    Field(FieldId),
    /// The number of related records of a list field.
    RelationCount(FieldId),
    /// groupBy: an aggregate of a field.
    Aggregate(AggregateFunction, FieldId),
}

/// Where NULLs go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The names are Prisma's own.
pub enum Nulls {
    First,
    Last,
}

/// What a row shows.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Scalar fields, in the order of the schema.
    pub scalars: Vec<FieldId>,
    /// Related records, in the order of the schema.
    pub relations: Vec<(FieldId, Read)>,
    /// `_count`: list relation fields with an optional filter; None when not asked for.
    pub counts: Option<Vec<(FieldId, Filter)>>,
}

/// A row to make.
#[derive(Debug, Clone, Default)]
pub struct CreateData {
    /// Columns given by the caller. Defaults are not filled in; whoever plans does that.
    pub values: Vec<(FieldId, Operand)>,
    /// Writes of related records, in the order in which they happen.
    pub nested: Vec<NestedWrite>,
}

/// What changes in a row.
#[derive(Debug, Clone, Default)]
pub struct UpdateData {
    /// Columns given by the caller.
    pub values: Vec<Assignment>,
    /// Writes of related records, in the order in which they happen.
    pub nested: Vec<NestedWrite>,
}

/// One column's change.
#[derive(Debug, Clone, PartialEq)]
pub struct Assignment {
    /// The field.
    pub field: FieldId,
    /// How it changes.
    pub op: AssignOp,
    /// By what.
    pub operand: Operand,
}

/// How a column changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The names are Prisma's own.
pub enum AssignOp {
    Set,
    Increment,
    Decrement,
    Multiply,
    Divide,
}

/// A write of related records.
#[derive(Debug, Clone)]
pub struct NestedWrite {
    /// The relation field of the record above.
    pub field: FieldId,
    /// What is done.
    pub op: NestedOp,
}

/// What a nested write does. For a single-record relation each list has one item.
#[derive(Debug, Clone)]
pub enum NestedOp {
    /// create.
    Create(Vec<CreateData>),
    /// createMany.
    CreateMany(Vec<CreateData>),
    /// connect.
    Connect(Vec<UniqueWhere>),
    /// connectOrCreate.
    ConnectOrCreate(Vec<(UniqueWhere, CreateData)>),
    /// disconnect of these; on a single-record relation use [`NestedOp::DisconnectOne`].
    Disconnect(Vec<UniqueWhere>),
    /// disconnect of a single-record relation: `true`, or a filter the record must meet.
    DisconnectOne(Filter),
    /// set: these and no others.
    Set(Vec<UniqueWhere>),
    /// update of list items.
    Update(Vec<(UniqueWhere, UpdateData)>),
    /// update of a single record, which must meet the filter.
    UpdateOne(Filter, UpdateData),
    /// upsert of list items.
    Upsert(Vec<(UniqueWhere, CreateData, UpdateData)>),
    /// upsert of a single record; the filter as in [`NestedOp::UpdateOne`].
    UpsertOne(Filter, CreateData, UpdateData),
    /// delete of list items.
    Delete(Vec<UniqueWhere>),
    /// delete of a single record: `true`, or a filter the record must meet.
    DeleteOne(Filter),
    /// updateMany: a list of (which, what).
    UpdateMany(Vec<(Filter, UpdateData)>),
    /// deleteMany: a list of which.
    DeleteMany(Vec<Filter>),
}

/// Functions over many rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // The names are Prisma's own.
pub enum AggregateFunction {
    Count,
    Sum,
    Avg,
    Min,
    Max,
}

/// What an aggregation answers. An absent part is None or empty.
#[derive(Debug, Clone, Default)]
pub struct Aggregates {
    /// `_count`.
    pub count: Option<CountAggregate>,
    /// `_sum`, `_avg`, `_min`, `_max`, in this order, each with its fields in the order of the schema.
    pub fields: Vec<(AggregateFunction, Vec<FieldId>)>,
}

/// `_count`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)] // The fields' names and types say it.
pub enum CountAggregate {
    /// `_count: true`: a number.
    All,
    /// `_count: { _all: true, email: true }`: an object.
    Fields { all: bool, fields: Vec<FieldId> },
}

/// groupBy.
#[derive(Debug, Clone)]
pub struct GroupBy {
    /// The grouping fields.
    pub by: Vec<FieldId>,
    /// Which rows.
    pub filter: Filter,
    /// Which groups.
    pub having: Filter,
    /// In what order.
    pub order: Vec<OrderBy>,
    /// The page's size.
    pub take: Option<Take>,
    /// How many groups before it are left out.
    pub skip: Option<Slot>,
    /// What is answered beside `by`.
    pub aggregates: Aggregates,
    /// Whether the answer shows the grouping fields; Prisma shows those of `by`.
    pub shown: Vec<FieldId>,
}
