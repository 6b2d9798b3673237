//! Ids, as Prisma makes them.

use mlua::{Lua, Table};

use crate::id;

/// `cuid()`, `cuid2()`, `uuid()`, `uuid7()`, `ulid()`, `nanoid(length)`.
pub(super) fn fill(lua: &Lua, native: &Table) -> mlua::Result<()> {
    native.raw_set("cuid", lua.create_function(|_, ()| Ok(id::cuid()))?)?;
    native.raw_set("cuid2", lua.create_function(|_, ()| Ok(id::cuid2()))?)?;
    native.raw_set("uuid", lua.create_function(|_, ()| Ok(id::uuid()))?)?;
    native.raw_set("uuid7", lua.create_function(|_, ()| Ok(id::uuid7()))?)?;
    native.raw_set("ulid", lua.create_function(|_, ()| Ok(id::ulid()))?)?;
    native.raw_set("nanoid", lua.create_function(|_, length: usize| Ok(id::nanoid(length)))?)
}
