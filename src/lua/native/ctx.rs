//! On whose behalf a call runs.

use std::rc::Rc;

use mlua::{IntoLua, Lua, Table, Value};

use crate::lua::environment::World;
use crate::lua::host::Host;

/// `get(key)`: the value, or nil and false for a key that is none.
pub(super) fn fill(lua: &Lua, world: &Rc<World>, package: usize, native: &Table) -> mlua::Result<()> {
    let world = Rc::downgrade(world);
    let get = lua.create_function(move |lua, key: Value| {
        let Some(world) = world.upgrade() else { return Ok((Value::Nil, false)) };
        let context = world.host.context();
        let Value::String(key) = key else { return Ok((Value::Nil, false)) };
        let value = match &*key.as_bytes() {
            b"package" => world.modules.packages()[package].id.as_str().into_lua(lua)?,
            b"tenant" => context.acting_tenant().into_lua(lua)?,
            b"bound" => context.tenant.into_lua(lua)?,
            b"user" => context.user.into_lua(lua)?,
            b"level" => Value::Integer(context.level.unwrap_or(0)),
            b"operator" => Value::Boolean(context.level.is_none()),
            b"now" => Value::Integer(context.now.unwrap_or_else(Host::clock)),
            _ => return Ok((Value::Nil, false)),
        };
        Ok((value, true))
    })?;
    native.raw_set("get", get)
}
