//! Untrusted code for packages that may run some.

use std::rc::Rc;

use mlua::{Function, IntoLuaMulti, Lua, LuaString, MultiValue, Table, Value};
use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::lua::environment::{World, syntax_message};
use crate::lua::raw::call::Native;
use crate::lua::raw::setup;
use crate::lua::result::split_place;
use crate::lua::{Script, environment, limits};
use crate::sandbox::{Grant, Outcome, Untrusted};

/// `run(code, options)`: what became of it, as `Outcome` with its output. `compile(code, name)`: nothing, or message, line and column.
///
/// Both are absent from a package without the capability.
pub(super) fn fill(lua: &Lua, world: &Rc<World>, package: usize, native: &Table) -> mlua::Result<()> {
    let Some(runner) = world.sandbox.clone().filter(|_| world.grants(package, "sandbox")) else { return Ok(()) };
    let encode = setup::function(lua, &world.host, Native::Encode, 0)?;
    let decode = setup::function(lua, &world.host, Native::Decode, 0)?;
    let weak = Rc::downgrade(world);
    let run = lua.create_function(move |lua, (code, options): (LuaString, Value)| {
        let untrusted = match read(&encode, &code, options)? {
            Ok(untrusted) => untrusted,
            Err(message) => return (false, message).into_lua_multi(lua),
        };
        let Some(world) = weak.upgrade() else { return Ok(MultiValue::new()) };
        let Some(untrusted) = within(untrusted, &world) else { return Ok(MultiValue::new()) };
        let mut output = Vec::new();
        let outcome = runner(&untrusted, &mut |bytes| output.extend_from_slice(bytes));
        limits::stop_late_script();
        let answer = decode.call::<MultiValue>(answer(&outcome).to_string())?;
        let mut values: Vec<Value> = answer.into_iter().take(2).collect();
        values.push(Value::String(lua.create_string(output)?));
        Ok(values.into_iter().collect())
    })?;
    native.raw_set("run", run)?;
    let compile = lua.create_function(|lua, (code, name): (LuaString, String)| Ok(check(lua, &code, name)))?;
    native.raw_set("compile", compile)
}

/// The options of `run`, as the standard library's file hands them on.
#[derive(Deserialize)]
struct Options {
    name: String,
    expression: bool,
    #[serde(default)]
    args: Json,
    globals: Option<Vec<String>>,
    #[serde(rename = "timeoutMs")]
    timeout_ms: f64,
    #[serde(rename = "memoryMb")]
    memory_mb: f64,
    #[serde(rename = "outputKb")]
    output_kb: f64,
    grant: Grant,
}

/// Reads the arguments of `run`; the message says what is wrong with them.
fn read(encode: &Function, code: &LuaString, options: Value) -> mlua::Result<Result<Untrusted, String>> {
    let (text, message): (Option<String>, Option<String>) = encode.call(options)?;
    let Some(text) = text else { return Ok(Err(message.unwrap_or_default())) };
    Ok(match serde_json::from_str::<Options>(&text) {
        Ok(options) => Ok(Untrusted {
            name: options.name,
            code: code.as_bytes().to_vec(),
            expression: options.expression,
            args: options.args,
            globals: options.globals,
            timeout: std::time::Duration::try_from_secs_f64(options.timeout_ms / 1000.0).unwrap_or_default(),
            memory_bytes: (options.memory_mb * f64::from(1 << 20)) as usize,
            output_bytes: (options.output_kb * 1024.0) as usize,
            grant: options.grant,
        }),
        Err(error) => Err(error.to_string()),
    })
}

/// Gives the code no more time than the script that runs it has; None when that has none left.
fn within(mut untrusted: Untrusted, world: &World) -> Option<Untrusted> {
    if let Some(left) = world.host.watch.left() {
        untrusted.timeout = untrusted.timeout.min(left);
    }
    Some(untrusted).filter(|untrusted| !untrusted.timeout.is_zero())
}

fn answer(outcome: &Outcome) -> Json {
    let ms = (outcome.time.as_secs_f64() * 10_000.0).round() / 10.0;
    let mut answer = json!({ "ok": outcome.error.is_none(), "ms": ms });
    if !outcome.result.is_null() {
        answer["result"] = outcome.result.clone();
    }
    if let Some(fault) = &outcome.error {
        let mut error = json!({ "message": fault.message, "code": fault.code });
        for (key, value) in [("limit", json!(fault.limit)), ("file", json!(fault.file)), ("line", json!(fault.line))] {
            if !value.is_null() {
                error[key] = value;
            }
        }
        answer["error"] = error;
    }
    answer
}

/// Compiles code and runs none of it: nothing, or what is wrong with it, the line, and the column where it can be told.
fn check(lua: &Lua, code: &LuaString, name: String) -> (Option<String>, Option<u32>, Option<usize>) {
    let text: std::sync::Arc<[u8]> = code.as_bytes().to_vec().into();
    let script = Script { path: name.clone(), name: name.into(), text: text.clone(), source: None };
    let Err(error) = environment::compile(lua, &script, None) else { return (None, None, None) };
    let whole = syntax_message(&error);
    match split_place(&whole) {
        Some((_, line, message)) => (Some(message.to_owned()), Some(line), column(&text, line, message)),
        None => (Some(whole), None, None),
    }
}

/// Finds the column, in characters from 1, of what Lua's message is about: the last such word in the line.
fn column(text: &[u8], line: u32, message: &str) -> Option<usize> {
    let line = text.split(|byte| *byte == b'\n').nth((line - 1) as usize)?;
    let line = String::from_utf8_lossy(line);
    let near = message.rsplit_once(" near ").map(|(_, near)| near)?;
    let at = match near.strip_prefix('\'').and_then(|near| near.strip_suffix('\'')) {
        Some(token) => line.rfind(token)?,
        // `<eof>`
        None => line.trim_end().len(),
    };
    Some(line[..at].chars().count() + 1)
}
