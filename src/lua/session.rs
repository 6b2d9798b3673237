//! What a dialogue with a person needs: entries that may be unfinished, values to look at, and what there is to complete.

use std::os::raw::c_void;
use std::sync::Arc;
use std::time::Duration;

use mlua::{Function, Table, Value};

use crate::lua::{Context, Interrupt, LuaError, Script, Vm, environment};

/// A Lua value, as far as a person wants to see it: large and deep values are cut.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// nil.
    Nil,
    /// `db.null`, which is `json.null`.
    Null,
    /// A boolean.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// A float, as Lua writes it.
    Number(String),
    /// A string: its first bytes, and how many there are.
    Text(Vec<u8>, usize),
    /// A table whose keys are 1 to n: its first items, and n.
    List(Vec<Shown>, usize),
    /// Another table: its first keys and values, the keys sorted, and how many there are.
    Table(Vec<(Shown, Shown)>, usize),
    /// Anything else, by its name: a function, `db`, a table that stands around itself.
    Other(String),
}

/// How much of a value is shown: values in all, levels, items of a list, keys of a table, bytes of a string.
const MOST_VALUES: usize = 50_000;
const MOST_LEVELS: usize = 12;
const MOST_ITEMS: usize = 1000;
const MOST_KEYS: usize = 300;
const MOST_BYTES: usize = 10_000;

/// How long a value may take to say its name.
const NAMING: Duration = Duration::from_secs(1);

impl Vm {
    /// Gives scripts that belong to no package a standard module as a global of its name.
    pub fn define(&self, module: &str) -> Result<(), LuaError> {
        let define = || -> mlua::Result<()> {
            let value: Value = self.prelude.get::<Function>("standard")?.call((0, module))?;
            self.environment(0)?.raw_set(module, value)
        };
        define().map_err(|error| self.fault(error))
    }

    /// Tells whether a text could become a whole expression or whole statements by what is still to come.
    pub fn is_unfinished(&self, text: &str) -> bool {
        let at_end = |error: LuaError| error.message.ends_with("near <eof>") || error.message.ends_with("near '<eof>'");
        let compile = |text: &str| self.compile_entry("entry", text, false).err();
        match (compile(&format!("return {text}")), compile(text)) {
            (Some(expression), Some(statements)) => at_end(expression) || at_end(statements),
            _ => false,
        }
    }

    /// Runs an expression or statements in the environment of scripts that belong to no package, and returns the values.
    ///
    /// What they set as globals stays for the next entry; the first value is `_` then. `interrupt` ends it.
    pub fn enter(
        &self,
        name: &str,
        text: &str,
        context: &Context,
        interrupt: Arc<Interrupt>,
    ) -> Result<Vec<Shown>, LuaError> {
        let chunk = self.compile_entry(name, text, true)?;
        self.set_interrupt(Some(interrupt));
        let values = self.protected(&chunk, (), self.call_timeout.get(), context);
        self.set_interrupt(None);
        let values = values?;
        if let Some(first) = values.front() {
            let set = self.environment(0).and_then(|environment| environment.raw_set("_", first.clone()));
            set.map_err(|error| self.fault(error))?;
        }
        let mut viewer = Viewer { vm: self, context, left: MOST_VALUES, above: Vec::new() };
        Ok(values.iter().map(|value| viewer.view(value)).collect())
    }

    /// Returns the names in a table that a path of names leads to, from the globals of scripts that belong to no package, and whether
    /// each is a function. Runs nothing.
    pub fn members(&self, path: &[&str]) -> Vec<(String, bool)> {
        let Ok(mut table) = self.environment(0) else { return Vec::new() };
        for name in path {
            match table.raw_get::<Value>(*name) {
                Ok(Value::Table(inner)) => table = inner,
                _ => return Vec::new(),
            }
        }
        let mut members: Vec<(String, bool)> = table
            .pairs::<Value, Value>()
            .flatten()
            .filter_map(|(key, value)| Some((key.as_string()?.to_str().ok()?.to_owned(), value.is_function())))
            .collect();
        members.sort();
        members
    }

    /// Compiles a piece of a script that belongs to no package; `either` tries it as an expression first.
    pub(super) fn compile_entry(&self, name: &str, text: &str, either: bool) -> Result<Function, LuaError> {
        let environment = self.environment(0).map_err(|error| self.fault(error))?;
        let compile = |text: &str| {
            let script = Script { path: name.into(), name: name.into(), text: text.as_bytes().into(), source: None };
            environment::compile(&self.lua, &script, Some(environment.clone()))
        };
        let compiled = match either {
            true => compile(&format!("return {text}")).or_else(|fault| match compile(text) {
                // What cannot begin a statement was meant as an expression.
                Err(_)
                    if text
                        .trim_start()
                        .starts_with(|first: char| !first.is_alphabetic() && !"_(;:".contains(first)) =>
                {
                    Err(fault)
                }
                compiled => compiled,
            }),
            false => compile(text),
        };
        compiled.map_err(|error| self.syntax(&error))
    }
}

/// Walks through values without running anything but what names them.
struct Viewer<'a> {
    vm: &'a Vm,
    context: &'a Context,
    /// How many more values are shown.
    left: usize,
    /// The tables around the one at hand.
    above: Vec<*const c_void>,
}

impl Viewer<'_> {
    fn view(&mut self, value: &Value) -> Shown {
        self.left = self.left.saturating_sub(1);
        match value {
            Value::Nil => Shown::Nil,
            Value::LightUserData(address) if address.0.is_null() => Shown::Null,
            Value::Boolean(value) => Shown::Boolean(*value),
            Value::Integer(value) => Shown::Integer(*value),
            Value::Number(_) => Shown::Number(value.to_string().unwrap_or_default()),
            Value::String(text) => {
                let bytes = text.as_bytes();
                Shown::Text(bytes[..bytes.len().min(MOST_BYTES)].to_vec(), bytes.len())
            }
            Value::Table(table) if !names_itself(table) => self.view_table(table),
            other => self.name(other),
        }
    }

    fn view_table(&mut self, table: &Table) -> Shown {
        let address = table.to_pointer();
        if self.above.contains(&address) {
            return Shown::Other("a table that is around this".into());
        }
        if self.above.len() >= MOST_LEVELS || self.left == 0 {
            return Shown::Other("{ … }".into());
        }
        self.above.push(address);
        let length = table.raw_len();
        let count = table.pairs::<Value, Value>().flatten().count();
        let shown = match count == length && length > 0 {
            true => {
                let most = length.min(MOST_ITEMS).min(self.left.max(1));
                let items = (1..=most).map(|place| self.view(&table.raw_get(place).unwrap_or(Value::Nil))).collect();
                Shown::List(items, length)
            }
            false => {
                let mut pairs: Vec<(Value, Value)> = table.pairs().flatten().collect();
                pairs.sort_by_cached_key(|(key, _)| match key {
                    Value::Integer(number) => (0, *number, String::new()),
                    Value::String(text) => (1, 0, text.to_string_lossy()),
                    other => (2, 0, other.type_name().to_owned()),
                });
                let most = MOST_KEYS.min(self.left.max(1));
                let entries = pairs.iter().take(most).map(|(key, value)| (self.view(key), self.view(value))).collect();
                Shown::Table(entries, count)
            }
        };
        self.above.pop();
        shown
    }

    /// Asks a value for its name, as `print` would.
    fn name(&self, value: &Value) -> Shown {
        let name = || -> Option<String> {
            let tostring: Function = self.vm.lua.globals().get("tostring").ok()?;
            let named = self.vm.protected(&tostring, value.clone(), Some(NAMING), self.context).ok()?;
            Some(named.front()?.as_string()?.to_string_lossy())
        };
        let text = match value {
            // An address helps nobody.
            Value::Function(function) => match function.info() {
                info if info.what == "Lua" => format!(
                    "function ({}:{})",
                    info.source.as_deref().unwrap_or_default().trim_start_matches(['@', '=']),
                    info.line_defined.unwrap_or_default()
                ),
                _ => "function".to_owned(),
            },
            Value::Thread(_) => "coroutine".to_owned(),
            other => name().unwrap_or_else(|| other.type_name().to_owned()),
        };
        Shown::Other(text)
    }
}

/// Tells whether a table says by `__tostring` what it is.
fn names_itself(table: &Table) -> bool {
    table.metatable().is_some_and(|metatable| matches!(metatable.raw_get("__tostring"), Ok(Value::Function(_))))
}
