//! Code that nobody vouches for: a state of its own, in which there is nothing but this code.

use std::sync::Arc;

use mlua::{Function, MultiValue, Table, Value};
use serde_json::Value as Json;

use crate::lua::result::{json_of, refused};
use crate::lua::{Context, LuaError, LuaErrorKind, Script, Vm, environment, first};
use crate::sandbox::{Fault, Limit, Outcome, Untrusted};

/// Runs untrusted code somewhere, and hands on what it prints.
pub type SandboxRunner = Arc<dyn Fn(&Untrusted, &mut dyn FnMut(&[u8])) -> Outcome + Send + Sync>;

impl Vm {
    /// Runs untrusted code in a state that was made for it, and returns its first result.
    pub fn run_untrusted(&self, untrusted: &Untrusted) -> Result<Json, LuaError> {
        let args = self.arguments(std::slice::from_ref(&untrusted.args))?;
        let given = args.front().cloned().unwrap_or(Value::Nil);
        let prepare = || -> mlua::Result<(Option<Table>, Value)> {
            let allowed = match &untrusted.globals {
                Some(names) => Value::Table(self.lua.create_sequence_from(names.iter().map(String::as_str))?),
                None => Value::Nil,
            };
            let has_database = self.world.host.database.is_some();
            let is_object = untrusted.args.is_object();
            self.part("untrusted")?.get::<Function>("environment")?.call((has_database, allowed, given, is_object))
        };
        let (environment, rest) = prepare().map_err(|error| self.fault(error))?;
        let Some(environment) = environment else {
            let message = rest.to_string().unwrap_or_default();
            return Err(LuaError::new(LuaErrorKind::Script, message));
        };
        let mut text = if untrusted.expression { b"return ".to_vec() } else { Vec::new() };
        text.extend_from_slice(&untrusted.code);
        let script = Script {
            path: untrusted.name.clone(),
            name: untrusted.name.as_str().into(),
            text: text.into(),
            source: None,
        };
        let chunk = environment::compile(&self.lua, &script, Some(environment)).map_err(|error| match error {
            mlua::Error::MemoryError(_) => self.fault(error),
            error => self.syntax(&error),
        })?;
        let args = match &untrusted.args {
            Json::Array(args) => self.arguments(args)?,
            _ => MultiValue::new(),
        };
        let results = self.protected(&chunk, args, self.call_timeout.get(), &Context::default())?;
        let text = self.to_text(first(results), &untrusted.name)?;
        let most = (untrusted.memory_bytes / VALUE_BYTES).max(1);
        if values_in(&text) > most {
            let help = "return a page of it, or print it";
            return Err(refused(&untrusted.name, &format!("it has more than {most} values; {help}")));
        }
        json_of(&text, &untrusted.name)
    }
}

/// What a value of a result takes where it is read, in bytes, with what a list that grows takes besides. The text of one may be two bytes.
const VALUE_BYTES: usize = 128;

/// Returns how many values JSON text has, or one more for each empty list and object.
fn values_in(text: &str) -> usize {
    let (mut count, mut bytes) = (1, text.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b',' | b'[' | b'{' => count += 1,
            // A string's own commas are its own.
            b'"' => {
                while let Some(byte) = bytes.next().filter(|byte| *byte != b'"') {
                    if byte == b'\\' {
                        bytes.next();
                    }
                }
            }
            _ => {}
        }
    }
    count
}

/// The most bytes of an error's message: it is shown to people.
const MOST_MESSAGE: usize = 16 << 10;

fn shortened(mut text: String) -> String {
    if text.len() > MOST_MESSAGE {
        text.truncate(text.floor_char_boundary(MOST_MESSAGE));
        text.push_str(" ...");
    }
    text
}

/// Returns what a host is told of an error in untrusted code.
pub fn fault_of(error: LuaError) -> Fault {
    let limit = match error.kind {
        LuaErrorKind::TimeLimit => Some(Limit::Time),
        LuaErrorKind::MemoryLimit => Some(Limit::Memory),
        LuaErrorKind::OutputLimit => Some(Limit::Output),
        _ => None,
    };
    let code = error.code.unwrap_or_else(|| error.kind.name().to_owned());
    Fault { message: shortened(error.message), code: shortened(code), limit, file: error.file, line: error.line }
}
