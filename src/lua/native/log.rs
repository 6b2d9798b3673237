//! Lines for the host's log.

use std::rc::Rc;

use mlua::{Lua, LuaString, Table};

use crate::lua::LogRecord;
use crate::lua::environment::World;
use crate::lua::raw::call::Native;
use crate::lua::raw::setup;

const LEVELS: [&str; 4] = ["debug", "info", "warn", "error"];

/// `write(level, message, fields)`: the level is 1 (debug) to 4 (error), `fields` is JSON text or nil.
pub(super) fn fill(lua: &Lua, world: &Rc<World>, package: usize, native: &Table) -> mlua::Result<()> {
    setup::fill(lua, &world.host, native, &[(c"encode", Native::Encode)])?;
    let world = Rc::downgrade(world);
    let write = lua.create_function(move |_, (level, message, fields): (usize, LuaString, Option<LuaString>)| {
        let bytes = message.as_bytes().len() + fields.as_ref().map_or(0, |text| text.as_bytes().len());
        if let Some(world) = world.upgrade()
            && world.host.spend_output(bytes)
        {
            let record = LogRecord {
                level: LEVELS[level.clamp(1, LEVELS.len()) - 1],
                package: world.modules.packages()[package].id.clone(),
                message: message.to_string_lossy(),
                fields: fields.and_then(|text| serde_json::from_slice(&text.as_bytes()).ok()),
            };
            world.host.before_wait();
            (world.host.log)(record);
        }
        Ok(())
    })?;
    native.raw_set("write", write)
}
