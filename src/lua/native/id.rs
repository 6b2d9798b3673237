//! Ids, as Prisma makes them.

use std::rc::Rc;

use mlua::{Lua, Table};

use crate::id::Ids;
use crate::lua::environment::World;

/// Makes an id of one form.
type Form = fn(&Ids) -> String;

/// `cuid()`, `cuid2()`, `uuid()`, `uuid7()`, `ulid()`, `nanoid(length)`.
pub(super) fn fill(lua: &Lua, world: &Rc<World>, native: &Table) -> mlua::Result<()> {
    let forms: [(&str, Form); 5] =
        [("cuid", Ids::cuid), ("cuid2", Ids::cuid2), ("uuid", Ids::uuid), ("uuid7", Ids::uuid7), ("ulid", Ids::ulid)];
    for (name, make) in forms {
        let world = Rc::downgrade(world);
        let function = lua.create_function(move |_, ()| {
            Ok(match world.upgrade().and_then(|world| world.host.database.clone()) {
                Some(database) => make(database.store().ids()),
                None => make(&Ids::default()),
            })
        })?;
        native.raw_set(name, function)?;
    }
    let world = Rc::downgrade(world);
    let nanoid = lua.create_function(move |_, length: usize| {
        Ok(match world.upgrade().and_then(|world| world.host.database.clone()) {
            Some(database) => database.store().ids().nanoid(length),
            None => Ids::default().nanoid(length),
        })
    })?;
    native.raw_set("nanoid", nanoid)
}
