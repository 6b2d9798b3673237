//! Writes to operations: the row, what must exist before it, and what hangs on it.

use crate::query::convert::convert;
use crate::query::input::Raw;
use crate::query::{
    AssignOp, Assignment, CreateData, Filter, NestedOp, NestedWrite, Operand, SlotType, UniqueWhere, UpdateData,
};
use crate::schema::{Arity, DefaultValue, FieldId, FieldKind, ModelId, Relation, RelationKind, ScalarType, Schema};
use crate::sql::filter::{Builder, Link, join_key, link};
use crate::sql::plan::{Failure, Generator, Given, Op, Param, Register, Statement};
use crate::value::Value;

/// Compiles writes to operations.
pub(crate) struct Writer<'a> {
    schema: &'a Schema,
    pub ops: Vec<Op>,
    pub registers: Register,
}

/// A row that is known by now: some of its columns lie in registers.
#[derive(Clone)]
pub(crate) struct Row {
    pub model: ModelId,
    pub fields: Vec<FieldId>,
    pub registers: Vec<Register>,
}

impl Row {
    fn of(&self, field: FieldId) -> Register {
        let index = self.fields.iter().position(|known| *known == field).expect("the writer captured this column");
        self.registers[index]
    }

    fn all(&self, fields: &[FieldId]) -> Vec<Register> {
        fields.iter().map(|field| self.of(*field)).collect()
    }
}

/// Which rows of the other side hang on a row.
enum Scope {
    /// Those with these column values.
    Columns(Vec<(FieldId, Register)>),
    /// Those that a join table links.
    Join { table: String, here: &'static str, there: &'static str, key: FieldId, register: Register },
}

/// A relation as a nested write sees it from the row above.
struct Nested<'a> {
    parent: ModelId,
    target: ModelId,
    relation: &'a Relation,
    link: Link<'a>,
}

/// The values of a foreign key.
pub(crate) type Key = Vec<(FieldId, Register)>;

/// A record that another row may refer to, and the register that tells whether it was there before.
type ToFree<'a> = (Nested<'a>, Row, Option<Register>);

/// Tells whether a write on the record that a row refers to comes before the row's own.
fn comes_before(op: &NestedOp) -> bool {
    matches!(op, NestedOp::Create(_) | NestedOp::Connect(_) | NestedOp::ConnectOrCreate(_))
}

/// Adds the values of a foreign key. Of several writes of a relation the last one counts, which comes first here.
fn refer_once(assigned: &mut Key, key: Key) {
    for (field, register) in key {
        if assigned.iter().all(|(known, _)| *known != field) {
            assigned.push((field, register));
        }
    }
}

/// Tells whether a change changes nothing. Prisma does not even look for the record of a nested one.
fn is_empty(data: &UpdateData) -> bool {
    data.values.is_empty() && data.nested.is_empty()
}

impl<'a> Writer<'a> {
    pub fn new(schema: &'a Schema) -> Self {
        Self { schema, ops: Vec::new(), registers: 0 }
    }

    /// Compiles "change it when it is there, else make it".
    pub fn upsert(&mut self, model: ModelId, filter: &Filter, create: &CreateData, update: &UpdateData) -> Row {
        let (row, found) = (self.target_row(model, &update.nested, &[]), self.register());
        self.find(&row, filter, None, None, Some(found));
        let then = self.aside(|writer| writer.change(&row, update));
        let otherwise = self.aside(|writer| {
            let identity = writer.schema.model(model).identity();
            let made = writer.create(model, create, &[], &[]);
            writer.copy(&made.all(&identity), &row.all(&identity));
        });
        self.ops.push(Op::If { register: found, then, otherwise });
        row
    }

    /// Returns a fresh register.
    pub fn register(&mut self) -> Register {
        self.registers += 1;
        self.registers - 1
    }

    /// Compiles operations into a list of their own.
    fn aside(&mut self, compile: impl FnOnce(&mut Self)) -> Vec<Op> {
        let before = std::mem::take(&mut self.ops);
        compile(self);
        std::mem::replace(&mut self.ops, before)
    }

    fn nested(&self, model: ModelId, field: FieldId) -> Nested<'a> {
        let (link, target, relation) = link(self.schema, model, field);
        Nested { parent: model, target, relation, link }
    }

    /// Returns the columns of a row that its nested writes and its answer need.
    fn captured(&self, model: ModelId, nested: &[NestedWrite]) -> Vec<FieldId> {
        let mut fields = self.schema.model(model).identity();
        for write in nested {
            if let Link::Columns { here, .. } = self.nested(model, write.field).link {
                for field in here {
                    if !fields.contains(field) {
                        fields.push(*field);
                    }
                }
            }
        }
        fields
    }

    fn row(&mut self, model: ModelId, fields: Vec<FieldId>) -> Row {
        let registers = fields.iter().map(|_| self.register()).collect();
        Row { model, fields, registers }
    }

    /// Compiles the making of a row and of all that hangs on it. `extra` columns are captured too.
    pub fn create(
        &mut self,
        model: ModelId,
        data: &CreateData,
        fixed: &[(FieldId, Register)],
        extra: &[FieldId],
    ) -> Row {
        let mut assigned = fixed.to_vec();
        self.refer_first(model, data, &mut assigned);
        let mut fields = self.captured(model, &data.nested);
        fields.extend(extra.iter().filter(|field| !fields.contains(field)).copied().collect::<Vec<_>>());
        let row = self.row(model, fields);
        self.insert(&row, row_values(self.schema, model, data, &assigned));
        for write in &data.nested {
            if !self.owns(model, write.field) {
                self.other_side(&row, write, true);
            }
        }
        row
    }

    /// Tells whether the making of a row ends with the row itself, as nothing that is written with it refers to it.
    pub fn ends_with_row(&self, model: ModelId, data: &CreateData) -> bool {
        data.nested.iter().all(|write| self.owns(model, write.field))
    }

    /// Compiles the making and finding of what a new row is to refer to, and returns its foreign keys.
    pub fn keys(&mut self, model: ModelId, data: &CreateData) -> Key {
        let mut keys = Vec::new();
        self.refer_first(model, data, &mut keys);
        keys
    }

    fn refer_first(&mut self, model: ModelId, data: &CreateData, assigned: &mut Key) {
        for (key, to_free) in self.before(model, &data.nested) {
            refer_once(assigned, key);
            self.free_other_owners(to_free, None);
        }
    }

    /// Compiles an INSERT, after which the row's captured columns are known: SQLite is asked for those only that it makes itself.
    fn insert(&mut self, row: &Row, mut columns: Vec<(FieldId, Param)>) {
        let given = row.fields.iter().map(|field| given(self.schema, row.model, &columns, *field));
        let known: Option<Vec<Given>> = given.collect();
        for (given, register) in known.iter().flatten().zip(&row.registers) {
            if let Given::Param(place) = given
                && let param @ Param::Generated(_) = &mut columns[*place as usize].1
            {
                let param = std::mem::replace(param, Param::Register(*register));
                self.ops.push(Op::Set { register: *register, param });
            }
        }
        let mut builder = Builder::new(self.schema);
        write_insert(&mut builder, row.model, &columns);
        let Some(known) = known else {
            builder.push(" RETURNING ");
            builder.separated(&row.fields, ", ", |builder, field| builder.column("", row.model, *field));
            return self.fetch(builder.finish(), &row.registers, None, None);
        };
        match known.iter().position(|given| *given == Given::Id) {
            Some(place) => self.ops.push(Op::Insert { statement: builder.finish(), id: row.registers[place] }),
            None => self.execute(builder.finish()),
        }
        for (given, register) in known.iter().zip(&row.registers) {
            match given {
                Given::Null => self.clear(&[*register]),
                Given::Param(place) => self.keep(*register, columns[*place as usize].1.clone()),
                Given::Id => {}
            }
        }
    }

    /// Compiles the change of a row that `filter` finds, and of all that hangs on it.
    pub fn update(&mut self, model: ModelId, filter: &Filter, data: &UpdateData, missing: Failure) -> Row {
        let fields = self.captured(model, &data.nested);
        let row = self.row(model, fields);
        self.change_found(&row, data, |writer| writer.find(&row, filter, None, Some(missing), None));
        row
    }

    /// Compiles the reading of a row's captured columns.
    fn find(
        &mut self,
        row: &Row,
        filter: &Filter,
        scope: Option<&Scope>,
        missing: Option<Failure>,
        found: Option<Register>,
    ) {
        let mut builder = Builder::new(self.schema);
        let alias = builder.alias();
        builder.push("SELECT ");
        builder.separated(&row.fields, ", ", |builder, field| builder.column(&alias, row.model, *field));
        builder.push(" FROM ");
        builder.table(row.model);
        builder.push(&format!(" AS {alias} WHERE "));
        scoped(&mut builder, row.model, &alias, filter, scope);
        builder.push(" LIMIT 1");
        self.fetch(builder.finish(), &row.registers, missing, found);
    }

    /// Compiles the change of a row whose captured columns are known.
    fn change(&mut self, row: &Row, data: &UpdateData) {
        self.change_found(row, data, |_| {});
    }

    /// Compiles the change of a row that `find` finds, after the records are there that it is to refer to.
    fn change_found(&mut self, row: &Row, data: &UpdateData, find: impl FnOnce(&mut Self)) {
        let model = row.model;
        let before = self.before(model, &data.nested);
        find(self);
        let mut assigned = Vec::new();
        for (key, to_free) in before {
            refer_once(&mut assigned, key);
            self.free_other_owners(to_free, Some(row));
        }
        if !data.values.is_empty() || !assigned.is_empty() {
            let mut builder = Builder::new(self.schema);
            write_update(&mut builder, model, "", &data.values, &assigned);
            builder.push(" WHERE ");
            let identity = self.schema.model(model).identity();
            builder.equals_registers("", model, &identity, &row.all(&identity));
            self.finish_update(row, data, &assigned, builder);
        }
        for write in &data.nested {
            if !self.owns(model, write.field) {
                self.other_side(row, write, false);
            } else if !comes_before(&write.op) {
                self.own_side(row, write);
            }
        }
    }

    /// Ends the UPDATE of a row, after which its captured columns are known: SQLite is asked for those only that it computes.
    fn finish_update(&mut self, row: &Row, data: &UpdateData, assigned: &[(FieldId, Register)], mut builder: Builder) {
        let changed = new_values(self.schema, row.model, &data.values);
        let mut known = Vec::new();
        for (field, register) in row.fields.iter().zip(&row.registers) {
            if let Some(value) = changed.iter().find(|value| value.field == *field) {
                let param = if keeps_what_it_is_given(self.schema, row.model, *field) { value.set() } else { None };
                let Some(param) = param else {
                    builder.push(" RETURNING ");
                    builder.separated(&row.fields, ", ", |builder, field| builder.column("", row.model, *field));
                    return self.fetch(builder.finish(), &row.registers, None, None);
                };
                known.push((*register, param));
            } else if let Some((_, value)) = assigned.iter().find(|(assigned, _)| assigned == field) {
                known.push((*register, Param::Register(*value)));
            }
        }
        self.execute(builder.finish());
        for (register, param) in known {
            self.keep(register, param);
        }
    }

    /// Tells whether this side of a relation holds the foreign key.
    fn owns(&self, model: ModelId, field: FieldId) -> bool {
        matches!(self.nested(model, field).link, Link::Columns { owner: true, .. })
    }

    fn fetch(&mut self, statement: Statement, into: &[Register], missing: Option<Failure>, found: Option<Register>) {
        self.ops.push(Op::Fetch { statement, into: into.to_vec(), missing: missing.map(Box::new), found });
    }

    fn execute(&mut self, statement: Statement) {
        self.ops.push(Op::Execute { statement, count: None });
    }

    /// Compiles the making and finding of the records that a row is to refer to: the last one first, as Prisma does.
    ///
    /// Returns the foreign keys' values, and what must be freed first: a record of a 1-1 relation that another row refers to.
    fn before(&mut self, model: ModelId, nested: &[NestedWrite]) -> Vec<(Key, Option<ToFree<'a>>)> {
        let own = nested.iter().rev().filter(|write| self.owns(model, write.field) && comes_before(&write.op));
        let own: Vec<&NestedWrite> = own.collect();
        own.into_iter().map(|write| self.referred(model, write)).collect()
    }

    fn referred(&mut self, model: ModelId, write: &NestedWrite) -> (Key, Option<ToFree<'a>>) {
        let nested = self.nested(model, write.field);
        let Link::Columns { here, there, .. } = nested.link else { unreachable!("an own side has columns") };
        let keyed = |registers: &[Register]| here.iter().copied().zip(registers.iter().copied()).collect::<Vec<_>>();
        let target = nested.target;
        match &write.op {
            NestedOp::Create(list) => {
                let row = self.create(target, &list[0], &[], there);
                (keyed(&row.all(there)), None)
            }
            NestedOp::Connect(list) => {
                let row = self.row(target, there.to_vec());
                let missing = nested.missing(self.schema, "a nested connect", Some("inline the relation on"));
                self.find(&row, &list[0].filter, None, Some(missing), None);
                (keyed(&row.registers), Some((nested, row, None)))
            }
            NestedOp::ConnectOrCreate(list) => {
                let (unique, data) = &list[0];
                let (row, found) = (self.row(target, there.to_vec()), self.register());
                self.find(&row, &unique.filter, None, None, Some(found));
                let otherwise = self.aside(|writer| {
                    let made = writer.create(target, data, &[], there);
                    writer.copy(&made.all(there), &row.registers);
                });
                self.ops.push(Op::If { register: found, then: Vec::new(), otherwise });
                (keyed(&row.registers), Some((nested, row, Some(found))))
            }
            _ => unreachable!("other writes come after the row's own"),
        }
    }

    /// Compiles a nested write on the record that this row refers to by now.
    fn own_side(&mut self, current: &Row, write: &NestedWrite) {
        let nested = self.nested(current.model, write.field);
        let Link::Columns { here, there, .. } = nested.link else { unreachable!("an own side has columns") };
        let target = nested.target;
        let scope = Scope::Columns(there.iter().copied().zip(current.all(here)).collect());
        match &write.op {
            NestedOp::DisconnectOne(filter) => {
                // Prisma heeds the filter in a 1-1 relation only.
                let whole = Filter::True;
                let filter = if nested.is_one_to_one() { filter } else { &whole };
                let (row, found) = (self.row(target, there.to_vec()), self.register());
                self.find(&row, filter, Some(&scope), None, Some(found));
                let nothing: Vec<Register> = here.iter().map(|_| self.register()).collect();
                self.clear(&nothing);
                let then = self.aside(|writer| writer.refer(current, here, &nothing));
                self.ops.push(Op::If { register: found, then, otherwise: Vec::new() });
            }
            NestedOp::UpdateOne(_, data) if is_empty(data) => {}
            NestedOp::UpdateOne(filter, data) => {
                let row = self.target_row(target, &data.nested, there);
                let missing = nested.missing(self.schema, "a nested update", None);
                self.change_found(&row, data, |writer| writer.find(&row, filter, Some(&scope), Some(missing), None));
            }
            NestedOp::UpsertOne(filter, create, update) => {
                let (row, found) = (self.target_row(target, &update.nested, there), self.register());
                self.find(&row, filter, Some(&scope), None, Some(found));
                let then = self.aside(|writer| writer.change(&row, update));
                let otherwise = self.aside(|writer| {
                    let made = writer.create(target, create, &[], there);
                    writer.refer(current, here, &made.all(there));
                });
                self.ops.push(Op::If { register: found, then, otherwise });
            }
            NestedOp::DeleteOne(filter) => {
                let row = self.target_row(target, &[], there);
                self.find(&row, filter, Some(&scope), Some(nested.missing(self.schema, "a nested delete", None)), None);
                // What becomes of this row then is the relation's referential action.
                self.delete_row(&row);
            }
            _ => unreachable!("the checker knows which writes a single record takes"),
        }
    }

    /// Sets the foreign key of a row.
    fn refer(&mut self, row: &Row, key: &[FieldId], values: &[Register]) {
        let assigned: Vec<_> = key.iter().copied().zip(values.iter().copied()).collect();
        let mut builder = Builder::new(self.schema);
        write_update(&mut builder, row.model, "", &[], &assigned);
        builder.push(" WHERE ");
        let identity = self.schema.model(row.model).identity();
        builder.equals_registers("", row.model, &identity, &row.all(&identity));
        self.execute(builder.finish());
    }

    fn free_other_owners(&mut self, to_free: Option<ToFree>, current: Option<&Row>) {
        let Some((nested, row, found)) = to_free else { return };
        // Prisma leaves out the row itself for a connect only.
        let keep = if found.is_none() { current } else { None };
        let then = self.aside(|writer| writer.free_other_owner(&nested, keep, &row));
        match found {
            None => self.ops.extend(then),
            Some(register) => self.ops.push(Op::If { register, then, otherwise: Vec::new() }),
        }
    }

    /// A record of a 1-1 relation leaves the row that referred to it before.
    fn free_other_owner(&mut self, nested: &Nested, current: Option<&Row>, row: &Row) {
        if nested.relation.kind != RelationKind::OneToOne {
            return;
        }
        let Link::Columns { here, there, .. } = nested.link else { return };
        let model = nested.parent;
        let condition = |builder: &mut Builder| {
            builder.equals_registers("", model, here, &row.all(there));
            if let Some(current) = current {
                let identity = builder.schema.model(model).identity();
                builder.push(" AND NOT (");
                builder.equals_registers("", model, &identity, &current.all(&identity));
                builder.push(")");
            }
        };
        self.unlink(nested, model, here, condition);
    }

    /// Sets a foreign key to NULL where `condition` holds; where it is required, no such row may be.
    fn unlink(&mut self, nested: &Nested, model: ModelId, key: &[FieldId], condition: impl Fn(&mut Builder)) {
        let required = key.iter().all(|field| !self.schema.field(model, *field).is_optional());
        let mut builder = Builder::new(self.schema);
        if required {
            builder.push("SELECT 1 FROM ");
            builder.table(model);
            builder.push(" WHERE ");
            condition(&mut builder);
            builder.push(" LIMIT 1");
            let failure = Box::new(nested.violated(self.schema));
            self.ops.push(Op::Forbid { statement: builder.finish(), failure });
            return;
        }
        builder.push("UPDATE ");
        builder.table(model);
        builder.push(" SET ");
        let optional: Vec<FieldId> =
            key.iter().copied().filter(|field| self.schema.field(model, *field).is_optional()).collect();
        builder.separated(&optional, ", ", |builder, field| {
            builder.column("", model, *field);
            builder.push(" = NULL");
        });
        builder.push(" WHERE ");
        condition(&mut builder);
        self.execute(builder.finish());
    }

    fn target_row(&mut self, model: ModelId, nested: &[NestedWrite], extra: &[FieldId]) -> Row {
        let mut fields = self.captured(model, nested);
        for field in extra {
            if !fields.contains(field) {
                fields.push(*field);
            }
        }
        self.row(model, fields)
    }

    fn keep(&mut self, register: Register, param: Param) {
        if param != Param::Register(register) {
            self.ops.push(Op::Set { register, param });
        }
    }

    fn copy(&mut self, from: &[Register], to: &[Register]) {
        for (from, to) in from.iter().zip(to) {
            self.keep(*to, Param::Register(*from));
        }
    }

    fn clear(&mut self, registers: &[Register]) {
        for register in registers {
            self.keep(*register, Param::Value(Value::Null));
        }
    }

    fn delete_row(&mut self, row: &Row) {
        let mut builder = Builder::new(self.schema);
        builder.push("DELETE FROM ");
        builder.table(row.model);
        builder.push(" WHERE ");
        let identity = self.schema.model(row.model).identity();
        builder.equals_registers("", row.model, &identity, &row.all(&identity));
        self.execute(builder.finish());
    }

    /// Compiles a nested write on records that refer to this row, or that a join table links to it.
    fn other_side(&mut self, row: &Row, write: &NestedWrite, new: bool) {
        let nested = self.nested(row.model, write.field);
        let scope = self.scope(&nested, row);
        let fixed: Vec<(FieldId, Register)> = match &scope {
            Scope::Columns(columns) => columns.clone(),
            Scope::Join { .. } => Vec::new(),
        };
        let target = nested.target;
        match &write.op {
            NestedOp::Create(list) | NestedOp::CreateMany(list) => {
                if nested.is_one_to_one() && !new {
                    self.drop_child(&nested, &scope, None);
                }
                if matches!(scope, Scope::Columns(_)) && list.iter().all(|data| data.nested.is_empty()) {
                    for group in grouped(self.schema, target, list) {
                        let inserts = write_inserts(self.schema, target, &group, &fixed);
                        inserts.into_iter().for_each(|insert| self.execute(insert.finish()));
                    }
                } else {
                    // Those that refer to records that are made or found first come last, the last one first: so Prisma makes them.
                    let refers = |data: &&CreateData| {
                        let owned = |write: &NestedWrite| self.owns(target, write.field) && comes_before(&write.op);
                        data.nested.iter().any(owned)
                    };
                    let (referring, plain): (Vec<_>, Vec<_>) = list.iter().partition(refers);
                    for data in plain.into_iter().chain(referring.into_iter().rev()) {
                        self.create_linked(&scope, target, data, &fixed);
                    }
                }
            }
            NestedOp::Connect(list) => self.connect(&nested, &scope, list),
            NestedOp::ConnectOrCreate(list) => {
                for (unique, data) in list {
                    let (child, found) = (self.target_row(target, &[], &[]), self.register());
                    self.find(&child, &unique.filter, None, None, Some(found));
                    let then = self.aside(|writer| writer.link_row(&nested, &scope, &child));
                    let otherwise = self.aside(|writer| writer.create_linked(&scope, target, data, &fixed));
                    self.ops.push(Op::If { register: found, then, otherwise });
                }
            }
            NestedOp::DisconnectOne(filter) => self.disconnect(&nested, &scope, filter),
            NestedOp::Disconnect(list) if !list.is_empty() => self.disconnect(&nested, &scope, &any_of(list)),
            NestedOp::Disconnect(_) => {}
            NestedOp::Set(list) => self.set(&nested, &scope, list),
            NestedOp::Update(list) => {
                for (unique, data) in list.iter().filter(|(_, data)| !is_empty(data)) {
                    self.update_scoped(&nested, &scope, &unique.filter, data);
                }
            }
            NestedOp::UpdateOne(_, data) if is_empty(data) => {}
            NestedOp::UpdateOne(filter, data) => self.update_scoped(&nested, &scope, filter, data),
            NestedOp::Upsert(list) => {
                for (unique, create, update) in list {
                    self.upsert_scoped(&nested, &scope, &unique.filter, create, update, &fixed);
                }
            }
            NestedOp::UpsertOne(filter, create, update) => {
                self.upsert_scoped(&nested, &scope, filter, create, update, &fixed);
            }
            NestedOp::Delete(list) => {
                for unique in list {
                    let child = self.target_row(target, &[], &[]);
                    let failure = nested.not_connected(self.schema);
                    self.find(&child, &unique.filter, Some(&scope), Some(failure), None);
                    self.delete_row(&child);
                }
            }
            NestedOp::DeleteOne(filter) => {
                let child = self.target_row(target, &[], &[]);
                let failure = nested.missing(self.schema, "a nested delete", None);
                self.find(&child, filter, Some(&scope), Some(failure), None);
                self.delete_row(&child);
            }
            NestedOp::UpdateMany(list) => {
                for (filter, data) in list.iter().filter(|(_, data)| !data.values.is_empty()) {
                    let mut builder = Builder::new(self.schema);
                    let alias = builder.alias();
                    write_update(&mut builder, target, &alias, &data.values, &[]);
                    builder.push(" WHERE ");
                    scoped(&mut builder, target, &alias, filter, Some(&scope));
                    self.execute(builder.finish());
                }
            }
            NestedOp::DeleteMany(list) => {
                for filter in list {
                    let mut builder = Builder::new(self.schema);
                    let alias = builder.alias();
                    builder.push("DELETE FROM ");
                    builder.table(target);
                    builder.push(&format!(" AS {alias} WHERE "));
                    scoped(&mut builder, target, &alias, filter, Some(&scope));
                    self.execute(builder.finish());
                }
            }
        }
    }

    fn scope(&self, nested: &Nested, row: &Row) -> Scope {
        match &nested.link {
            Link::Columns { here, there, .. } => Scope::Columns(there.iter().copied().zip(row.all(here)).collect()),
            Link::Join { table, here, there } => Scope::Join {
                table: (*table).to_owned(),
                here,
                there,
                key: join_key(self.schema, nested.target),
                register: row.of(join_key(self.schema, row.model)),
            },
        }
    }

    fn create_linked(&mut self, scope: &Scope, target: ModelId, data: &CreateData, fixed: &[(FieldId, Register)]) {
        let child = self.create(target, data, fixed, &[]);
        if let Scope::Join { .. } = scope {
            self.join(scope, &child);
        }
    }

    /// Writes the row of a join table, which may be there already.
    fn join(&mut self, scope: &Scope, child: &Row) {
        let Scope::Join { table, here, there, key, register } = scope else { return };
        let mut builder = Builder::new(self.schema);
        builder.push("INSERT OR IGNORE INTO ");
        builder.name(table);
        builder.push(&format!(" (\"{here}\", \"{there}\") VALUES ("));
        builder.param(Param::Register(*register));
        builder.push(", ");
        builder.param(Param::Register(child.of(*key)));
        builder.push(")");
        self.execute(builder.finish());
    }

    /// Links a record that is known to exist.
    fn link_row(&mut self, nested: &Nested, scope: &Scope, child: &Row) {
        match scope {
            Scope::Join { .. } => self.join(scope, child),
            Scope::Columns(columns) => {
                if nested.is_one_to_one() {
                    self.drop_child(nested, scope, Some(child));
                }
                let mut builder = Builder::new(self.schema);
                write_update(&mut builder, nested.target, "", &[], columns);
                builder.push(" WHERE ");
                let identity = self.schema.model(nested.target).identity();
                builder.equals_registers("", nested.target, &identity, &child.all(&identity));
                self.execute(builder.finish());
            }
        }
    }

    fn connect(&mut self, nested: &Nested, scope: &Scope, list: &[UniqueWhere]) {
        for child in &self.all_found(nested, list) {
            self.link_row(nested, scope, child);
        }
    }

    /// Finds the records to connect, each of which must be there.
    fn all_found(&mut self, nested: &Nested, list: &[UniqueWhere]) -> Vec<Row> {
        let one = nested.is_one_to_one();
        let (mut children, mut found) = (Vec::new(), Vec::new());
        for unique in list {
            let (child, here) = (self.target_row(nested.target, &[], &[]), self.register());
            let missing = one.then(|| nested.missing(self.schema, "a nested connect", None));
            self.find(&child, &unique.filter, None, missing, Some(here));
            children.push(child);
            found.push(here);
        }
        if !one {
            let failure = Box::new(nested.not_all_found(self.schema, list.len()));
            self.ops.push(Op::Require { registers: found, failure });
        }
        children
    }

    /// Frees the place of a 1-1 relation's record, unless `keep` has it.
    fn drop_child(&mut self, nested: &Nested, scope: &Scope, keep: Option<&Row>) {
        let Scope::Columns(columns) = scope else { return };
        let key: Vec<FieldId> = columns.iter().map(|(field, _)| *field).collect();
        let registers: Vec<Register> = columns.iter().map(|(_, register)| *register).collect();
        let target = nested.target;
        self.unlink(nested, target, &key, |builder| {
            builder.equals_registers("", target, &key, &registers);
            if let Some(keep) = keep {
                let identity = builder.schema.model(target).identity();
                builder.push(" AND NOT (");
                builder.equals_registers("", target, &identity, &keep.all(&identity));
                builder.push(")");
            }
        });
    }

    fn disconnect(&mut self, nested: &Nested, scope: &Scope, filter: &Filter) {
        let target = nested.target;
        match scope {
            Scope::Join { .. } => self.unjoin(nested, scope, filter, "IN"),
            Scope::Columns(columns) => {
                let key: Vec<FieldId> = columns.iter().map(|(field, _)| *field).collect();
                self.unlink(nested, target, &key, |builder| {
                    // UPDATE without an alias: the table's own name stands for the row.
                    let own = crate::sql::name::quote_name(&builder.schema.model(target).table);
                    scoped(builder, target, &own, filter, Some(scope));
                });
            }
        }
    }

    /// Deletes rows of a join table: those whose record fits the filter (`IN`), or does not (`NOT IN`).
    fn unjoin(&mut self, nested: &Nested, scope: &Scope, filter: &Filter, word: &str) {
        let Scope::Join { table, here, there, key, register } = scope else { return };
        let mut builder = Builder::new(self.schema);
        builder.push("DELETE FROM ");
        builder.name(table);
        builder.push(&format!(" WHERE \"{here}\" = "));
        builder.param(Param::Register(*register));
        builder.push(&format!(" AND \"{there}\" {word} (SELECT "));
        let alias = builder.alias();
        builder.column(&alias, nested.target, *key);
        builder.push(" FROM ");
        builder.table(nested.target);
        builder.push(&format!(" AS {alias} WHERE "));
        builder.filter(nested.target, &alias, filter);
        builder.push(")");
        self.execute(builder.finish());
    }

    fn set(&mut self, nested: &Nested, scope: &Scope, list: &[UniqueWhere]) {
        let wanted = any_of(list);
        let target = nested.target;
        match scope {
            Scope::Join { .. } => {
                let children = self.all_found(nested, list);
                self.unjoin(nested, scope, &wanted, "NOT IN");
                for child in &children {
                    self.join(scope, child);
                }
            }
            Scope::Columns(columns) => {
                let key: Vec<FieldId> = columns.iter().map(|(field, _)| *field).collect();
                let leaving = |builder: &mut Builder| {
                    let own = crate::sql::name::quote_name(&builder.schema.model(target).table);
                    scoped(builder, target, &own, &Filter::True, Some(scope));
                    builder.push(" AND (");
                    builder.filter(target, &own, &wanted);
                    builder.push(") IS NOT TRUE");
                };
                let required = key.iter().all(|field| !self.schema.field(target, *field).is_optional());
                let stays = self.register();
                if required {
                    // Asked before the change, refused after it: so Prisma does, and a unique key that the change breaks comes first.
                    let mut builder = Builder::new(self.schema);
                    builder.push("SELECT NOT EXISTS (SELECT 1 FROM ");
                    builder.table(target);
                    builder.push(" WHERE ");
                    leaving(&mut builder);
                    builder.push(")");
                    self.fetch(builder.finish(), &[stays], None, None);
                } else {
                    self.unlink(nested, target, &key, leaving);
                }
                let mut builder = Builder::new(self.schema);
                let alias = builder.alias();
                write_update(&mut builder, target, &alias, &[], columns);
                builder.push(" WHERE ");
                builder.filter(target, &alias, &wanted);
                self.execute(builder.finish());
                if required {
                    let failure = Box::new(nested.violated(self.schema));
                    self.ops.push(Op::Require { registers: vec![stays], failure });
                }
            }
        }
    }

    fn update_scoped(&mut self, nested: &Nested, scope: &Scope, filter: &Filter, data: &UpdateData) {
        let child = self.target_row(nested.target, &data.nested, &[]);
        let missing = nested.missing(self.schema, "a nested update", None);
        self.change_found(&child, data, |writer| writer.find(&child, filter, Some(scope), Some(missing), None));
    }

    fn upsert_scoped(
        &mut self,
        nested: &Nested,
        scope: &Scope,
        filter: &Filter,
        create: &CreateData,
        update: &UpdateData,
        fixed: &[(FieldId, Register)],
    ) {
        let (child, found) = (self.target_row(nested.target, &update.nested, &[]), self.register());
        self.find(&child, filter, Some(scope), None, Some(found));
        let then = self.aside(|writer| writer.change(&child, update));
        // A record of a 1-1 relation that does not fit the filter keeps its place: the new one finds it taken.
        let otherwise = self.aside(|writer| writer.create_linked(scope, nested.target, create, fixed));
        self.ops.push(Op::If { register: found, then, otherwise });
    }
}

impl Nested<'_> {
    fn is_one_to_one(&self) -> bool {
        self.relation.kind == RelationKind::OneToOne
    }

    fn kind(&self) -> &'static str {
        match self.relation.kind {
            RelationKind::OneToOne => "one-to-one",
            RelationKind::OneToMany => "one-to-many",
            RelationKind::ManyToMany => "many-to-many",
        }
    }

    /// A record that a nested write needs is not there.
    fn missing(&self, schema: &Schema, operation: &'static str, needed: Option<&str>) -> Failure {
        let (target, parent) = (&schema.model(self.target).name, &schema.model(self.parent).name);
        let (relation, kind) = (&self.relation.name, self.kind());
        let mut meta = vec![
            ("model", target.clone()),
            ("relation", relation.clone()),
            ("relationType", kind.to_owned()),
            ("operation", operation.to_owned()),
        ];
        let needed = needed.map(|needed| format!("{needed} '{parent}' record(s)"));
        let reason = needed.as_ref().map(|needed| format!(" (needed to {needed})")).unwrap_or_default();
        meta.extend(needed.map(|needed| ("neededFor", needed)));
        Failure {
            code: "P2025",
            message: format!(
                "no `{target}` record{reason} was found for {operation} on the {kind} relation `{relation}`"
            ),
            meta,
        }
    }

    /// Some of the records to connect are not there.
    fn not_all_found(&self, schema: &Schema, expected: usize) -> Failure {
        let target = &schema.model(self.target).name;
        let (code, relation) = match self.relation.kind {
            RelationKind::ManyToMany => ("P2025", &self.relation.name),
            _ => ("P2018", &self.relation.name),
        };
        Failure {
            code,
            message: format!(
                "expected {expected} `{target}` record(s) to connect on the {} relation `{relation}`, found {{found}}",
                self.kind()
            ),
            meta: vec![
                ("expectedRows", expected.to_string()),
                ("relation", relation.clone()),
                ("relationType", self.kind().to_owned()),
            ],
        }
    }

    fn not_connected(&self, schema: &Schema) -> Failure {
        let (parent, child) = (&schema.model(self.parent).name, &schema.model(self.target).name);
        let relation = &self.relation.name;
        Failure {
            code: "P2017",
            message: format!("the `{parent}` and `{child}` records are not connected by the relation `{relation}`"),
            meta: vec![("relation", relation.clone()), ("parent", parent.clone()), ("child", child.clone())],
        }
    }

    fn violated(&self, schema: &Schema) -> Failure {
        let (a, b) = (&schema.model(self.relation.from.0).name, &schema.model(self.relation.to.0).name);
        let relation = &self.relation.name;
        Failure {
            code: "P2014",
            message: format!("the change would break the required relation `{relation}` between `{a}` and `{b}`"),
            meta: vec![("relation", relation.clone()), ("modelA", a.clone()), ("modelB", b.clone())],
        }
    }
}

/// Writes the conditions of a scope and a filter.
fn scoped(builder: &mut Builder, model: ModelId, alias: &str, filter: &Filter, scope: Option<&Scope>) {
    match scope {
        None => builder.filter(model, alias, filter),
        Some(scope) => {
            match scope {
                Scope::Columns(columns) => {
                    let (fields, registers): (Vec<_>, Vec<_>) = columns.iter().copied().unzip();
                    builder.equals_registers(alias, model, &fields, &registers);
                }
                Scope::Join { table, here, there, key, register } => {
                    builder.column(alias, model, *key);
                    builder.push(&format!(" IN (SELECT \"{there}\" FROM "));
                    builder.name(table);
                    builder.push(&format!(" WHERE \"{here}\" = "));
                    builder.param(Param::Register(*register));
                    builder.push(")");
                }
            }
            if *filter != Filter::True {
                builder.push(" AND ");
                builder.filter(model, alias, filter);
            }
        }
    }
}

fn any_of(list: &[UniqueWhere]) -> Filter {
    match list {
        [] => Filter::False,
        _ => Filter::Or(list.iter().map(|unique| unique.filter.clone()).collect()),
    }
}

/// Parts rows that are made together as Prisma does: those with the same columns go in one statement.
///
/// Only a column that SQLite fills itself (an `autoincrement()` id) can be there in some rows and not in others.
pub(crate) fn grouped<'r>(schema: &Schema, model: ModelId, rows: &'r [CreateData]) -> Vec<Vec<&'r CreateData>> {
    let by_database = |data: &CreateData| -> Vec<FieldId> {
        let columns = schema.model(model).columns().filter(|(id, field)| {
            matches!(field.default, Some(DefaultValue::AutoIncrement | DefaultValue::DbGenerated(_)))
                && data.values.iter().any(|(given, _)| given == id)
        });
        columns.map(|(id, _)| id).collect()
    };
    let mut groups: Vec<(Vec<FieldId>, Vec<&CreateData>)> = Vec::new();
    for row in rows {
        let key = by_database(row);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// Writes INSERT of one row with these values, see [`row_values`].
pub(crate) fn write_insert(builder: &mut Builder, model: ModelId, columns: &[(FieldId, Param)]) {
    builder.push("INSERT INTO ");
    builder.table(model);
    if columns.is_empty() {
        return builder.push(" DEFAULT VALUES");
    }
    builder.push(" (");
    builder.separated(columns, ", ", |builder, (field, _)| builder.column("", model, *field));
    builder.push(") VALUES (");
    builder.separated(columns, ", ", |builder, (_, param)| builder.param(param.clone()));
    builder.push(")");
}

/// Tells whether a column holds what was written to it. A Json or Decimal column turns text that is a number, and a number that is
/// whole, into an integer.
pub(crate) fn keeps_what_it_is_given(schema: &Schema, model: ModelId, field: FieldId) -> bool {
    !matches!(schema.field(model, field).kind, FieldKind::Scalar(ScalarType::Json | ScalarType::Decimal))
}

/// Returns what a column of a new row holds, `written` being the parameters of its INSERT; None where only SQLite knows.
pub(crate) fn given(schema: &Schema, model: ModelId, written: &[(FieldId, Param)], field: FieldId) -> Option<Given> {
    let definition = schema.field(model, field);
    let place = written.iter().position(|(known, _)| *known == field);
    match (place, &definition.default) {
        (Some(place), _) => keeps_what_it_is_given(schema, model, field).then_some(Given::Param(place as u32)),
        (None, None) if definition.arity == Arity::Optional => Some(Given::Null),
        // `INTEGER PRIMARY KEY`, which is SQLite's own number of a row. A BigInt is not.
        (None, Some(DefaultValue::AutoIncrement)) if definition.scalar() == Some(ScalarType::Int) => Some(Given::Id),
        (None, _) => None,
    }
}

/// How a statement names the one row that another one has found.
pub(crate) enum RowKey {
    /// By SQLite's number of the row: the shortest way to it.
    Number,
    /// By its identity.
    Identity(Vec<FieldId>),
}

impl RowKey {
    /// Chooses the shortest way. `numbered` tells whether the rows of the table have a number, which a table WITHOUT ROWID lacks.
    pub fn of(schema: &Schema, model: ModelId, numbered: bool) -> Self {
        let identity = schema.model(model).identity();
        match identity.as_slice() {
            // It is the number.
            [only] if schema.field(model, *only).scalar() == Some(ScalarType::Int) => Self::Identity(identity),
            _ if numbered => Self::Number,
            _ => Self::Identity(identity),
        }
    }

    /// Returns how many columns it is.
    pub fn width(&self) -> usize {
        match self {
            Self::Number => 1,
            Self::Identity(fields) => fields.len(),
        }
    }

    /// Writes its columns.
    pub fn write(&self, builder: &mut Builder, alias: &str, model: ModelId) {
        match self {
            Self::Number => builder.push(&format!("{alias}.{ROW_NUMBER}")),
            Self::Identity(fields) => {
                builder.separated(fields, ", ", |builder, field| builder.column(alias, model, *field));
            }
        }
    }

    /// Writes ` WHERE` it equals registers.
    pub fn write_where(&self, builder: &mut Builder, model: ModelId, registers: &[Register]) {
        builder.push(" WHERE ");
        match self {
            Self::Number => {
                builder.push(&format!("{ROW_NUMBER} = "));
                builder.param(Param::Register(registers[0]));
            }
            Self::Identity(fields) => builder.equals_registers("", model, fields, registers),
        }
    }
}

/// The least likely of the names under which SQLite shows the number of a row, where no column has it.
pub(crate) const ROW_NUMBER: &str = "_rowid_";

/// How many values an INSERT of several rows binds at most. Prisma has the same bound.
const MOST_VALUES: usize = 999;

/// Writes INSERTs of several rows each: SQLite looks at their foreign keys when all rows of a statement are there.
pub(crate) fn write_inserts<'a>(
    schema: &'a Schema,
    model: ModelId,
    rows: &[&CreateData],
    assigned: &[(FieldId, Register)],
) -> Vec<Builder<'a>> {
    let rows: Vec<Vec<(FieldId, Param)>> = rows.iter().map(|row| row_values(schema, model, row, assigned)).collect();
    let mut columns: Vec<FieldId> = rows.iter().flatten().map(|(field, _)| *field).collect();
    columns.sort_unstable();
    columns.dedup();
    let size = if columns.is_empty() { 1 } else { (MOST_VALUES / columns.len()).max(1) };
    let insert = |rows: &[Vec<(FieldId, Param)>]| {
        let mut builder = Builder::new(schema);
        builder.push("INSERT INTO ");
        builder.table(model);
        if columns.is_empty() {
            builder.push(" DEFAULT VALUES");
            return builder;
        }
        builder.push(" (");
        builder.separated(&columns, ", ", |builder, field| builder.column("", model, *field));
        builder.push(") VALUES (");
        builder.separated(rows, "), (", |builder, row| {
            builder.separated(&columns, ", ", |builder, field| match row.iter().find(|(known, _)| known == field) {
                Some((_, param)) => builder.param(param.clone()),
                None => builder.push("NULL"),
            });
        });
        builder.push(")");
        builder
    };
    rows.chunks(size).map(insert).collect()
}

/// Returns what is written to the columns of a row, in the order of the schema: the caller's values, the keys of other rows, and the
/// defaults of what is left.
pub(crate) fn row_values(
    schema: &Schema,
    model: ModelId,
    data: &CreateData,
    assigned: &[(FieldId, Register)],
) -> Vec<(FieldId, Param)> {
    let mut columns: Vec<(FieldId, Param)> = Vec::new();
    for (field, operand) in &data.values {
        columns.push((*field, operand_param(operand)));
    }
    for (field, register) in assigned {
        columns.retain(|(known, _)| known != field);
        columns.push((*field, Param::Register(*register)));
    }
    for (field, definition) in schema.model(model).columns() {
        if columns.iter().any(|(known, _)| *known == field) {
            continue;
        }
        if let Some(param) = default_param(schema, definition) {
            columns.push((field, param));
        }
    }
    // The text must not depend on the order in which a table of Lua gives its keys.
    columns.sort_by_key(|(field, _)| *field);
    columns
}

fn operand_param(operand: &Operand) -> Param {
    match operand {
        Operand::Slot(slot) => Param::Slot(slot.0),
        Operand::JsonNull => Param::Value(Value::Text("null".into())),
        Operand::Null | Operand::Field(_) => Param::Value(Value::Null),
    }
}

/// Returns what is written where the caller gave nothing; None leaves it to SQLite.
fn default_param(schema: &Schema, field: &crate::schema::Field) -> Option<Param> {
    let text = |text: &str| Raw::Text(text.into());
    let typed = |raw: Raw| {
        let FieldKind::Scalar(scalar) = field.kind else { return None };
        let slot = if scalar == ScalarType::Json { SlotType::Json } else { SlotType::Scalar(scalar) };
        convert(schema, &slot, &raw).ok().map(Param::Value)
    };
    match &field.default {
        None if field.updated_at => Some(Param::Generated(Generator::Now)),
        None | Some(DefaultValue::AutoIncrement | DefaultValue::DbGenerated(_)) => None,
        Some(DefaultValue::String(value)) if field.scalar() == Some(ScalarType::Json) => {
            Some(Param::Value(Value::Text(value.as_str().into())))
        }
        Some(DefaultValue::String(value)) => Some(Param::Value(Value::Text(value.as_str().into()))),
        Some(DefaultValue::Int(value)) => typed(Raw::Int(*value)),
        Some(DefaultValue::Number(digits)) => typed(Raw::Decimal(digits.as_str().into())),
        Some(DefaultValue::Boolean(value)) => typed(Raw::Bool(*value)),
        Some(DefaultValue::DateTime(value)) => typed(text(value)),
        Some(DefaultValue::Bytes(value)) => Some(Param::Value(Value::Bytes(value.as_slice().into()))),
        Some(DefaultValue::Enum(index)) => match field.kind {
            FieldKind::Enum(id) => {
                Some(Param::Value(Value::Text(schema.enumeration(id).values[*index].db_name.as_str().into())))
            }
            _ => None,
        },
        Some(DefaultValue::Now) => Some(Param::Generated(Generator::Now)),
        Some(DefaultValue::Cuid(version)) => Some(Param::Generated(Generator::Cuid(*version))),
        Some(DefaultValue::Uuid(version)) => Some(Param::Generated(Generator::Uuid(*version))),
        Some(DefaultValue::Ulid) => Some(Param::Generated(Generator::Ulid)),
        Some(DefaultValue::NanoId(length)) => Some(Param::Generated(Generator::NanoId(*length))),
    }
}

/// What an UPDATE puts in a column.
pub(crate) struct NewValue {
    pub field: FieldId,
    /// What the stored value is computed with; None to set it.
    sign: Option<&'static str>,
    param: Param,
}

impl NewValue {
    /// Returns what the column is set to; None where it is computed.
    fn set(&self) -> Option<Param> {
        self.sign.is_none().then(|| self.param.clone())
    }

    /// Writes the value, which may be computed from the stored one.
    pub fn write(&self, builder: &mut Builder, alias: &str, model: ModelId) {
        if let Some(sign) = self.sign {
            builder.column(alias, model, self.field);
            builder.push(sign);
        }
        builder.param(self.param.clone());
    }
}

/// Returns what a change puts in the columns. A change of a column of the caller's also sets `@updatedAt`.
pub(crate) fn new_values(schema: &Schema, model: ModelId, values: &[Assignment]) -> Vec<NewValue> {
    let of = |value: &Assignment| {
        let sign = match value.op {
            AssignOp::Set => None,
            AssignOp::Increment => Some(" + "),
            AssignOp::Decrement => Some(" - "),
            AssignOp::Multiply => Some(" * "),
            AssignOp::Divide => Some(" / "),
        };
        NewValue { field: value.field, sign, param: operand_param(&value.operand) }
    };
    let mut new: Vec<NewValue> = values.iter().map(of).collect();
    new.sort_by_key(|value| value.field);
    if !values.is_empty() {
        let updated = schema.model(model).columns().filter(|(_, definition)| definition.updated_at);
        let updated = updated.filter(|(field, _)| values.iter().all(|value| value.field != *field));
        new.extend(updated.map(|(field, _)| NewValue { field, sign: None, param: Param::Generated(Generator::Now) }));
    }
    new
}

/// Writes `UPDATE table SET ...`.
pub(crate) fn write_update(
    builder: &mut Builder,
    model: ModelId,
    alias: &str,
    values: &[Assignment],
    assigned: &[(FieldId, Register)],
) {
    builder.push("UPDATE ");
    builder.table(model);
    if !alias.is_empty() {
        builder.push(&format!(" AS {alias}"));
    }
    builder.push(" SET ");
    let new = new_values(builder.schema, model, values);
    builder.separated(&new, ", ", |builder, value| {
        builder.column("", model, value.field);
        builder.push(" = ");
        value.write(builder, "", model);
    });
    let assigned: Vec<_> = assigned.iter().filter(|(field, _)| new.iter().all(|value| value.field != *field)).collect();
    builder.push(if new.is_empty() || assigned.is_empty() { "" } else { ", " });
    builder.separated(&assigned, ", ", |builder, (field, register)| {
        builder.column("", model, *field);
        builder.push(" = ");
        builder.param(Param::Register(*register));
    });
}
