//! Models, operations, field references and transactions for `db`.

use std::rc::Rc;

use mlua::{Lua, LuaString, Table, Value};

use crate::db::{Action, ModelId};
use crate::diag::closest;
use crate::lua::environment::World;
use crate::lua::raw::args::FieldReference;
use crate::lua::raw::call::{Native, operation_number};
use crate::lua::raw::setup;

/// The functions that stdlib/db.lua builds upon. What is not found is answered with nil and the nearest name, or nil.
pub(super) fn fill(lua: &Lua, world: &Rc<World>, package: usize, native: &Table) -> mlua::Result<()> {
    let host = &world.host;
    let (db_null, json_null, any_null, all) = setup::sentinels(lua, host)?;
    native.raw_set("dbNull", db_null)?;
    native.raw_set("jsonNull", json_null)?;
    native.raw_set("anyNull", any_null)?;
    native.raw_set("all", all)?;
    let plain = [
        (c"begin", Native::Begin),
        (c"commit", Native::Commit),
        (c"rollback", Native::Rollback),
        (c"refuse", Native::Refuse),
        (c"trace", Native::Trace),
    ];
    setup::fill(lua, host, native, &plain)?;
    // What is recorded lies outside of the script's memory.
    if world.untrusted.is_none() {
        explain(lua, world, native)?;
    }
    if world.grants(package, "db.raw") {
        let raw = [(c"queryRaw", Native::QueryRaw), (c"executeRaw", Native::ExecuteRaw)];
        setup::fill(lua, host, native, &raw)?;
    }

    // `model(name, exactly)`: the number, accessor and name of a model by its accessor, or by its name in the schema.
    let weak = Rc::downgrade(world);
    let model = lua.create_function(move |lua, (name, exactly): (LuaString, bool)| {
        let Some(world) = weak.upgrade() else { return Ok((Value::Nil, None, None)) };
        let name = name.to_string_lossy();
        let Some(database) = &world.host.database else {
            return Ok((Value::Nil, None, Some("there is no database here".to_owned())));
        };
        let schema = database.schema();
        let found = match exactly {
            true => schema.model_named(&name).or_else(|| schema.model_by_accessor(&name)),
            false => schema.model_by_accessor(&name),
        };
        match found.filter(|id| !schema.model(*id).ignored) {
            Some(id) => {
                let model = schema.model(id);
                let name = Value::String(lua.create_string(&model.name)?);
                Ok((Value::Integer(i64::from(id.0)), Some(model.accessor.clone()), Some(name.to_string()?)))
            }
            None => Ok((Value::Nil, schema.nearest_model(&name).map(str::to_owned), None)),
        }
    })?;
    native.raw_set("model", model)?;

    let weak = Rc::downgrade(world);
    let operation = lua.create_function(move |lua, (model, name): (u32, LuaString)| {
        let Some(world) = weak.upgrade() else { return Ok((Value::Nil, None)) };
        let name = name.to_string_lossy();
        match Action::named(&name) {
            Some(action) => {
                let number = operation_number(ModelId(model), action);
                let function = setup::function(lua, &world.host, Native::Operation, number)?;
                Ok((Value::Function(function), None))
            }
            None => Ok((Value::Nil, closest(&name, Action::ALL.iter().map(|action| action.name())).map(str::to_owned))),
        }
    })?;
    native.raw_set("operation", operation)?;

    let weak = Rc::downgrade(world);
    let field = lua.create_function(move |lua, (model, name): (u32, LuaString)| {
        let Some(world) = weak.upgrade() else { return Ok((Value::Nil, None)) };
        let Some(database) = &world.host.database else { return Ok((Value::Nil, None)) };
        let name = name.to_string_lossy();
        let found = database.schema().model(ModelId(model));
        match found.scalars().find(|(_, field)| field.name == name) {
            Some((id, _)) => Ok((setup::field(lua, &world.host, FieldReference { model, field: id.0 })?, None)),
            None => Ok((
                Value::Nil,
                closest(&name, found.scalars().map(|(_, field)| field.name.as_str())).map(str::to_owned),
            )),
        }
    })?;
    native.raw_set("field", field)?;

    let weak = Rc::downgrade(world);
    let tag = lua.create_function(move |_, metatable: Table| {
        if let Some(world) = weak.upgrade() {
            world.host.add_model(metatable.to_pointer());
        }
        Ok(())
    })?;
    native.raw_set("tag", tag)
}

/// The two ends of a recording: what runs between them is told to `db.explain`.
fn explain(lua: &Lua, world: &Rc<World>, native: &Table) -> mlua::Result<()> {
    let weak = Rc::downgrade(world);
    let begin = lua.create_function(move |_, ()| {
        if let Some(database) = weak.upgrade().and_then(|world| world.host.database.clone()) {
            database.store().begin_record();
        }
        Ok(())
    })?;
    native.raw_set("beginRecord", begin)?;
    let weak = Rc::downgrade(world);
    let end = lua.create_function(move |lua, ()| {
        let list = lua.create_table()?;
        if let Some(database) = weak.upgrade().and_then(|world| world.host.database.clone()) {
            for record in database.store().end_record() {
                let statement = lua.create_table()?;
                statement.raw_set("sql", record.sql)?;
                statement.raw_set("ms", record.time.as_secs_f64() * 1000.0)?;
                statement.raw_set("plan", record.plan)?;
                list.raw_push(statement)?;
            }
        }
        Ok(list)
    })?;
    native.raw_set("endRecord", end)
}
