//! What the files of the standard library get from the host: for each a table of functions, its `...`.

mod ctx;
mod db;
mod files;
mod hash;
mod id;
mod image;
mod json;
mod log;
mod markdown;
mod sandbox;
mod test;
mod text;
mod time;

use std::rc::Rc;

use mlua::{Lua, Table};

use crate::lua::environment::World;
use crate::lua::raw::call::Native;
use crate::lua::raw::setup;

/// The standard modules and their text.
pub(crate) const STANDARD: &[(&str, &str)] = &[
    ("check", include_str!("../../../stdlib/check.lua")),
    ("ctx", include_str!("../../../stdlib/ctx.lua")),
    ("db", include_str!("../../../stdlib/db.lua")),
    ("dbal", include_str!("../../../stdlib/dbal.lua")),
    ("files", include_str!("../../../stdlib/files.lua")),
    ("hash", include_str!("../../../stdlib/hash.lua")),
    ("id", include_str!("../../../stdlib/id.lua")),
    ("image", include_str!("../../../stdlib/image.lua")),
    ("json", include_str!("../../../stdlib/json.lua")),
    ("list", include_str!("../../../stdlib/list.lua")),
    ("log", include_str!("../../../stdlib/log.lua")),
    ("markdown", include_str!("../../../stdlib/markdown.lua")),
    ("sandbox", include_str!("../../../stdlib/sandbox.lua")),
    ("test", include_str!("../../../stdlib/test.lua")),
    ("text", include_str!("../../../stdlib/text.lua")),
    ("time", include_str!("../../../stdlib/time.lua")),
    ("ui", include_str!("../../../stdlib/ui.lua")),
];

/// Makes the `...` of a standard module for a package.
pub(crate) fn table(lua: &Lua, world: &Rc<World>, name: &str, package: usize) -> mlua::Result<Table> {
    let native = lua.create_table()?;
    native.raw_set("null", mlua::Value::NULL)?;
    if matches!(name, "list" | "sandbox" | "ui") {
        let markers = [(c"array", Native::Array), (c"object", Native::Object)];
        setup::fill(lua, &world.host, &native, &markers)?;
    }
    match name {
        "ctx" => ctx::fill(lua, world, package, &native)?,
        "db" => db::fill(lua, world, package, &native)?,
        "files" => files::fill(lua, world, package, &native)?,
        "hash" => hash::fill(lua, &native)?,
        "id" => id::fill(lua, world, &native)?,
        "image" => image::fill(lua, &native)?,
        "json" => json::fill(lua, world, package, &native)?,
        "markdown" => markdown::fill(lua, &native)?,
        "test" => test::fill(lua, world, &native)?,
        "log" => log::fill(lua, world, package, &native)?,
        "sandbox" => sandbox::fill(lua, world, package, &native)?,
        "text" => text::fill(lua, &native)?,
        "time" => time::fill(lua, world, &native)?,
        _ => {}
    }
    Ok(native)
}
