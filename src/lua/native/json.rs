//! JSON text, and the JSON files of a package.

use std::rc::Rc;

use mlua::{Lua, Table};

use crate::lua::environment::World;
use crate::lua::raw::call::Native;
use crate::lua::raw::setup;

/// `encode(value, pretty)`, `decode(text)` and `read(path)`.
pub(super) fn fill(lua: &Lua, world: &Rc<World>, package: usize, native: &Table) -> mlua::Result<()> {
    native.raw_set("encode", setup::function(lua, &world.host, Native::Encode, 0)?)?;
    native.raw_set("decode", setup::function(lua, &world.host, Native::Decode, 0)?)?;
    native.raw_set("read", world.reader(lua, Some(package))?)
}
