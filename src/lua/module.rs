//! Modules of the host: functions in Rust that scripts require like a standard module.

use std::any::Any;
use std::fmt::{self, Display};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;

use mlua::{Function, Lua, MultiValue, Table, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::lua::environment::World;
use crate::lua::raw::call::Native;
use crate::lua::raw::setup;

/// A module that the host gives to scripts: `require('mail').send('ann', 'Hello')`.
///
/// Each package gets a table of its own. A function that fails, or panics, raises an error at the line that called it.
///
/// ```
/// use mbl::lua::HostModule;
///
/// let math = HostModule::new("numbers")
///     .value("most", 10)
///     .function("half", |(number,): (i64,)| match number % 2 {
///         0 => Ok(number / 2),
///         _ => Err(format!("{number} is odd")),
///     });
/// let runtime = mbl::Runtime::builder().module(math).build()?;
/// assert_eq!(runtime.eval::<i64>("require('numbers').half(8)")?, 4);
/// let error = runtime.eval::<i64>("require('numbers').half(7)").unwrap_err();
/// assert!(error.to_string().ends_with("numbers.half: 7 is odd"));
/// # Ok::<(), mbl::Error>(())
/// ```
#[derive(Clone)]
pub struct HostModule {
    name: Arc<str>,
    functions: Vec<(String, HostFunction)>,
    values: Vec<(String, Json)>,
}

/// A function of the host: the arguments in, the result or a message out.
type HostFunction = Arc<dyn Fn(Vec<Json>) -> Result<Json, String> + Send + Sync>;

/// The most arguments that may be left out at the end of a call.
const LEFT_OUT: usize = 8;

impl HostModule {
    /// Begins a module without functions. A standard module of the same name goes before it.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self { name: name.into(), functions: Vec::new(), values: Vec::new() }
    }

    /// Returns the name that `require` takes.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds a function, in place of one of the same name.
    ///
    /// A tuple or a list takes the arguments one by one, `()` none, and any other type the one argument. What a script leaves out at
    /// the end is None.
    pub fn function<A, R, E>(
        mut self,
        name: impl Into<String>,
        function: impl Fn(A) -> Result<R, E> + Send + Sync + 'static,
    ) -> Self
    where
        A: DeserializeOwned,
        R: Serialize,
        E: Display,
    {
        let name = name.into();
        let call: HostFunction = Arc::new(move |args| {
            let args = read_args::<A>(args).map_err(|error| format!("wrong arguments: {error}"))?;
            let result = function(args).map_err(|error| error.to_string())?;
            serde_json::to_value(result).map_err(|error| format!("the result has no JSON form: {error}"))
        });
        self.functions.retain(|(known, _)| *known != name);
        self.functions.push((name, call));
        self
    }

    /// Adds a constant.
    ///
    /// # Panics
    ///
    /// Never; a value without a JSON form is nil.
    pub fn value(mut self, name: impl Into<String>, value: impl Serialize) -> Self {
        self.values.push((name.into(), serde_json::to_value(value).unwrap_or(Json::Null)));
        self
    }

    /// Takes over the functions and values of another module of this name.
    pub(crate) fn merge(&mut self, other: HostModule) {
        for (name, call) in other.functions {
            self.functions.retain(|(known, _)| *known != name);
            self.functions.push((name, call));
        }
        self.values.extend(other.values);
    }
}

impl fmt::Debug for HostModule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HostModule").field(&self.name).finish()
    }
}

/// What a host module is in Lua: functions that raise at their caller's line what the host's function refuses.
pub(super) const TEXT: &str = "
local functions = ...
local M = functions.values
for name, call in next, functions.calls do
  M[name] = function(...)
    local ok, result = call(...)
    if ok then
      return result
    end
    error(result, 2)
  end
end
return M
";

/// Makes the `...` of a host module.
pub(super) fn table(lua: &Lua, world: &Rc<World>, module: &HostModule) -> mlua::Result<Table> {
    let decode = setup::function(lua, &world.host, Native::Decode, 0)?;
    let (calls, values) = (lua.create_table()?, lua.create_table()?);
    for (name, value) in &module.values {
        let (_, value): (bool, Value) = decode.call(value.to_string())?;
        values.raw_set(name.as_str(), value)?;
    }
    for (name, call) in &module.functions {
        let encode = setup::function(lua, &world.host, Native::Encode, 0)?;
        let (call, decode, full_name) = (call.clone(), decode.clone(), format!("{}.{name}", module.name));
        let world = Rc::downgrade(world);
        let function = lua.create_function(move |lua, args: MultiValue| {
            if let Some(world) = world.upgrade() {
                world.host.before_wait();
            }
            let answer = json_args(&encode, args)?.and_then(|args| guarded(&call, args));
            match answer {
                Ok(Json::Null) => Ok((true, Value::Nil)),
                Ok(result) => decode.call::<(bool, Value)>(result.to_string()),
                Err(message) => Ok((false, Value::String(lua.create_string(format!("{full_name}: {message}"))?))),
            }
        })?;
        calls.raw_set(name.as_str(), function)?;
    }
    let table = lua.create_table()?;
    table.raw_set("calls", calls)?;
    table.raw_set("values", values)?;
    Ok(table)
}

/// Makes JSON of what a script gave; the message says which argument has none.
fn json_args(encode: &Function, args: MultiValue) -> mlua::Result<Result<Vec<Json>, String>> {
    let mut list = Vec::with_capacity(args.len());
    for (index, arg) in args.into_iter().enumerate() {
        if arg.is_nil() {
            list.push(Json::Null);
            continue;
        }
        let (text, message): (Option<String>, Option<String>) = encode.call(arg)?;
        match text.as_deref().map(serde_json::from_str) {
            Some(Ok(arg)) => list.push(arg),
            Some(Err(error)) => return Ok(Err(format!("argument {}: {error}", index + 1))),
            None => return Ok(Err(format!("argument {}: {}", index + 1, message.unwrap_or_default()))),
        }
    }
    Ok(Ok(list))
}

/// Calls the host; a panic is a message like any other.
fn guarded(call: &HostFunction, args: Vec<Json>) -> Result<Json, String> {
    catch_unwind(AssertUnwindSafe(|| call(args)))
        .unwrap_or_else(|panic| Err(format!("the host's function panicked: {}", panic_text(&*panic))))
}

fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

/// Reads the arguments as the type that the function takes.
fn read_args<A: DeserializeOwned>(args: Vec<Json>) -> Result<A, serde_json::Error> {
    let whole = match serde_json::from_value(Json::Array(args.clone())) {
        Ok(args) => return Ok(args),
        Err(error) => error,
    };
    match args.as_slice() {
        [] => {
            if let Ok(none) = serde_json::from_value(Json::Null) {
                return Ok(none);
            }
        }
        [one] => match serde_json::from_value(one.clone()) {
            Ok(one) => return Ok(one),
            // A single type says best what is wrong with the one argument.
            Err(error) if !whole.to_string().contains("tuple") => return Err(error),
            Err(_) => {}
        },
        _ => {}
    }
    let mut padded = args;
    for _ in 0..LEFT_OUT {
        padded.push(Json::Null);
        if let Ok(args) = serde_json::from_value(Json::Array(padded.clone())) {
            return Ok(args);
        }
    }
    Err(whole)
}
