//! Compiles scripts without a VM: for those who want to know whether Lua takes a text, and no more.

use mlua::{Lua, LuaOptions, StdLib};

use crate::lua::environment::{compile, syntax_message};
use crate::lua::result::split_place;
use crate::lua::{LuaError, LuaErrorKind, Script};

/// A Lua state in which nothing is run.
pub struct Compiler {
    lua: Lua,
}

impl Compiler {
    /// Makes one.
    pub fn new() -> Result<Self, LuaError> {
        let lua = Lua::new_with(StdLib::NONE, LuaOptions::default())
            .map_err(|error| LuaError::new(LuaErrorKind::Internal, error.to_string()))?;
        Ok(Self { lua })
    }

    /// Compiles a script; the error is the line, from 1, and what Lua says of it.
    pub fn compile(&self, script: &Script) -> Result<(), (u32, String)> {
        match compile(&self.lua, script, None) {
            Ok(_) => Ok(()),
            Err(error) => {
                let message = syntax_message(&error);
                Err(match split_place(&message) {
                    Some((_, line, message)) => (line, message.to_owned()),
                    None => (1, message),
                })
            }
        }
    }
}

/// Returns the standard modules: the name that `require` takes, and the text.
pub fn standard_modules() -> &'static [(&'static str, &'static str)] {
    crate::lua::native::STANDARD
}
