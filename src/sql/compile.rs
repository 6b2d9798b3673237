//! [`Query`] to [`Plan`].

use crate::query::{
    Action, AssignOp, Assignment, Body, CreateData, Filter, Query, Read, Selection, Slot, UniqueWhere, UpdateData,
};
use crate::schema::{FieldId, ModelId, Schema};
use crate::sql::filter::Builder;
use crate::sql::plan::{Answer, Failure, Missing, Mode, Op, OutField, Param, Plan, ReadPlan, Register, Statement};
use crate::sql::read::{self, Limit, Source};
use crate::sql::write::{Row, RowKey, Writer, grouped, row_values, write_insert, write_inserts, write_update};

/// Compiles a checked query. It cannot fail.
///
/// `numbered` tells whether the rows of the model's table have a number that no column hides: `_rowid_` names it.
pub fn plan(schema: &Schema, query: &Query, numbered: bool) -> Plan {
    let model = query.model;
    let (ops, registers, answer) = match &query.body {
        Body::Find(find) => (Vec::new(), 0, find_answer(schema, query.action, find)),
        Body::Create { data, selection } => create(schema, model, data, selection),
        Body::CreateMany { rows, selection } => create_many(schema, model, rows, selection.as_ref()),
        Body::Update { unique, data, selection } => update(schema, model, unique, data, selection, numbered),
        Body::UpdateMany { filter, data, limit, selection } => {
            update_many(schema, model, filter, data, *limit, selection.as_ref())
        }
        Body::Upsert { unique, create, update, selection } => {
            upsert(schema, model, unique, (create, update), selection, numbered)
        }
        Body::Delete { unique, selection } => delete(schema, model, unique, selection, numbered),
        Body::DeleteMany { filter, limit } => (Vec::new(), 0, delete_many(schema, model, filter, *limit)),
        Body::Aggregate { read, aggregates, bare } => {
            let answer = read::aggregate(schema, read, aggregates, *bare);
            (Vec::new(), 0, if query.action == Action::Count { flat(answer) } else { answer })
        }
        Body::GroupBy(group) => (Vec::new(), 0, Answer::List(read::group_by(schema, model, group))),
    };
    let mode = match &answer {
        Answer::OneThen { missing: Missing::Instead(ops, answer), .. } if !writes_last(ops, answer) => Mode::Write,
        Answer::OneThen { .. } => Mode::WriteLast,
        answer if !ops.is_empty() && writes_last(&ops, answer) => Mode::WriteLast,
        _ if !ops.is_empty() || computes(&query.body) => Mode::Write,
        Answer::EachChanged { .. } => Mode::Write,
        Answer::List(read) | Answer::One { read, .. } if !read.children.is_empty() => Mode::Snapshot,
        _ if query.action.writes() => Mode::SingleWrite,
        _ => Mode::Single,
    };
    let mut plan = Plan { slots: query.slots.clone(), ops, answer, registers: registers as usize, mode };
    plan.share_texts();
    plan
}

/// Tells whether nothing is written but by the last statement, after which nothing can fail.
fn writes_last(ops: &[Op], answer: &Answer) -> bool {
    let reads = |op: &Op| match op {
        Op::Fetch { statement, .. } => statement.sql.starts_with("SELECT "),
        Op::Forbid { .. } | Op::Set { .. } | Op::Require { .. } => true,
        Op::Execute { .. } | Op::Insert { .. } | Op::If { .. } => false,
    };
    matches!(answer, Answer::Written { .. }) && ops.iter().all(reads)
}

/// `count` with `select` shows the counts themselves, without `_count` around them.
fn flat(answer: Answer) -> Answer {
    let Answer::One { mut read, missing } = answer else { return answer };
    let fields = read.fields.into_iter().flat_map(|field| match field {
        OutField::Group { columns, .. } => {
            columns.into_iter().map(|(key, column)| OutField::Column { key, column }).collect()
        }
        other => vec![other],
    });
    read.fields = fields.collect();
    Answer::One { read, missing }
}

/// Tells whether a change computes with stored numbers. What it makes may not fit its column, which is seen when it is answered.
fn computes(body: &Body) -> bool {
    let (Body::Update { data, .. } | Body::UpdateMany { data, .. }) = body else { return false };
    data.values.iter().any(|value| value.op != AssignOp::Set)
}

type Compiled = (Vec<Op>, u32, Answer);

fn find_answer(schema: &Schema, action: Action, find: &Read) -> Answer {
    let limit = match action {
        Action::FindFirst | Action::FindFirstOrThrow => Limit::First,
        Action::FindUnique | Action::FindUniqueOrThrow => Limit::Unique,
        _ => Limit::Many,
    };
    let read = read::read(schema, find, Source::All, limit);
    match action {
        Action::FindMany => Answer::List(read),
        Action::FindFirstOrThrow | Action::FindUniqueOrThrow => {
            Answer::One { read, missing: Some(Box::new(no_record("a query"))) }
        }
        _ => Answer::One { read, missing: None },
    }
}

/// The record that the operation is about is not there.
fn no_record(operation: &str) -> Failure {
    Failure {
        code: "P2025",
        message: format!("no record was found for {operation}"),
        meta: vec![("operation", operation.to_owned())],
    }
}

/// Reads a row back by its identity.
fn read_back(schema: &Schema, row: &Row, selection: &Selection) -> Answer {
    let identity = schema.model(row.model).identity();
    let registers: Vec<u32> = identity
        .iter()
        .map(|field| row.registers[row.fields.iter().position(|known| known == field).expect("identity is captured")])
        .collect();
    Answer::One { read: by_registers(schema, row.model, selection, &identity, &registers), missing: None }
}

fn by_registers(
    schema: &Schema,
    model: ModelId,
    selection: &Selection,
    identity: &[FieldId],
    registers: &[u32],
) -> ReadPlan {
    let back = whole(model, selection);
    read::read(schema, &back, Source::Registers(identity, registers), Limit::Unique)
}

/// A read of rows of a model without more conditions.
fn whole(model: ModelId, selection: &Selection) -> Read {
    Read {
        model,
        filter: Filter::True,
        order: Vec::new(),
        cursor: None,
        take: None,
        skip: None,
        distinct: Vec::new(),
        selection: selection.clone(),
    }
}

fn create(schema: &Schema, model: ModelId, data: &CreateData, selection: &Selection) -> Compiled {
    let mut writer = Writer::new(schema);
    if read::is_flat(selection) && writer.ends_with_row(model, data) {
        let keys = writer.keys(model, data);
        let mut builder = Builder::new(schema);
        let columns = row_values(schema, model, data, &keys);
        write_insert(&mut builder, model, &columns);
        let answer = read::written(schema, model, selection, builder, &columns).unwrap_or_else(|builder| {
            let read = read::returning(schema, model, selection, builder);
            Answer::One { read, missing: None }
        });
        return (writer.ops, writer.registers, answer);
    }
    let row = writer.create(model, data, &[], &[]);
    let answer = read_back(schema, &row, selection);
    (writer.ops, writer.registers, answer)
}

fn create_many(schema: &Schema, model: ModelId, rows: &[CreateData], selection: Option<&Selection>) -> Compiled {
    let groups = grouped(schema, model, rows);
    let Some(selection) = selection else {
        let inserts = groups.iter().flat_map(|group| write_inserts(schema, model, group, &[]));
        let inserts: Vec<Statement> = inserts.map(Builder::finish).collect();
        if let [insert] = inserts.as_slice() {
            return (Vec::new(), 0, Answer::Changes(insert.clone()));
        }
        let execute = |statement| Op::Execute { statement, count: Some(0) };
        return (inserts.into_iter().map(execute).collect(), 1, Answer::Count(0));
    };
    if let [group] = groups.as_slice() {
        let mut inserts = write_inserts(schema, model, group, &[]);
        if let (1, Some(insert)) = (inserts.len(), inserts.pop()) {
            return changed_rows(schema, model, selection, insert);
        }
    }
    // Each row is read back on its own: several statements make them.
    let mut writer = Writer::new(schema);
    let reads = groups.into_iter().flatten().map(|row| {
        let row = writer.create(model, row, &[], &[]);
        match read_back(schema, &row, selection) {
            Answer::One { read, .. } => read,
            _ => unreachable!("a row is read back as one record"),
        }
    });
    let reads: Vec<ReadPlan> = reads.collect();
    (writer.ops, writer.registers, Answer::Each(reads))
}

/// Compiles the read of a row and its change then; see [`Answer::OneThen`]. `filter` writes the condition that finds the row.
///
/// None where the change reaches other rows, or shows what only SQLite knows.
fn read_and_change(
    schema: &Schema,
    model: ModelId,
    filter: impl FnOnce(&mut Builder, &str),
    data: &UpdateData,
    selection: &Selection,
    numbered: bool,
) -> Option<(ReadPlan, RowKey)> {
    if !data.nested.is_empty() || !read::is_flat(selection) {
        return None;
    }
    let key = RowKey::of(schema, model, numbered);
    let read = read::before_change(schema, model, selection, filter, &data.values, &key)?;
    Some((read, key))
}

/// Compiles the change of a row whose key lies in registers; None for no change.
fn change_of(
    schema: &Schema,
    model: ModelId,
    values: &[Assignment],
    key: &RowKey,
    registers: &[Register],
) -> Option<Statement> {
    if values.is_empty() {
        return None;
    }
    let mut builder = Builder::new(schema);
    write_update(&mut builder, model, "", values, &[]);
    key.write_where(&mut builder, model, registers);
    Some(builder.finish())
}

/// Tells whether foreign keys refer to what a change sets.
fn is_followed(schema: &Schema, model: ModelId, values: &[Assignment]) -> bool {
    let refers = |field: FieldId| {
        let relation = schema.relation(schema.field(model, field).relation().expect("a relation field").relation);
        relation.to.0 == model && values.iter().any(|value| relation.references.contains(&value.field))
    };
    schema.model(model).relations().any(|(field, _, _)| refers(field))
}

/// Returns as many registers as a key needs, after those that are used.
fn registers_after(used: u32, key: &RowKey) -> Vec<Register> {
    (used..used + key.width() as u32).collect()
}

fn update(
    schema: &Schema,
    model: ModelId,
    unique: &UniqueWhere,
    data: &UpdateData,
    selection: &Selection,
    numbered: bool,
) -> Compiled {
    let filter = |builder: &mut Builder, alias: &str| builder.change_clause(model, alias, &unique.filter);
    if let Some((read, row)) = read_and_change(schema, model, filter, data, selection, numbered) {
        let key = registers_after(0, &row);
        let (used, then) = (key.len() as u32, change_of(schema, model, &data.values, &row, &key));
        let missing = Missing::Failure(Box::new(no_record("an update")));
        return (Vec::new(), used, Answer::OneThen { read, key, then, missing });
    }
    if data.nested.is_empty() && !data.values.is_empty() && read::is_flat(selection) {
        let mut builder = Builder::new(schema);
        let alias = builder.alias();
        write_update(&mut builder, model, &alias, &data.values, &[]);
        builder.change_clause(model, &alias, &unique.filter);
        let read = read::returning(schema, model, selection, builder);
        return (Vec::new(), 0, Answer::One { read, missing: Some(Box::new(no_record("an update"))) });
    }
    let mut writer = Writer::new(schema);
    let row = writer.update(model, &unique.filter, data, no_record("an update"));
    let answer = read_back(schema, &row, selection);
    (writer.ops, writer.registers, answer)
}

fn update_many(
    schema: &Schema,
    model: ModelId,
    filter: &Filter,
    data: &UpdateData,
    limit: Option<Slot>,
    selection: Option<&Selection>,
) -> Compiled {
    if data.values.is_empty() {
        return unchanged(schema, model, filter, selection);
    }
    let mut builder = Builder::new(schema);
    let alias = builder.alias();
    write_update(&mut builder, model, &alias, &data.values, &[]);
    bounded_filter(&mut builder, model, &alias, filter, limit);
    match selection {
        None => (Vec::new(), 0, Answer::Changes(builder.finish())),
        Some(selection) => changed_rows(schema, model, selection, builder),
    }
}

/// Shows the rows that a statement changes.
fn changed_rows(schema: &Schema, model: ModelId, selection: &Selection, builder: Builder) -> Compiled {
    if read::is_flat(selection) {
        return (Vec::new(), 0, Answer::List(read::returning(schema, model, selection, builder)));
    }
    // The identities of the changed rows are known only afterwards: they are kept as a list.
    let identity = schema.model(model).identity();
    let only = Selection { scalars: identity.clone(), ..Selection::default() };
    let changed = read::returning(schema, model, &only, builder);
    let mut writer = Writer::new(schema);
    let registers: Vec<u32> = identity.iter().map(|_| writer.register()).collect();
    let read = by_registers(schema, model, selection, &identity, &registers);
    (Vec::new(), writer.registers, Answer::EachChanged { changed: changed.statement, registers, read })
}

/// An updateMany that changes nothing counts none, or shows its rows: all of them, as Prisma does.
fn unchanged(schema: &Schema, model: ModelId, filter: &Filter, selection: Option<&Selection>) -> Compiled {
    match selection {
        None => (Vec::new(), 0, Answer::Nothing),
        Some(selection) => {
            let mut read = whole(model, selection);
            read.filter = filter.clone();
            (Vec::new(), 0, Answer::List(read::read(schema, &read, Source::All, Limit::Many)))
        }
    }
}

fn upsert(
    schema: &Schema,
    model: ModelId,
    unique: &UniqueWhere,
    (make, change): (&CreateData, &UpdateData),
    selection: &Selection,
    numbered: bool,
) -> Compiled {
    let filter = |builder: &mut Builder, alias: &str| builder.filter_clause(model, alias, &unique.filter);
    // A foreign key that follows a change may be the row's own, and an upsert shows what became of it.
    let changed = || match is_followed(schema, model, &change.values) {
        true => None,
        false => read_and_change(schema, model, filter, change, selection, numbered),
    };
    if let Some((read, row)) = changed() {
        let (ops, used, made) = create(schema, model, make, selection);
        let key = registers_after(used, &row);
        let (used, then) = (used + key.len() as u32, change_of(schema, model, &change.values, &row, &key));
        let missing = Missing::Instead(ops, Box::new(made));
        return (Vec::new(), used, Answer::OneThen { read, key, then, missing });
    }
    let mut writer = Writer::new(schema);
    let row = writer.upsert(model, &unique.filter, make, change);
    let answer = read_back(schema, &row, selection);
    (writer.ops, writer.registers, answer)
}

fn delete(schema: &Schema, model: ModelId, unique: &UniqueWhere, selection: &Selection, numbered: bool) -> Compiled {
    // What hangs on the row is read while it is still there, and found as in a read.
    let is_flat = read::is_flat(selection);
    let filter = |builder: &mut Builder, alias: &str| match is_flat {
        true => builder.change_clause(model, alias, &unique.filter),
        false => builder.filter_clause(model, alias, &unique.filter),
    };
    let row = RowKey::of(schema, model, numbered);
    let read = read::before_change(schema, model, selection, filter, &[], &row).expect("nothing is given a value");
    let key = registers_after(0, &row);
    let mut builder = Builder::new(schema);
    builder.push("DELETE FROM ");
    builder.table(model);
    row.write_where(&mut builder, model, &key);
    let (used, then) = (key.len() as u32, Some(builder.finish()));
    let missing = Missing::Failure(Box::new(no_record("a delete")));
    (Vec::new(), used, Answer::OneThen { read, key, then, missing })
}

fn delete_many(schema: &Schema, model: ModelId, filter: &Filter, limit: Option<Slot>) -> Answer {
    let mut builder = Builder::new(schema);
    let alias = builder.alias();
    builder.push("DELETE FROM ");
    builder.table(model);
    builder.push(&format!(" AS {alias}"));
    bounded_filter(&mut builder, model, &alias, filter, limit);
    Answer::Changes(builder.finish())
}

/// Writes the condition of a bulk write, cut to its limit.
fn bounded_filter(builder: &mut Builder, model: ModelId, alias: &str, filter: &Filter, limit: Option<Slot>) {
    let Some(limit) = limit else {
        return builder.change_clause(model, alias, filter);
    };
    // The identity is what Prisma selects, too: with the same columns SQLite goes the same way and finds the same rows first.
    let identity = builder.schema.model(model).identity();
    let inner = builder.alias();
    builder.push(" WHERE (");
    builder.separated(&identity, ", ", |builder, field| builder.column(alias, model, *field));
    builder.push(") IN (SELECT ");
    builder.separated(&identity, ", ", |builder, field| builder.column(&inner, model, *field));
    builder.push(" FROM ");
    builder.table(model);
    builder.push(&format!(" AS {inner}"));
    builder.change_clause(model, &inner, filter);
    builder.push(" LIMIT ");
    builder.param(Param::Slot(limit.0));
    builder.push(")");
}
