//! Markdown to HTML and to plain text.

use mlua::{Lua, LuaString, Table};

use crate::markdown;

/// `html(text)` and `plain(text)`; bytes that are no UTF-8 become the replacement character.
pub(super) fn fill(lua: &Lua, native: &Table) -> mlua::Result<()> {
    native.raw_set("html", lua.create_function(|_, text: LuaString| Ok(markdown::html(&text.to_string_lossy())))?)?;
    native.raw_set("plain", lua.create_function(|_, text: LuaString| Ok(markdown::plain(&text.to_string_lossy())))?)
}
