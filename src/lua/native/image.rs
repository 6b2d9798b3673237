//! Pictures.

use mlua::{Lua, LuaString, Table, Value};

use crate::image;

/// `sniff(data)`; `size(data)`, `thumbnail(data, width, height, format)` and `convert(data, format, quality)`, which return nil and a
/// message for what is no picture.
pub(super) fn fill(lua: &Lua, native: &Table) -> mlua::Result<()> {
    native.raw_set("sniff", lua.create_function(|_, data: LuaString| Ok(image::sniff(&data.as_bytes())))?)?;
    let size = |lua: &Lua, data: LuaString| {
        Ok(match image::size(&data.as_bytes()) {
            Ok((width, height)) => (Value::Integer(width.into()), Value::Integer(height.into())),
            Err(message) => (Value::Nil, Value::String(lua.create_string(message)?)),
        })
    };
    native.raw_set("size", lua.create_function(size)?)?;
    let thumbnail = |lua: &Lua, (data, width, height, format): (LuaString, u32, u32, String)| {
        answer(lua, image::thumbnail(&data.as_bytes(), width, height, &format))
    };
    native.raw_set("thumbnail", lua.create_function(thumbnail)?)?;
    let convert = |lua: &Lua, (data, format, quality): (LuaString, String, u8)| {
        answer(lua, image::convert(&data.as_bytes(), &format, quality))
    };
    native.raw_set("convert", lua.create_function(convert)?)
}

fn answer(lua: &Lua, result: Result<Vec<u8>, String>) -> mlua::Result<(Value, Value)> {
    Ok(match result {
        Ok(data) => (Value::String(lua.create_string(data)?), Value::Nil),
        Err(message) => (Value::Nil, Value::String(lua.create_string(message)?)),
    })
}
