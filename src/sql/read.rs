//! Reads to [`ReadPlan`]s: one statement for the rows, and one for each relation below them.

use std::sync::{Arc, OnceLock};

use crate::query::{
    AggregateFunction, Aggregates, Assignment, CountAggregate, Filter, GroupBy, Nulls, Operand, OrderBy, OrderKey,
    Read, Selection, effective_order, is_total_order,
};
use crate::schema::{FieldId, FieldKind, ModelId, ScalarType, Schema};
use crate::sql::filter::{Builder, Link, join_key, link};
use crate::sql::plan::{
    Answer, ChildPlan, Column, Decode, Given, OutField, Page, Param, ReadPlan, Register, Statement,
};
use crate::sql::write::{RowKey, given, keeps_what_it_is_given, new_values};
use crate::value::Value;

/// Which rows a read starts from, beside its own filter.
pub(crate) enum Source<'a> {
    /// All rows of the model.
    All,
    /// The row whose fields equal registers.
    Registers(&'a [FieldId], &'a [Register]),
}

/// How many rows a read of the top level may answer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// As many as there are.
    Many,
    /// The first (findFirst).
    First,
    /// A unique filter finds at most one.
    Unique,
}

/// The columns of a read, each selected once.
#[derive(Default)]
pub(crate) struct Columns {
    fields: Vec<FieldId>,
    columns: Vec<Column>,
}

impl Columns {
    /// Returns the index of a field's column, and adds it when it is not there yet.
    fn of(&mut self, schema: &Schema, model: ModelId, field: FieldId) -> usize {
        if let Some(index) = self.fields.iter().position(|known| *known == field) {
            return index;
        }
        self.fields.push(field);
        self.columns.push(column(schema, model, field));
        self.fields.len() - 1
    }
}

/// Compiles a read at the top level.
pub(crate) fn read(schema: &Schema, read: &Read, source: Source, limit: Limit) -> ReadPlan {
    let mut columns = Columns::default();
    let single = limit == Limit::Unique;
    let (fields, children, counts) = select(schema, read.model, &read.selection, &mut columns, single);
    let order = effective_order(schema, read);
    let backward = read.take.is_some_and(|take| take.backward);
    let exact = is_total_order(schema, read.model, &order, true);
    let in_database = read.distinct.is_empty() && (read.cursor.is_none() || exact);
    let page = match in_database {
        true => Page { reverse: backward, ..Page::default() },
        false => page(schema, read, &mut columns, limit),
    };
    let mut builder = Builder::new(schema);
    let alias = builder.alias();
    builder.push("SELECT ");
    write_columns(&mut builder, read.model, &alias, &columns.fields);
    let columns = write_counts(&mut builder, read.model, &alias, columns, &counts);
    builder.push(" FROM ");
    builder.table(read.model);
    builder.push(&format!(" AS {alias}"));
    let keys = join_order(&mut builder, read.model, &alias, &order);
    if let Some(cursor) = &read.cursor {
        join_cursor(&mut builder, read, cursor, &order);
    }
    let mut conditions = Conditions::new();
    if let Source::Registers(fields, registers) = source {
        conditions.next(&mut builder);
        builder.equals_registers(&alias, read.model, fields, registers);
    }
    if read.filter != Filter::True {
        conditions.next(&mut builder);
        builder.filter(read.model, &alias, &read.filter);
    }
    if read.cursor.is_some() {
        conditions.next(&mut builder);
        cursor_condition(&mut builder, &keys, backward, exact);
    }
    write_order(&mut builder, &keys, backward);
    if in_database {
        write_limit(&mut builder, read, limit);
    }
    let fields = shift_counts(fields, &counts, columns.len());
    ReadPlan { statement: builder.finish(), columns, fields, children, page, shape: OnceLock::new() }
}

/// A read whose rows are shown as they come.
fn plain(statement: Statement, columns: Vec<Column>, fields: Vec<OutField>) -> ReadPlan {
    let (children, page, shape) = (Vec::new(), Page::default(), OnceLock::new());
    ReadPlan { statement, columns, fields, children, page, shape }
}

/// Compiles what a record shows from a statement that already answers the selected scalars in order (RETURNING).
pub(crate) fn returning(schema: &Schema, model: ModelId, selection: &Selection, builder: Builder) -> ReadPlan {
    let mut builder = builder;
    let mut columns = Columns::default();
    let (fields, _, _) = select(schema, model, selection, &mut columns, false);
    builder.push(" RETURNING ");
    write_columns(&mut builder, model, "", &columns.fields);
    if columns.fields.is_empty() {
        builder.push("1");
        columns.columns.push(link_column());
    }
    plain(builder.finish(), columns.columns, fields)
}

/// Compiles what a record shows from the values that an INSERT gives it, `written`, which are its parameters.
///
/// Gives the INSERT back where a value is not known without asking for it.
pub(crate) fn written<'a>(
    schema: &Schema,
    model: ModelId,
    selection: &Selection,
    insert: Builder<'a>,
    written: &[(FieldId, Param)],
) -> Result<Answer, Builder<'a>> {
    let mut columns = Columns::default();
    let (fields, _, _) = select(schema, model, selection, &mut columns, false);
    let given: Option<Vec<Given>> = columns.fields.iter().map(|field| given(schema, model, written, *field)).collect();
    match given {
        Some(given) => Ok(Answer::Written { read: plain(insert.finish(), columns.columns, fields), given }),
        None => Err(insert),
    }
}

/// Compiles the read of the one row that is about to be changed, as it will be then: where `values` change a column, the new value is
/// read in its place. The columns of `key` come last, as they are before the change.
///
/// None where SQLite may keep another value than it is given, and it is shown.
pub(crate) fn before_change(
    schema: &Schema,
    model: ModelId,
    selection: &Selection,
    filter: impl FnOnce(&mut Builder, &str),
    values: &[Assignment],
    key: &RowKey,
) -> Option<ReadPlan> {
    let mut columns = Columns::default();
    let (fields, children, counts) = select(schema, model, selection, &mut columns, true);
    let changed = new_values(schema, model, values);
    let new = |field: &FieldId| changed.iter().find(|value| value.field == *field);
    if columns.fields.iter().any(|field| new(field).is_some() && !keeps_what_it_is_given(schema, model, *field)) {
        return None;
    }
    let mut builder = Builder::new(schema);
    let alias = builder.alias();
    builder.push("SELECT ");
    builder.separated(&columns.fields, ", ", |builder, field| match new(field) {
        // SQLite keeps no zero below zero.
        Some(value) if schema.field(model, *field).scalar() == Some(ScalarType::Float) => {
            value.write(builder, &alias, model);
            builder.push(" + 0.0");
        }
        Some(value) => value.write(builder, &alias, model),
        None => builder.column(&alias, model, *field),
    });
    let mut columns = write_counts(&mut builder, model, &alias, columns, &counts);
    let fields = shift_counts(fields, &counts, columns.len());
    builder.push(", ");
    key.write(&mut builder, &alias, model);
    columns.extend((0..key.width()).map(|_| link_column()));
    builder.push(" FROM ");
    builder.table(model);
    builder.push(&format!(" AS {alias}"));
    filter(&mut builder, &alias);
    let (page, shape) = (Page::default(), OnceLock::new());
    Some(ReadPlan { statement: builder.finish(), columns, fields, children, page, shape })
}

/// Tells whether a selection shows nothing but the row's own columns.
pub(crate) fn is_flat(selection: &Selection) -> bool {
    selection.relations.is_empty() && selection.counts.is_none()
}

/// Keeps the words between conditions.
struct Conditions(bool);

impl Conditions {
    fn new() -> Self {
        Conditions(false)
    }

    fn next(&mut self, builder: &mut Builder) {
        builder.push(if self.0 { " AND " } else { " WHERE " });
        self.0 = true;
    }
}

type Counts<'a> = Vec<(FieldId, &'a Filter)>;

/// Decides the keys of a record: its columns, then its relations, then `_count`. `single` tells that there is one record at most.
fn select<'a>(
    schema: &Schema,
    model: ModelId,
    selection: &'a Selection,
    columns: &mut Columns,
    single: bool,
) -> (Vec<OutField>, Vec<ChildPlan>, Counts<'a>) {
    let mut fields = Vec::new();
    for field in &selection.scalars {
        let column = columns.of(schema, model, *field);
        fields.push(OutField::Column { key: key_of(schema, model, *field), column });
    }
    let mut children = Vec::new();
    for (field, read) in &selection.relations {
        fields.push(OutField::Child { key: key_of(schema, model, *field), child: children.len() });
        children.push(child(schema, model, *field, read, columns, single));
    }
    let counts = selection.counts.iter().flatten().map(|(field, filter)| (*field, filter)).collect();
    if let Some(counts) = &selection.counts {
        // The columns are not known yet: they come after all others, and `shift_counts` sets them.
        let columns = counts.iter().map(|(field, _)| (key_of(schema, model, *field), 0)).collect();
        fields.push(OutField::Group { key: "_count".into(), columns });
    }
    (fields, children, counts)
}

fn shift_counts(mut fields: Vec<OutField>, counts: &Counts, total: usize) -> Vec<OutField> {
    if let Some(OutField::Group { columns, .. }) = fields.last_mut() {
        for (index, (_, column)) in columns.iter_mut().enumerate() {
            *column = total - counts.len() + index;
        }
    }
    fields
}

/// Compiles the load of a relation for all rows above at once.
///
/// Below a single record Prisma finds the page by comparing with the cursor, which need not be related to it; below several the cursor is
/// looked for among the records of each.
fn child(
    schema: &Schema,
    parent: ModelId,
    field: FieldId,
    read: &Read,
    parent_columns: &mut Columns,
    single: bool,
) -> ChildPlan {
    let (link, target, _) = link(schema, parent, field);
    let list = schema.field(parent, field).arity == crate::schema::Arity::List;
    let mut columns = Columns::default();
    let (fields, children, counts) = select(schema, target, &read.selection, &mut columns, false);
    let order = effective_order(schema, read);
    let exact = is_total_order(schema, target, &order, true);
    let mut page = page(schema, read, &mut columns, Limit::Many);
    if single && read.distinct.is_empty() && is_total_order(schema, target, &order, false) {
        page.cursor.clear();
    }
    let mut builder = Builder::new(schema);
    let alias = builder.alias();
    let join = builder.alias();
    let (above, below) = match &link {
        Link::Columns { here, there, .. } => (
            here.iter().map(|column| parent_columns.of(schema, parent, *column)).collect(),
            there.iter().map(|column| columns.of(schema, target, *column)).collect::<Vec<_>>(),
        ),
        Link::Join { .. } => (vec![parent_columns.of(schema, parent, join_key(schema, parent))], Vec::new()),
    };
    builder.push("SELECT ");
    write_columns(&mut builder, target, &alias, &columns.fields);
    let mut columns = write_counts(&mut builder, target, &alias, columns, &counts);
    let fields = shift_counts(fields, &counts, columns.len());
    let below = match &link {
        Link::Columns { .. } => below,
        Link::Join { here, .. } => {
            builder.push(if columns.is_empty() { "" } else { ", " });
            builder.push(&format!("{join}.\"{here}\""));
            columns.push(link_column());
            vec![columns.len() - 1]
        }
    };
    builder.push(" FROM ");
    match &link {
        Link::Columns { .. } => {
            builder.table(target);
            builder.push(&format!(" AS {alias}"));
        }
        Link::Join { table, there, .. } => {
            builder.name(table);
            builder.push(&format!(" AS {join} JOIN "));
            builder.table(target);
            builder.push(&format!(" AS {alias} ON "));
            builder.column(&alias, target, join_key(schema, target));
            builder.push(&format!(" = {join}.\"{there}\""));
        }
    }
    let keys = join_order(&mut builder, target, &alias, &order);
    if let Some(cursor) = &read.cursor {
        join_cursor(&mut builder, read, cursor, &order);
    }
    builder.push(" WHERE ");
    match &link {
        Link::Columns { there, .. } => {
            for (index, column) in there.iter().enumerate() {
                builder.push(if index > 0 { " AND " } else { "" });
                builder.column(&alias, target, *column);
                builder.push(" IN rarray(");
                builder.param(Param::Keys(index as u32));
                builder.push(")");
            }
        }
        Link::Join { here, .. } => {
            builder.push(&format!("{join}.\"{here}\" IN rarray("));
            builder.param(Param::Keys(0));
            builder.push(")");
        }
    }
    if read.filter != Filter::True {
        builder.push(" AND ");
        builder.filter(target, &alias, &read.filter);
    }
    let backward = read.take.is_some_and(|take| take.backward);
    if read.cursor.is_some() {
        builder.push(" AND ");
        cursor_condition(&mut builder, &keys, backward, exact);
    }
    write_order(&mut builder, &keys, backward);
    ChildPlan {
        read: ReadPlan { statement: builder.finish(), columns, fields, children, page, shape: OnceLock::new() },
        list,
        parent_columns: above,
        child_columns: below,
    }
}

fn link_column() -> Column {
    Column { name: "".into(), decode: Decode::Link }
}

/// Decides what is done in memory. The rows behind the cursor are found by comparing; where that finds too much, it is looked for.
fn page(schema: &Schema, read: &Read, columns: &mut Columns, limit: Limit) -> Page {
    Page {
        distinct: read.distinct.iter().map(|field| columns.of(schema, read.model, *field)).collect(),
        cursor: read
            .cursor
            .iter()
            .flatten()
            .map(|(field, operand)| (columns.of(schema, read.model, *field), operand_param(operand)))
            .collect(),
        skip: read.skip.map(|slot| Param::Slot(slot.0)),
        take: match limit {
            Limit::First => Some(Param::Value(Value::Int(1))),
            _ => read.take.map(|take| Param::Slot(take.slot.0)),
        },
        reverse: read.take.is_some_and(|take| take.backward),
    }
}

fn operand_param(operand: &Operand) -> Param {
    match operand {
        Operand::Slot(slot) => Param::Slot(slot.0),
        _ => Param::Value(Value::Null),
    }
}

/// A rendered sort key: its SQL, with the parameters already in place, and its direction.
struct SortKey {
    sql: String,
    descending: bool,
    nulls: Option<Nulls>,
    /// Whether the field may hold NULL.
    optional: bool,
    /// The optional foreign keys of the last relation on the way to the field.
    links: Vec<String>,
}

/// Writes the joins that sort keys need, and renders the keys.
fn join_order(builder: &mut Builder, model: ModelId, alias: &str, order: &[OrderBy]) -> Vec<SortKey> {
    let mut keys = Vec::new();
    for key in order {
        let (mut at, mut here) = (model, alias.to_owned());
        let (mut links, mut links_of) = (Vec::new(), (at, here.clone()));
        for hop in &key.path {
            let (Link::Columns { here: own, there, .. }, target, _) = link(builder.schema, at, *hop) else {
                unreachable!("a sort path follows single-record relations")
            };
            let (own, there) = (own.to_vec(), there.to_vec());
            let next = builder.alias();
            builder.push(" LEFT JOIN ");
            builder.table(target);
            builder.push(&format!(" AS {next} ON "));
            for (index, (own, there)) in own.iter().zip(&there).enumerate() {
                builder.push(if index > 0 { " AND " } else { "" });
                builder.column(&next, target, *there);
                builder.push(" = ");
                builder.column(&here, at, *own);
            }
            links = own.iter().filter(|own| builder.schema.field(at, **own).is_optional()).copied().collect();
            links_of = (at, here);
            (at, here) = (target, next);
        }
        let start = builder.sql.len();
        match key.key {
            OrderKey::Field(field) => builder.column(&here, at, field),
            OrderKey::RelationCount(field) => {
                builder.push("(");
                builder.related(at, &here, field, "COUNT(*)");
                builder.push(")");
            }
            OrderKey::Aggregate(function, field) => builder.aggregate(&here, at, function, field),
        }
        let sql = builder.sql.split_off(start);
        let links = links.into_iter().map(|link| {
            builder.column(&links_of.1, links_of.0, link);
            builder.sql.split_off(start)
        });
        let links = links.collect();
        let optional = match key.key {
            OrderKey::Field(field) => builder.schema.field(at, field).is_optional(),
            _ => false,
        };
        keys.push(SortKey { sql, descending: key.descending, nulls: key.nulls, optional, links });
    }
    keys
}

fn write_order(builder: &mut Builder, keys: &[SortKey], reversed: bool) {
    for (index, key) in keys.iter().enumerate() {
        builder.push(if index == 0 { " ORDER BY " } else { ", " });
        builder.push(&key.sql);
        builder.push(if key.descending != reversed { " DESC" } else { " ASC" });
        match key.nulls {
            Some(nulls) if (nulls == Nulls::First) != reversed => builder.push(" NULLS FIRST"),
            Some(_) => builder.push(" NULLS LAST"),
            None => {}
        }
    }
}

/// Writes the cursor's row as a table of its sort keys, `c0`, `c1`, ...: no row, no page.
///
/// Where Prisma looks for the cursor among the rows, it must meet the filter; where it compares with it, it need not.
fn join_cursor(builder: &mut Builder, read: &Read, cursor: &[(FieldId, Operand)], order: &[OrderBy]) {
    let model = read.model;
    let start = builder.sql.len();
    let alias = builder.alias();
    builder.push(" FROM ");
    builder.table(model);
    builder.push(&format!(" AS {alias}"));
    let keys = join_order(builder, model, &alias, order);
    let source = builder.sql.split_off(start);
    builder.push(" JOIN (SELECT ");
    for (index, key) in keys.iter().enumerate() {
        builder.push(if index > 0 { ", " } else { "" });
        builder.push(&format!("{} AS c{index}", key.sql));
    }
    builder.push(&source);
    builder.push(" WHERE ");
    builder.separated(cursor, " AND ", |builder, (field, operand)| {
        builder.column(&alias, model, *field);
        builder.push(" = ");
        builder.operand(&alias, model, operand);
    });
    if read.filter != Filter::True && !is_total_order(builder.schema, model, order, false) {
        builder.push(" AND ");
        builder.filter(model, &alias, &read.filter);
    }
    builder.push(") AS cursor");
}

/// Writes "at or behind the cursor".
fn cursor_condition(builder: &mut Builder, keys: &[SortKey], reversed: bool, exact: bool) {
    let behind = |key: &SortKey| if key.descending != reversed { "<" } else { ">" };
    if exact {
        // `a >= c0 AND (a > c0 OR (b >= c1 AND (...)))`, which an index on `a` serves.
        for (index, key) in keys.iter().enumerate() {
            let after = behind(key);
            builder.push(&format!("{} {after}= cursor.c{index}", key.sql));
            if index + 1 < keys.len() {
                builder.push(&format!(" AND ({} {after} cursor.c{index} OR ", key.sql));
            }
        }
        builder.push(&")".repeat(keys.len() - 1));
        return;
    }
    // What may be NULL may lie anywhere: it stays, and the cursor is looked for in what is left. These are the rows that Prisma keeps.
    let nulls = |key: &SortKey, index: usize| match key.optional {
        true => format!(" OR {} IS NULL OR cursor.c{index} IS NULL", key.sql),
        false => String::new(),
    };
    builder.push("(");
    for last in (0..keys.len()).rev() {
        builder.push("(");
        for (index, key) in keys[..last].iter().enumerate() {
            builder.push(&format!("({} = cursor.c{index}{}) AND ", key.sql, nulls(key, index)));
        }
        let (key, equal) = (&keys[last], if last + 1 == keys.len() { "=" } else { "" });
        let links: String = key.links.iter().map(|link| format!(" OR {link} IS NULL")).collect();
        let after = behind(key);
        builder.push(&format!("({} {after}{equal} cursor.c{last}{}{links}))", key.sql, nulls(key, last)));
        builder.push(if last > 0 { " OR " } else { ")" });
    }
}

fn write_limit(builder: &mut Builder, read: &Read, limit: Limit) {
    match (limit, read.take) {
        (Limit::Unique, _) => return,
        (Limit::First, _) => builder.push(" LIMIT 1"),
        (Limit::Many, Some(take)) => {
            builder.push(" LIMIT ");
            builder.param(Param::Slot(take.slot.0));
        }
        (Limit::Many, None) if read.skip.is_some() => builder.push(" LIMIT -1"),
        (Limit::Many, None) => {}
    }
    if let Some(skip) = read.skip {
        builder.push(" OFFSET ");
        builder.param(Param::Slot(skip.0));
    }
}

fn write_columns(builder: &mut Builder, model: ModelId, alias: &str, fields: &[FieldId]) {
    builder.separated(fields, ", ", |builder, field| builder.column(alias, model, *field));
}

/// Writes the counts behind the columns. A statement selects one column at least.
fn write_counts(builder: &mut Builder, model: ModelId, alias: &str, columns: Columns, counts: &Counts) -> Vec<Column> {
    let mut columns = columns.columns;
    for (field, filter) in counts {
        builder.push(if columns.is_empty() { "(" } else { ", (" });
        let (target, inner) = builder.related(model, alias, *field, "COUNT(*)");
        if **filter != Filter::True {
            builder.push(" AND ");
            builder.filter(target, &inner, filter);
        }
        builder.push(")");
        columns.push(Column { name: "_count".into(), decode: Decode::Count });
    }
    if columns.is_empty() {
        builder.push("1");
        columns.push(link_column());
    }
    columns
}

fn key_of(schema: &Schema, model: ModelId, field: FieldId) -> Arc<str> {
    schema.field(model, field).name.as_str().into()
}

/// Returns how a field's column is read.
pub(crate) fn column(schema: &Schema, model: ModelId, field: FieldId) -> Column {
    let field = schema.field(model, field);
    let decode = match &field.kind {
        FieldKind::Scalar(scalar) => Decode::Scalar(*scalar),
        FieldKind::Enum(id) => {
            let known = schema.enumeration(*id);
            let pairs = known.values.iter().map(|value| (value.db_name.clone(), value.name.as_str().into()));
            Decode::Enum(known.name.as_str().into(), pairs.collect())
        }
        FieldKind::Relation(_) | FieldKind::Unsupported(_) => Decode::Link,
    };
    Column { name: field.column.as_str().into(), decode }
}

/// Compiles count and aggregate.
pub(crate) fn aggregate(schema: &Schema, read: &Read, aggregates: &Aggregates, bare: bool) -> Answer {
    let mut builder = Builder::new(schema);
    let mut columns = Vec::new();
    builder.push("SELECT ");
    // A page is cut first, and counted then.
    let paged = read.take.is_some() || read.skip.is_some() || read.cursor.is_some();
    let alias = if paged { "page".to_owned() } else { builder.alias() };
    let fields = write_aggregates(&mut builder, read.model, &alias, aggregates, &mut columns);
    builder.push(" FROM ");
    if paged {
        builder.push("(");
        write_page(&mut builder, read);
        builder.push(") AS page");
    } else {
        builder.table(read.model);
        builder.push(&format!(" AS {alias}"));
        builder.filter_clause(read.model, &alias, &read.filter);
    }
    match bare {
        true => Answer::Number(builder.finish()),
        false => Answer::One { read: plain(builder.finish(), columns, fields), missing: None },
    }
}

/// Writes the statement of a page's rows, all columns, for a count of it.
fn write_page(builder: &mut Builder, read: &Read) {
    let schema = builder.schema;
    let order = effective_order(schema, read);
    let backward = read.take.is_some_and(|take| take.backward);
    let alias = builder.alias();
    builder.push(&format!("SELECT {alias}.* FROM "));
    builder.table(read.model);
    builder.push(&format!(" AS {alias}"));
    let keys = join_order(builder, read.model, &alias, &order);
    if let Some(cursor) = &read.cursor {
        join_cursor(builder, read, cursor, &order);
    }
    let mut conditions = Conditions::new();
    if read.filter != Filter::True {
        conditions.next(builder);
        builder.filter(read.model, &alias, &read.filter);
    }
    if read.cursor.is_some() {
        conditions.next(builder);
        cursor_condition(builder, &keys, backward, true);
    }
    write_order(builder, &keys, backward);
    write_limit(builder, read, Limit::Many);
}

/// Writes the columns of aggregates, and returns how they are shown.
fn write_aggregates(
    builder: &mut Builder,
    model: ModelId,
    alias: &str,
    aggregates: &Aggregates,
    columns: &mut Vec<Column>,
) -> Vec<OutField> {
    let schema = builder.schema;
    let mut shown = Vec::new();
    let next = |builder: &mut Builder, columns: &mut Vec<Column>, column: Column| {
        builder.push(if columns.is_empty() { "" } else { ", " });
        columns.push(column);
        columns.len() - 1
    };
    let counter = || Column { name: "_count".into(), decode: Decode::Count };
    match &aggregates.count {
        None => {}
        Some(CountAggregate::All) => {
            let column = next(builder, columns, counter());
            builder.push("COUNT(*)");
            shown.push(OutField::Column { key: "_count".into(), column });
        }
        Some(CountAggregate::Fields { all, fields }) => {
            let mut group = Vec::new();
            for field in fields {
                let column = next(builder, columns, counter());
                builder.aggregate(alias, model, AggregateFunction::Count, *field);
                group.push((key_of(schema, model, *field), column));
            }
            if *all {
                let column = next(builder, columns, counter());
                builder.push("COUNT(*)");
                group.push(("_all".into(), column));
            }
            shown.push(OutField::Group { key: "_count".into(), columns: group });
        }
    }
    for (function, fields) in &aggregates.fields {
        let mut group = Vec::new();
        for field in fields {
            let mut of = column(schema, model, *field);
            if *function == AggregateFunction::Avg
                && matches!(of.decode, Decode::Scalar(ScalarType::Int | ScalarType::BigInt))
            {
                of.decode = Decode::Scalar(ScalarType::Float);
            }
            let column = next(builder, columns, of);
            builder.aggregate(alias, model, *function, *field);
            group.push((key_of(schema, model, *field), column));
        }
        shown.push(OutField::Group { key: aggregate_key(*function).into(), columns: group });
    }
    shown
}

fn aggregate_key(function: AggregateFunction) -> &'static str {
    match function {
        AggregateFunction::Count => "_count",
        AggregateFunction::Sum => "_sum",
        AggregateFunction::Avg => "_avg",
        AggregateFunction::Min => "_min",
        AggregateFunction::Max => "_max",
    }
}

/// Compiles groupBy.
pub(crate) fn group_by(schema: &Schema, model: ModelId, group: &GroupBy) -> ReadPlan {
    let mut builder = Builder::new(schema);
    let alias = builder.alias();
    let mut columns = Vec::new();
    builder.push("SELECT ");
    let mut fields = write_aggregates(&mut builder, model, &alias, &group.aggregates, &mut columns);
    for field in &group.shown {
        builder.push(if columns.is_empty() { "" } else { ", " });
        builder.column(&alias, model, *field);
        fields.push(OutField::Column { key: key_of(schema, model, *field), column: columns.len() });
        columns.push(column(schema, model, *field));
    }
    if columns.is_empty() {
        builder.push("1");
        columns.push(link_column());
    }
    builder.push(" FROM ");
    builder.table(model);
    builder.push(&format!(" AS {alias}"));
    builder.filter_clause(model, &alias, &group.filter);
    builder.push(" GROUP BY ");
    write_columns(&mut builder, model, &alias, &group.by);
    if group.having != Filter::True {
        builder.push(" HAVING ");
        builder.filter(model, &alias, &group.having);
    }
    let keys = join_order(&mut builder, model, &alias, &group.order);
    let backward = group.take.is_some_and(|take| take.backward);
    write_order(&mut builder, &keys, backward);
    match group.take {
        Some(take) => {
            builder.push(" LIMIT ");
            builder.param(Param::Slot(take.slot.0));
        }
        None if group.skip.is_some() => builder.push(" LIMIT -1"),
        None => {}
    }
    if let Some(skip) = group.skip {
        builder.push(" OFFSET ");
        builder.param(Param::Slot(skip.0));
    }
    // Groups before the end stay in the order in which they are found there, last first, as in Prisma.
    plain(builder.finish(), columns, fields)
}
