//! Ids, as Prisma makes them.

use mlua::{Lua, Table};

/// `cuid()`, `cuid2()`, `uuid()`, `uuid7()`, `ulid()`, `nanoid(length)`.
pub(super) fn fill(lua: &Lua, native: &Table) -> mlua::Result<()> {
    native.raw_set("cuid", lua.create_function(|_, ()| Ok(cuid::cuid1()))?)?;
    native.raw_set("cuid2", lua.create_function(|_, ()| Ok(cuid::cuid2()))?)?;
    native.raw_set("uuid", lua.create_function(|_, ()| Ok(uuid::Uuid::new_v4().to_string()))?)?;
    native.raw_set("uuid7", lua.create_function(|_, ()| Ok(uuid::Uuid::now_v7().to_string()))?)?;
    native.raw_set("ulid", lua.create_function(|_, ()| Ok(ulid::Ulid::generate().to_string()))?)?;
    native.raw_set("nanoid", lua.create_function(|_, length: usize| Ok(nanoid::nanoid!(length)))?)
}
