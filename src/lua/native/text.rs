//! Bytes as text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mlua::{Lua, LuaString, Table};

/// `toBase64(bytes)`, and `fromBase64(text)`, which returns nil for what is none.
pub(super) fn fill(lua: &Lua, native: &Table) -> mlua::Result<()> {
    native.raw_set("toBase64", lua.create_function(|_, bytes: LuaString| Ok(STANDARD.encode(&*bytes.as_bytes())))?)?;
    let from = |lua: &Lua, text: LuaString| match STANDARD.decode(&*text.as_bytes()) {
        Ok(bytes) => lua.create_string(bytes).map(Some),
        Err(_) => Ok(None),
    };
    native.raw_set("fromBase64", lua.create_function(from)?)
}
