//! What specs get besides the words: acting as another caller.

use std::rc::Rc;

use mlua::{Lua, Table};

use crate::lua::Context;
use crate::lua::environment::World;

/// `enter(tenant, user, level)` makes what follows run for someone else, `leave()` ends that.
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
    native.raw_set("leave", leave)
}
