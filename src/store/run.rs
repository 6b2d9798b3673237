//! Runs plans.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::types::{ToSql, ToSqlOutput, Value as SqlValue, ValueRef};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::sql::plan::{
    Answer, ChildPlan, Column, Decode, Failure, Generator, Given, Missing, Mode, Op, Page, Param, Plan, ReadPlan,
    Register, Statement,
};
use crate::store::decode::{decode, stored};
use crate::store::prepared::{Found, Prepared, utf8};
use crate::store::{Store, StoreError};
use crate::value::{Abandoned, Cell, Extent, RecordField, RecordShape, Records, Rows, Value};

/// Why a plan failed.
#[derive(Debug, Clone, PartialEq)]
pub enum RunError {
    /// SQLite refused.
    Store(StoreError),
    /// One of the plan's own errors: a record that must be there is not, ...
    Failure(Failure),
    /// A stored value is not of its column's type (P2023).
    Value(String),
    /// Whoever receives the result gave up, and knows why.
    Abandoned,
}

impl From<StoreError> for RunError {
    fn from(error: StoreError) -> Self {
        RunError::Store(error)
    }
}

impl Store {
    /// Runs a plan with the values of its slots, and hands the result to `rows`.
    ///
    /// A write that fails has changed nothing; what reached `rows` by then is to be thrown away.
    pub fn run<R: Rows>(&self, plan: &Plan, values: &[Value], rows: &mut R) -> Result<(), RunError> {
        let mut run =
            Run { store: self, values, registers: vec![Value::Null; plan.registers], keys: Vec::new(), now: None };
        match plan.mode {
            Mode::Single | Mode::Snapshot => self.read(plan.mode, || run.plan(plan, rows)),
            Mode::SingleWrite => self.write_alone(|| run.plan(plan, rows)),
            Mode::WriteLast if self.depth() > 0 => run.plan(plan, rows),
            Mode::WriteLast | Mode::Write => self.transaction(|| run.plan(plan, rows)),
        }
    }

    /// Runs what only reads.
    fn read(&self, mode: Mode, body: impl FnOnce() -> Result<(), RunError>) -> Result<(), RunError> {
        let shares = self.shares_snapshot();
        let result = if shares || mode == Mode::Single { body() } else { self.snapshot(body) };
        if shares && result.is_err() {
            // An interrupt, among others, stays with a connection until no statement is open.
            self.release_snapshot();
        }
        result
    }

    /// Runs one statement of a caller's that answers rows, as a list of objects.
    pub fn query_raw<R: Rows>(&self, sql: &str, params: &[Value], rows: &mut R) -> Result<(), RunError> {
        self.with_text(sql, |prepared| {
            bind_raw(prepared, params)?;
            let columns: Vec<Column> = prepared
                .statement()
                .column_names()
                .map(|name| Column { name: name.into(), decode: Decode::Raw })
                .collect();
            let keys = columns.iter().map(|column| column.name.clone()).collect();
            let fields = (0..columns.len()).map(|column| RecordField::Cell { key: column as u32, column }).collect();
            let shape = RecordShape::new(keys, fields);
            let mut stream = Stream::new(&columns, prepared.query());
            let count = rows.records(&Arc::new(shape), Extent::List, &mut stream);
            stream.end(count).map(|_| ())
        })
    }

    /// Runs one statement of a caller's that answers no rows, and returns how many it changed.
    pub fn execute_raw(&self, sql: &str, params: &[Value]) -> Result<i64, RunError> {
        self.write_alone(|| {
            self.with_text(sql, |prepared| {
                bind_raw(prepared, params)?;
                let mut found = prepared.query();
                while found.advance()? {}
                Ok(())
            })?;
            Ok(self.connection()?.changes() as i64)
        })
    }

    /// Runs `body` with the kept statement of a plan's text.
    fn with_statement<T>(
        &self,
        sql: &Arc<str>,
        body: impl FnOnce(&mut Prepared) -> Result<T, Ended>,
    ) -> Result<T, RunError> {
        self.check_open()?;
        let _watched = self.watched(sql)?;
        self.connection.with_statement(sql, body).map_err(|ended| self.ended(ended, sql))
    }

    /// Runs `body` with a statement of a caller's, which is kept when it is not long.
    fn with_text<T>(&self, sql: &str, body: impl FnOnce(&mut Prepared) -> Result<T, Ended>) -> Result<T, RunError> {
        self.connection()?;
        let _watched = self.watched(sql)?;
        self.connection.with_text(sql, body).map_err(|ended| self.ended(ended, sql))
    }

    fn ended(&self, ended: Ended, sql: &str) -> RunError {
        match ended {
            Ended::Sqlite(error) => RunError::Store(self.fault(error, sql)),
            Ended::Run(error) => error,
        }
    }
}

/// Binds the parameters of a caller's statement.
fn bind_raw(prepared: &mut Prepared, params: &[Value]) -> Result<(), Ended> {
    let expected = prepared.statement().parameter_count();
    if expected != params.len() {
        let message = format!("the statement has {expected} parameter(s), {} given", params.len());
        return Err(RunError::Failure(Failure { code: "P2010", message, meta: Vec::new() }).into());
    }
    for (index, value) in params.iter().enumerate() {
        prepared.bind(index + 1, Bound(value))?;
    }
    Ok(())
}

/// A value on its way to SQLite, without a copy.
struct Bound<'a>(&'a Value);

impl<'a> Bound<'a> {
    /// Returns the value itself; a list is none.
    fn reference(&self) -> ValueRef<'a> {
        match self.0 {
            Value::Null | Value::List(_) => ValueRef::Null,
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Float(value) => ValueRef::Real(*value),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::List(items) => {
                let items: Vec<SqlValue> = items.iter().map(|item| owned(Bound(item).reference())).collect();
                // The type name is the one that the table-valued function `rarray` asks for.
                ToSqlOutput::from_rc(Rc::new(items), c"rarray")
            }
            _ => ToSqlOutput::Borrowed(self.reference()),
        })
    }
}

fn owned(value: ValueRef) -> SqlValue {
    match value {
        ValueRef::Null => SqlValue::Null,
        ValueRef::Integer(number) => SqlValue::Integer(number),
        ValueRef::Real(number) => SqlValue::Real(number),
        ValueRef::Text(text) => match utf8(text) {
            Ok(text) => SqlValue::Text(text.to_owned()),
            Err(_) => SqlValue::Blob(text.to_vec()),
        },
        ValueRef::Blob(bytes) => SqlValue::Blob(bytes.to_vec()),
    }
}

fn kept(value: ValueRef) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Int(number),
        ValueRef::Real(number) => Value::Float(number),
        ValueRef::Text(text) => match utf8(text) {
            Ok(text) => Value::Text(text.into()),
            Err(_) => Value::Bytes(text.into()),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.into()),
    }
}

/// One run of a plan.
struct Run<'a> {
    store: &'a Store,
    values: &'a [Value],
    registers: Vec<Value>,
    /// The link columns of the rows above the statement that runs.
    keys: Vec<Rc<Vec<SqlValue>>>,
    /// The time of the call, once it was asked for.
    now: Option<Value>,
}

impl<'a> Run<'a> {
    fn plan<R: Rows>(&mut self, plan: &Plan, rows: &mut R) -> Result<(), RunError> {
        self.ops(&plan.ops)?;
        self.answer(&plan.answer, rows)
    }

    fn answer<R: Rows>(&mut self, answer: &Answer, rows: &mut R) -> Result<(), RunError> {
        match answer {
            Answer::List(read) => self.list(read, rows),
            Answer::One { read, missing } => self.one(read, missing.as_deref(), rows),
            Answer::Written { read, given } => self.written(read, given, rows),
            Answer::OneThen { read, key, then, missing } => match (self.keyed(read, key, rows)?, missing) {
                (0, Missing::Failure(failure)) => Err(RunError::Failure(failure.as_ref().clone())),
                (0, Missing::Instead(ops, answer)) => {
                    self.ops(ops)?;
                    self.answer(answer, rows)
                }
                _ => match then {
                    Some(then) => self.execute(then).map(|_| ()),
                    None => Ok(()),
                },
            },
            Answer::Each(reads) => {
                rows.begin_list(Some(reads.len()));
                for read in reads {
                    self.one(read, None, rows)?;
                }
                rows.end_list();
                Ok(())
            }
            Answer::EachChanged { changed, registers, read } => {
                let identities = self.rows_of(changed)?;
                rows.begin_list(Some(identities.len()));
                for identity in identities {
                    for (register, value) in registers.iter().zip(identity) {
                        self.registers[*register as usize] = value;
                    }
                    self.one(read, None, rows)?;
                }
                rows.end_list();
                Ok(())
            }
            Answer::Nothing => {
                count(0, rows);
                Ok(())
            }
            Answer::Count(register) => {
                match self.registers[*register as usize] {
                    Value::Int(number) => count(number, rows),
                    _ => count(0, rows),
                }
                Ok(())
            }
            Answer::Changes(statement) => {
                let changed = self.execute(statement)?;
                count(changed as i64, rows);
                Ok(())
            }
            Answer::Number(statement) => {
                let number = self.ready(statement, |_, prepared| {
                    let mut found = prepared.query();
                    found.advance()?;
                    Ok(match found.value(0) {
                        ValueRef::Integer(number) => number,
                        _ => 0,
                    })
                })?;
                rows.cell(Cell::Int(number));
                Ok(())
            }
        }
    }

    fn ops(&mut self, ops: &[Op]) -> Result<(), RunError> {
        for op in ops {
            match op {
                Op::Fetch { statement, into, missing, found } => {
                    let row = self.first(statement)?;
                    if let (None, Some(failure)) = (&row, missing) {
                        return Err(RunError::Failure(failure.as_ref().clone()));
                    }
                    if let Some(found) = found {
                        self.registers[*found as usize] = Value::Int(i64::from(row.is_some()));
                    }
                    let values = row.unwrap_or_else(|| vec![Value::Null; into.len()]);
                    for (register, value) in into.iter().zip(values) {
                        self.registers[*register as usize] = value;
                    }
                }
                Op::Execute { statement, count } => {
                    let changed = self.execute(statement)?;
                    if let Some(register) = count {
                        let register = &mut self.registers[*register as usize];
                        let before = if let Value::Int(before) = register { *before } else { 0 };
                        *register = Value::Int(before + changed as i64);
                    }
                }
                Op::Insert { statement, id } => {
                    self.execute(statement)?;
                    self.registers[*id as usize] = Value::Int(self.store.connection()?.last_insert_rowid());
                }
                Op::Forbid { statement, failure } => {
                    if self.first(statement)?.is_some() {
                        return Err(RunError::Failure(failure.as_ref().clone()));
                    }
                }
                Op::If { register, then, otherwise } => {
                    let taken = !matches!(self.registers[*register as usize], Value::Null | Value::Int(0));
                    self.ops(if taken { then } else { otherwise })?;
                }
                Op::Set { register, param } => {
                    let value = self.value(param);
                    self.registers[*register as usize] = value;
                }
                Op::Require { registers, failure } => {
                    let found = registers
                        .iter()
                        .filter(|register| !matches!(self.registers[**register as usize], Value::Null | Value::Int(0)))
                        .count();
                    if found < registers.len() {
                        let mut failure = failure.as_ref().clone();
                        failure.message = failure.message.replace("{found}", &found.to_string());
                        return Err(RunError::Failure(failure));
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns the value of a parameter that is neither a list nor a key.
    fn value(&mut self, param: &Param) -> Value {
        match param {
            Param::Slot(slot) => self.values[*slot as usize].clone(),
            Param::Register(register) => self.registers[*register as usize].clone(),
            Param::Value(value) => value.clone(),
            Param::Keys(_) => Value::Null,
            Param::Generated(generator) => self.generate(*generator),
        }
    }

    fn generate(&mut self, generator: Generator) -> Value {
        let text = match generator {
            Generator::Now => {
                let now = self.now.get_or_insert_with(|| {
                    let real = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as i64;
                    match stored(self.store.frozen.get().unwrap_or_else(real)) {
                        Some(text) => Value::Text(text.into()),
                        None => Value::Null,
                    }
                });
                return now.clone();
            }
            Generator::Cuid(2) => self.store.ids.cuid2(),
            Generator::Cuid(_) => self.store.ids.cuid(),
            Generator::Uuid(7) => self.store.ids.uuid7(),
            Generator::Uuid(_) => self.store.ids.uuid(),
            Generator::Ulid => self.store.ids.ulid(),
            Generator::NanoId(length) => self.store.ids.nanoid(usize::from(length)),
        };
        Value::Text(text.into())
    }

    /// Runs `body` with a statement whose parameters are bound.
    fn ready<T>(
        &mut self,
        statement: &Statement,
        body: impl FnOnce(&mut Self, &mut Prepared) -> Result<T, Ended>,
    ) -> Result<T, RunError> {
        let store = self.store;
        store.with_statement(&statement.sql, |prepared| {
            for (index, param) in statement.params.iter().enumerate() {
                let place = index + 1;
                match param {
                    Param::Slot(slot) => prepared.bind(place, Bound(&self.values[*slot as usize])),
                    Param::Register(register) => prepared.bind(place, Bound(&self.registers[*register as usize])),
                    Param::Value(value) => prepared.bind(place, Bound(value)),
                    Param::Keys(key) => prepared.bind(place, Rc::clone(&self.keys[*key as usize])),
                    Param::Generated(generator) => {
                        let value = self.generate(*generator);
                        prepared.bind(place, Bound(&value))
                    }
                }?;
            }
            body(self, prepared)
        })
    }

    fn execute(&mut self, statement: &Statement) -> Result<u64, RunError> {
        self.ready(statement, |_, prepared| Ok(prepared.execute()? as u64))
    }

    /// Returns the first row. The statement runs to its end, as a write with RETURNING must.
    fn first(&mut self, statement: &Statement) -> Result<Option<Vec<Value>>, RunError> {
        Ok(self.rows_of(statement)?.into_iter().next())
    }

    fn rows_of(&mut self, statement: &Statement) -> Result<Vec<Vec<Value>>, RunError> {
        self.ready(statement, |_, prepared| {
            let width = prepared.statement().column_count();
            let mut found = prepared.query();
            let mut rows = Vec::new();
            while found.advance()? {
                rows.push((0..width).map(|index| kept(found.value(index))).collect());
            }
            Ok(rows)
        })
    }

    fn buffer(&mut self, statement: &Statement, width: usize) -> Result<Buffer, RunError> {
        self.ready(statement, |run, prepared| {
            let mut found = prepared.query();
            let mut buffer = run.store.rooms.buffer(width);
            while found.advance()? {
                for index in 0..width {
                    buffer.push(found.value(index));
                }
            }
            Ok(buffer)
        })
    }

    fn list<R: Rows>(&mut self, read: &ReadPlan, rows: &mut R) -> Result<(), RunError> {
        self.records(read, Extent::List, rows).map(|_| ())
    }

    fn one<R: Rows>(&mut self, read: &ReadPlan, missing: Option<&Failure>, rows: &mut R) -> Result<(), RunError> {
        match (self.records(read, Extent::One, rows)?, missing) {
            (0, Some(failure)) => Err(RunError::Failure(failure.clone())),
            (0, None) => {
                rows.cell(Cell::Null);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn written<R: Rows>(&mut self, read: &ReadPlan, given: &[Given], rows: &mut R) -> Result<(), RunError> {
        let values: Vec<Value> = read.statement.params.iter().map(|param| self.value(param)).collect();
        self.store.with_statement(&read.statement.sql, |prepared| {
            for (index, value) in values.iter().enumerate() {
                prepared.bind(index + 1, Bound(value))?;
            }
            prepared.execute()?;
            Ok(())
        })?;
        let fault = RefCell::default();
        let id = self.store.connection.last_insert_rowid();
        let mut record = GivenRecord { columns: &read.columns, given, values: &values, id, ahead: true, fault: &fault };
        let count = rows.records(read.shape(), Extent::One, &mut record);
        ended(count, fault.take()).map(|_| ())
    }

    /// Hands the one record on that there may be, and keeps the columns behind it. Returns the number of records.
    fn keyed<R: Rows>(&mut self, read: &ReadPlan, key: &[Register], rows: &mut R) -> Result<usize, RunError> {
        let first = read.columns.len() - key.len();
        if read.children.is_empty() {
            return self.ready(&read.statement, |run, prepared| {
                let stream = Stream::new(&read.columns, prepared.query());
                let mut record = KeyedRecord { stream, first, key, registers: &mut run.registers };
                let count = rows.records(read.shape(), Extent::One, &mut record);
                record.stream.end(count)
            });
        }
        let loaded = self.load(read)?;
        for (index, register) in key.iter().enumerate().filter(|_| loaded.buffer.len() > 0) {
            self.registers[*register as usize] = kept(loaded.buffer.get(0, first + index));
        }
        self.show(read, loaded, Extent::One, rows)
    }

    /// Hands records on, as they come where nothing is to be done with them first, and returns their number.
    fn records<R: Rows>(&mut self, read: &ReadPlan, extent: Extent, rows: &mut R) -> Result<usize, RunError> {
        if read.children.is_empty() && read.page.is_plain() {
            return self.ready(&read.statement, |_, prepared| {
                let mut stream = Stream::new(&read.columns, prepared.query());
                let count = rows.records(read.shape(), extent, &mut stream);
                stream.end(count)
            });
        }
        let loaded = self.load(read)?;
        self.show(read, loaded, extent, rows)
    }

    /// Hands rows in memory on, and returns how many records they were.
    fn show<R: Rows>(&self, read: &ReadPlan, loaded: Loaded, extent: Extent, rows: &mut R) -> Result<usize, RunError> {
        let fault = RefCell::default();
        let mut records = LoadedRecords::new(read, &loaded.buffer, &loaded.children, &loaded.shown, &fault);
        let count = rows.records(read.shape(), extent, &mut records);
        self.store.rooms.keep(loaded.buffer, loaded.children);
        ended(count, fault.take())
    }

    /// Reads the rows of a plan, and all that hangs below them: one statement for each relation.
    fn load(&mut self, read: &ReadPlan) -> Result<Loaded, RunError> {
        let buffer = self.buffer(&read.statement, read.columns.len())?;
        let all = (0..buffer.len() as u32).collect();
        let shown = self.page(&read.page, &buffer, all);
        let children = self.children(read, &buffer, &shown)?;
        Ok(Loaded { buffer, shown, children })
    }

    fn children(&mut self, read: &ReadPlan, above: &Buffer, shown: &[u32]) -> Result<Vec<LoadedChild>, RunError> {
        read.children.iter().map(|child| self.child(child, above, shown)).collect()
    }

    fn child(&mut self, plan: &ChildPlan, above: &Buffer, shown: &[u32]) -> Result<LoadedChild, RunError> {
        let mut places: FxHashMap<Key, u32> = FxHashMap::default();
        let mut keys: Vec<Vec<SqlValue>> = vec![Vec::new(); plan.parent_columns.len()];
        let mut group_of = vec![NO_GROUP; above.len()];
        for row in shown {
            let Some(key) = above.key(*row, &plan.parent_columns) else { continue };
            let next = places.len() as u32;
            let place = *places.entry(key).or_insert(next);
            if place == next {
                for (column, values) in plan.parent_columns.iter().zip(&mut keys) {
                    values.push(owned(above.get(*row, *column)));
                }
            }
            group_of[*row as usize] = place;
        }
        let mut groups: Vec<Vec<u32>> = vec![Vec::new(); places.len()];
        if groups.is_empty() {
            let buffer = Buffer::new(plan.read.columns.len());
            return Ok(LoadedChild { buffer, group_of, groups, children: Vec::new() });
        }
        self.keys = keys.into_iter().map(Rc::new).collect();
        let buffer = self.buffer(&plan.read.statement, plan.read.columns.len())?;
        // A key of several columns was asked for column by column, which finds too much.
        let place_of = |row| buffer.key(row, &plan.child_columns).and_then(|key| places.get(&key).copied());
        let place_of: Vec<u32> = (0..buffer.len() as u32).map(|row| place_of(row).unwrap_or(NO_GROUP)).collect();
        let mut sizes = vec![0; groups.len()];
        for place in place_of.iter().filter(|place| **place != NO_GROUP) {
            sizes[*place as usize] += 1;
        }
        groups.iter_mut().zip(sizes).for_each(|(group, size)| group.reserve_exact(size));
        for (row, place) in (0..).zip(place_of) {
            if let Some(group) = groups.get_mut(place as usize) {
                group.push(row);
            }
        }
        if !plan.read.page.is_plain() {
            for group in &mut groups {
                *group = self.page(&plan.read.page, &buffer, std::mem::take(group));
            }
        }
        let children = if plan.read.children.is_empty() {
            Vec::new()
        } else {
            let mut shown: Vec<u32> = groups.iter().flatten().copied().collect();
            shown.sort_unstable();
            self.children(&plan.read, &buffer, &shown)?
        };
        Ok(LoadedChild { buffer, group_of, groups, children })
    }

    /// Cuts a page out of rows.
    fn page(&mut self, page: &Page, buffer: &Buffer, mut rows: Vec<u32>) -> Vec<u32> {
        if !page.distinct.is_empty() {
            let mut seen = FxHashSet::default();
            rows.retain(|row| seen.insert(buffer.full_key(*row, &page.distinct)));
        }
        if !page.cursor.is_empty() {
            let wanted: Vec<(usize, Value)> =
                page.cursor.iter().map(|(column, param)| (*column, self.value(param))).collect();
            let fits = |row: &u32| wanted.iter().all(|(column, value)| kept(buffer.get(*row, *column)) == *value);
            match rows.iter().position(fits) {
                None => rows.clear(),
                Some(place) => drop(rows.drain(..place)),
            }
        }
        let number = |param: &Option<Param>, run: &mut Self| {
            param.as_ref().map(|param| match run.value(param) {
                Value::Int(number) => number.max(0) as usize,
                _ => 0,
            })
        };
        let skip = number(&page.skip, self).unwrap_or(0).min(rows.len());
        rows.drain(..skip);
        if let Some(take) = number(&page.take, self) {
            rows.truncate(take);
        }
        if page.reverse {
            rows.reverse();
        }
        rows
    }
}

fn count<R: Rows>(number: i64, rows: &mut R) {
    thread_local! {
        static KEY: std::sync::Arc<str> = "count".into();
    }
    rows.begin_object(1);
    KEY.with(|key| rows.key(key));
    rows.cell(Cell::Int(number));
    rows.end_object();
}

/// The records of a statement, as SQLite steps to them.
struct Stream<'a> {
    columns: &'a [Column],
    found: Found<'a>,
    fault: RefCell<Option<Ended>>,
}

/// Why a statement ended before its time.
enum Ended {
    Sqlite(rusqlite::Error),
    Run(RunError),
}

impl From<rusqlite::Error> for Ended {
    fn from(error: rusqlite::Error) -> Self {
        Ended::Sqlite(error)
    }
}

impl From<RunError> for Ended {
    fn from(error: RunError) -> Self {
        Ended::Run(error)
    }
}

impl<'a> Stream<'a> {
    fn new(columns: &'a [Column], found: Found<'a>) -> Self {
        Self { columns, found, fault: RefCell::default() }
    }

    /// Ends the statement; returns the fault that it met, or what its receiver said.
    fn end(self, count: Result<usize, Abandoned>) -> Result<usize, Ended> {
        match self.fault.into_inner() {
            Some(fault) => Err(fault),
            None => Ok(count.map_err(|Abandoned| RunError::Abandoned)?),
        }
    }
}

fn ended(count: Result<usize, Abandoned>, fault: Option<RunError>) -> Result<usize, RunError> {
    match (count, fault) {
        (_, Some(fault)) => Err(fault),
        (Err(Abandoned), None) => Err(RunError::Abandoned),
        (Ok(count), None) => Ok(count),
    }
}

impl Records for Stream<'_> {
    type Child<'a>
        = NoRecords
    where
        Self: 'a;

    fn advance(&mut self) -> bool {
        if self.fault.get_mut().is_some() {
            return false;
        }
        self.found.advance().unwrap_or_else(|error| {
            *self.fault.get_mut() = Some(Ended::Sqlite(error));
            false
        })
    }

    #[inline]
    fn cell(&self, column: usize) -> Option<Cell<'_>> {
        match decode(&self.columns[column], self.found.value(column)) {
            Ok(cell) => Some(cell),
            Err(fault) => {
                *self.fault.borrow_mut() = Some(Ended::Run(RunError::Value(fault)));
                None
            }
        }
    }

    fn child(&self, _child: usize) -> NoRecords {
        NoRecords
    }

    fn left(&self) -> Option<usize> {
        None
    }
}

/// The one record of a statement, with columns behind it that say which row it is.
struct KeyedRecord<'a> {
    stream: Stream<'a>,
    /// Which column is the first of these.
    first: usize,
    /// Where they go among the registers.
    key: &'a [Register],
    registers: &'a mut [Value],
}

impl Records for KeyedRecord<'_> {
    type Child<'a>
        = NoRecords
    where
        Self: 'a;

    fn advance(&mut self) -> bool {
        if !self.stream.advance() {
            return false;
        }
        for (index, register) in self.key.iter().enumerate() {
            self.registers[*register as usize] = kept(self.stream.found.value(self.first + index));
        }
        true
    }

    #[inline]
    fn cell(&self, column: usize) -> Option<Cell<'_>> {
        self.stream.cell(column)
    }

    fn child(&self, _child: usize) -> NoRecords {
        NoRecords
    }

    fn left(&self) -> Option<usize> {
        None
    }
}

/// A record that was written with the values it shows.
struct GivenRecord<'a> {
    columns: &'a [Column],
    given: &'a [Given],
    values: &'a [Value],
    /// The id that SQLite made, if it made one.
    id: i64,
    /// Whether it is still to come.
    ahead: bool,
    fault: &'a RefCell<Option<RunError>>,
}

impl Records for GivenRecord<'_> {
    type Child<'a>
        = NoRecords
    where
        Self: 'a;

    fn advance(&mut self) -> bool {
        std::mem::take(&mut self.ahead)
    }

    fn cell(&self, column: usize) -> Option<Cell<'_>> {
        let stored = match self.given[column] {
            Given::Null => ValueRef::Null,
            Given::Id => ValueRef::Integer(self.id),
            Given::Param(place) => match Bound(&self.values[place as usize]).reference() {
                // SQLite keeps no zero below zero.
                ValueRef::Real(number) => ValueRef::Real(number + 0.0),
                value => value,
            },
        };
        let decoded = decode(&self.columns[column], stored);
        decoded.map_err(|fault| *self.fault.borrow_mut() = Some(RunError::Value(fault))).ok()
    }

    fn child(&self, _child: usize) -> NoRecords {
        NoRecords
    }

    fn left(&self) -> Option<usize> {
        Some(usize::from(self.ahead))
    }
}

/// What a plain statement has below its rows.
struct NoRecords;

impl Records for NoRecords {
    type Child<'a> = NoRecords;

    fn advance(&mut self) -> bool {
        false
    }

    fn cell(&self, _column: usize) -> Option<Cell<'_>> {
        None
    }

    fn child(&self, _child: usize) -> NoRecords {
        NoRecords
    }

    fn left(&self) -> Option<usize> {
        Some(0)
    }
}

/// Rows in memory, without an allocation for each.
struct Buffer {
    width: usize,
    cells: Vec<Kept>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Kept {
    Null,
    Integer(i64),
    Real(f64),
    /// Where its bytes begin, and how many there are: SQLite's values are shorter than 2 GiB, all of them together may not be.
    Text(usize, u32),
    Blob(usize, u32),
}

/// The link columns of a row, comparable. A single column is compared where it lies.
#[derive(PartialEq, Eq, Hash)]
enum Key<'a> {
    Integer(i64),
    Text(&'a [u8]),
    Several(Vec<u8>),
}

/// Room of buffers that are done with, for the next.
#[derive(Default)]
pub(in crate::store) struct Rooms(RefCell<Vec<Buffer>>);

impl Rooms {
    /// How many are kept.
    const MOST: usize = 4;

    /// The most values, and bytes of them, that one has room for which is kept.
    const MOST_CELLS: usize = 1 << 15;
    const MOST_BYTES: usize = 1 << 18;

    /// Makes an empty buffer.
    fn buffer(&self, width: usize) -> Buffer {
        let mut buffer = self.0.borrow_mut().pop().unwrap_or_else(|| Buffer::new(width));
        buffer.width = width;
        buffer.cells.clear();
        buffer.bytes.clear();
        buffer
    }

    /// Keeps the room of these, unless there is enough of it.
    fn keep(&self, buffer: Buffer, children: Vec<LoadedChild>) {
        let mut rooms = self.0.borrow_mut();
        if rooms.len() >= Self::MOST {
            return;
        }
        if buffer.cells.capacity() <= Self::MOST_CELLS && buffer.bytes.capacity() <= Self::MOST_BYTES {
            rooms.push(buffer);
        }
        drop(rooms);
        children.into_iter().for_each(|child| self.keep(child.buffer, child.children));
    }
}

impl Buffer {
    fn new(width: usize) -> Self {
        Self { width, cells: Vec::new(), bytes: Vec::new() }
    }

    fn len(&self) -> usize {
        self.cells.len() / self.width.max(1)
    }

    fn push(&mut self, value: ValueRef) {
        let mut keep = |bytes: &[u8]| {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(bytes);
            (start, bytes.len() as u32)
        };
        let cell = match value {
            ValueRef::Null => Kept::Null,
            ValueRef::Integer(number) => Kept::Integer(number),
            ValueRef::Real(number) => Kept::Real(number),
            ValueRef::Text(text) => {
                let (start, length) = keep(text);
                Kept::Text(start, length)
            }
            ValueRef::Blob(bytes) => {
                let (start, length) = keep(bytes);
                Kept::Blob(start, length)
            }
        };
        self.cells.push(cell);
    }

    #[inline]
    fn get(&self, row: u32, column: usize) -> ValueRef<'_> {
        match self.cells[row as usize * self.width + column] {
            Kept::Null => ValueRef::Null,
            Kept::Integer(number) => ValueRef::Integer(number),
            Kept::Real(number) => ValueRef::Real(number),
            Kept::Text(start, length) => ValueRef::Text(&self.bytes[start..start + length as usize]),
            Kept::Blob(start, length) => ValueRef::Blob(&self.bytes[start..start + length as usize]),
        }
    }

    /// Returns some columns of a row as one comparable key; None when one of them is NULL.
    fn key(&self, row: u32, columns: &[usize]) -> Option<Key<'_>> {
        if let [column] = columns {
            match self.get(row, *column) {
                ValueRef::Integer(number) => return Some(Key::Integer(number)),
                ValueRef::Text(text) => return Some(Key::Text(text)),
                _ => {}
            }
        }
        let null = columns.iter().any(|column| matches!(self.get(row, *column), ValueRef::Null));
        (!null).then(|| Key::Several(self.full_key(row, columns)))
    }

    /// Returns some columns of a row as one comparable key, in which NULL equals NULL.
    fn full_key(&self, row: u32, columns: &[usize]) -> Vec<u8> {
        let mut key = Vec::with_capacity(columns.len() * 10);
        for column in columns {
            let (tag, bytes): (u8, &[u8]) = match self.get(row, *column) {
                ValueRef::Null => (0, &[]),
                ValueRef::Integer(number) => (1, &number.to_le_bytes()),
                ValueRef::Real(number) => (2, &number.to_bits().to_le_bytes()),
                ValueRef::Text(text) => (3, text),
                ValueRef::Blob(bytes) => (4, bytes),
            };
            key.push(tag);
            if columns.len() > 1 {
                key.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            }
            key.extend_from_slice(bytes);
        }
        key
    }
}

/// The rows of a read with what hangs below them.
struct Loaded {
    buffer: Buffer,
    shown: Vec<u32>,
    children: Vec<LoadedChild>,
}

/// The rows of a relation, and which of them belong to which row above.
struct LoadedChild {
    buffer: Buffer,
    /// For each row above, its place in `groups`, or [`NO_GROUP`].
    group_of: Vec<u32>,
    groups: Vec<Vec<u32>>,
    children: Vec<LoadedChild>,
}

/// A row above that refers to nothing.
const NO_GROUP: u32 = u32::MAX;

impl LoadedChild {
    fn group(&self, above: u32) -> &[u32] {
        self.groups.get(self.group_of[above as usize] as usize).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Rows in memory, with what hangs below them, on their way to a reader.
struct LoadedRecords<'a> {
    read: &'a ReadPlan,
    buffer: &'a Buffer,
    children: &'a [LoadedChild],
    rows: std::slice::Iter<'a, u32>,
    row: u32,
    fault: &'a RefCell<Option<RunError>>,
}

impl<'a> LoadedRecords<'a> {
    fn new(
        read: &'a ReadPlan,
        buffer: &'a Buffer,
        children: &'a [LoadedChild],
        rows: &'a [u32],
        fault: &'a RefCell<Option<RunError>>,
    ) -> Self {
        Self { read, buffer, children, rows: rows.iter(), row: 0, fault }
    }
}

impl Records for LoadedRecords<'_> {
    type Child<'a>
        = LoadedRecords<'a>
    where
        Self: 'a;

    fn advance(&mut self) -> bool {
        match self.rows.next() {
            Some(row) => {
                self.row = *row;
                true
            }
            None => false,
        }
    }

    #[inline]
    fn cell(&self, column: usize) -> Option<Cell<'_>> {
        match decode(&self.read.columns[column], self.buffer.get(self.row, column)) {
            Ok(cell) => Some(cell),
            Err(fault) => {
                *self.fault.borrow_mut() = Some(RunError::Value(fault));
                None
            }
        }
    }

    fn child(&self, child: usize) -> LoadedRecords<'_> {
        let (plan, loaded) = (&self.read.children[child], &self.children[child]);
        let group = loaded.group(self.row);
        LoadedRecords::new(&plan.read, &loaded.buffer, &loaded.children, group, self.fault)
    }

    fn left(&self) -> Option<usize> {
        Some(self.rows.len())
    }
}
