//! What specs get besides the words: acting as another caller, a clock that stands, ids that count.

use std::rc::Rc;

use mlua::{Lua, LuaString, Table};

use crate::lua::Context;
use crate::lua::environment::World;
use crate::lua::native::time;

/// `enter(tenant, user, level)` makes what follows run for someone else, `leave()` ends that. `freeze(milliseconds?)` stops the clock
/// and returns where it stood; `countIds(on)`; `instant(text)` is the milliseconds, or nil and a message.
pub(super) fn fill(lua: &Lua, world: &Rc<World>, native: &Table) -> mlua::Result<()> {
    let weak = Rc::downgrade(world);
    let enter =
        lua.create_function(move |_, (tenant, user, level): (Option<String>, Option<String>, Option<i64>)| {
            if let Some(world) = weak.upgrade() {
                let now = world.host.context().now;
                world.host.contexts.borrow_mut().push(Context { tenant, user, level, now });
            }
            Ok(())
        })?;
    native.raw_set("enter", enter)?;
    let weak = Rc::downgrade(world);
    let leave = lua.create_function(move |_, ()| {
        if let Some(world) = weak.upgrade() {
            world.host.contexts.borrow_mut().pop();
        }
        Ok(())
    })?;
    native.raw_set("leave", leave)?;
    let weak = Rc::downgrade(world);
    let freeze = lua.create_function(move |_, now: Option<i64>| {
        let Some(world) = weak.upgrade() else { return Ok(None) };
        if let Some(database) = &world.host.database {
            database.store().freeze(now);
        }
        let mut contexts = world.host.contexts.borrow_mut();
        Ok(contexts.last_mut().and_then(|context| std::mem::replace(&mut context.now, now)))
    })?;
    native.raw_set("freeze", freeze)?;
    let weak = Rc::downgrade(world);
    let count = lua.create_function(move |_, on: bool| {
        if let Some(database) = weak.upgrade().and_then(|world| world.host.database.clone()) {
            database.store().ids().count(on);
        }
        Ok(())
    })?;
    native.raw_set("countIds", count)?;
    native.raw_set("instant", lua.create_function(|_, text: LuaString| Ok(time::instant(&text.to_string_lossy())))?)
}
