//! Bytes outside of the database.

use std::rc::Rc;

use mlua::{Lua, LuaString, Table, Value};

use crate::files::FilesError;
use crate::lua::environment::World;

/// `put(data)`, `get(path)`, `size(path)`, `delete(path)`: the result, or nil and a message. Absent without the capability `files`.
pub(super) fn fill(lua: &Lua, world: &Rc<World>, package: usize, native: &Table) -> mlua::Result<()> {
    if !world.grants(package, "files") {
        return Ok(());
    }
    let (files, part) = (world.files.clone(), world.modules.packages()[package].id.clone());
    let of = (files.clone(), part.clone());
    let put = move |lua: &Lua, data: LuaString| {
        answer(lua, of.0.put(&of.1, &data.as_bytes()), |path| text(lua, path.as_bytes()))
    };
    native.raw_set("put", lua.create_function(put)?)?;
    let of = (files.clone(), part.clone());
    let get = move |lua: &Lua, path: LuaString| {
        answer(lua, of.0.get(&of.1, &path.to_string_lossy()), |data| {
            data.map_or(Ok(Value::Nil), |data| text(lua, &data))
        })
    };
    native.raw_set("get", lua.create_function(get)?)?;
    let of = (files.clone(), part.clone());
    let size = move |lua: &Lua, path: LuaString| {
        answer(lua, of.0.size(&of.1, &path.to_string_lossy()), |size| {
            Ok(size.map_or(Value::Nil, |size| Value::Integer(size as i64)))
        })
    };
    native.raw_set("size", lua.create_function(size)?)?;
    let delete = move |lua: &Lua, path: LuaString| {
        answer(lua, files.delete(&part, &path.to_string_lossy()), |deleted| Ok(Value::Boolean(deleted)))
    };
    native.raw_set("delete", lua.create_function(delete)?)
}

fn text(lua: &Lua, bytes: &[u8]) -> mlua::Result<Value> {
    lua.create_string(bytes).map(Value::String)
}

fn answer<T>(
    lua: &Lua,
    result: Result<T, FilesError>,
    value: impl FnOnce(T) -> mlua::Result<Value>,
) -> mlua::Result<(Value, Value)> {
    Ok(match result {
        Ok(result) => (value(result)?, Value::Nil),
        Err(error) => (Value::Nil, text(lua, error.to_string().as_bytes())?),
    })
}
