//! Digests of bytes.

use mlua::{Lua, LuaString, Table};

use crate::hash;

/// `sha256(data)`, `hmacSha256(key, data)`, `equal(one, other)`.
pub(super) fn fill(lua: &Lua, native: &Table) -> mlua::Result<()> {
    native.raw_set("sha256", lua.create_function(|_, data: LuaString| Ok(hash::sha256(&data.as_bytes())))?)?;
    let hmac = |_: &Lua, (key, data): (LuaString, LuaString)| Ok(hash::hmac_sha256(&key.as_bytes(), &data.as_bytes()));
    native.raw_set("hmacSha256", lua.create_function(hmac)?)?;
    let equal = |_: &Lua, (one, other): (LuaString, LuaString)| Ok(hash::equal(&one.as_bytes(), &other.as_bytes()));
    native.raw_set("equal", lua.create_function(equal)?)
}
