//! JSON text, and the JSON files of a package.

use std::rc::Rc;

use mlua::{Lua, Table};

use crate::lua::environment::World;
use crate::lua::raw::call::Native;
use crate::lua::raw::setup;

/// `encode(value, pretty)`, `decode(text)` and `read(path)`; `array(table)`, `object(table)` and `marker(table)`.
pub(super) fn fill(lua: &Lua, world: &Rc<World>, package: usize, native: &Table) -> mlua::Result<()> {
    let functions = [
        (c"array", Native::Array),
        (c"decode", Native::Decode),
        (c"encode", Native::Encode),
        (c"marker", Native::Marker),
        (c"object", Native::Object),
    ];
    setup::fill(lua, &world.host, native, &functions)?;
    native.raw_set("read", world.reader(lua, Some(package))?)
}
