//! Operations that check their arguments: the types of annotations, handed to stdlib/border.lua.

use std::sync::{Arc, LazyLock, OnceLock};

use memchr::memmem;
use mlua::{Function, IntoLua, Lua, Table, Value};

use crate::lua::native::STANDARD;
use crate::lua::{PackageScripts, Vm, is_operation};
use crate::package::{Class, Field, Type, read_annotations};

/// A text of the standard library with its classes, which are read when one of them may be named.
struct StandardText {
    text: &'static str,
    classes: OnceLock<Vec<Class>>,
}

static STANDARD_TEXTS: LazyLock<Vec<StandardText>> =
    LazyLock::new(|| STANDARD.iter().map(|(_, text)| StandardText { text, classes: OnceLock::new() }).collect());

/// Returns a class as `stdlib/border.lua` has it; None when nobody wrote one of the name down. A package's comes before one of the
/// standard library.
pub(super) fn class_table(lua: &Lua, packages: &[Arc<PackageScripts>], name: &str) -> mlua::Result<Option<Table>> {
    let own = packages.iter().flat_map(|package| &package.classes).find(|class| class.name == name);
    let standard = || {
        let named = |known: &&StandardText| memmem::find(known.text.as_bytes(), name.as_bytes()).is_some();
        STANDARD_TEXTS
            .iter()
            .filter(named)
            .flat_map(|known| known.classes.get_or_init(|| read_annotations(known.text).class_types()))
            .find(|class| class.name == name)
    };
    let Some(class) = own.or_else(standard) else { return Ok(None) };
    let table = lua.create_table()?;
    table.raw_set("name", class.name.as_str())?;
    table.raw_set("parent", class.parent.as_deref())?;
    table.raw_set("fields", field_list(lua, &class.fields)?)?;
    Ok(Some(table))
}

impl Vm {
    /// Returns a face whose operations refuse what does not fit their annotations.
    pub(super) fn guard(&self, package: &PackageScripts, face: &Table) -> mlua::Result<Table> {
        let guarded = self.copy(face)?;
        let guard: Function = self.prelude.get("guard")?;
        for pair in face.pairs::<Value, Value>() {
            let (Value::String(name), Value::Function(body)) = pair? else { continue };
            let shown = name.to_string_lossy();
            let Some(parameters) = parameters(package, &body).filter(|_| is_operation(&shown)) else { continue };
            let full_name = format!("{}.{shown}", package.id);
            let operation: Function = guard.call((full_name, body, field_list(&self.lua, parameters)?))?;
            guarded.raw_set(name, operation)?;
        }
        Ok(guarded)
    }
}

fn field_list(lua: &Lua, fields: &[Field]) -> mlua::Result<Table> {
    let list = lua.create_table()?;
    for field in fields {
        let table = lua.create_table()?;
        table.raw_set("name", field.name.as_str())?;
        table.raw_set("of", type_table(lua, &field.of)?)?;
        table.raw_set("optional", field.optional)?;
        list.raw_push(table)?;
    }
    Ok(list)
}

fn type_table(lua: &Lua, of: &Type) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    let literal = |value: Value| -> mlua::Result<&str> {
        table.raw_set("value", value)?;
        Ok("literal")
    };
    let kind = match of {
        Type::Any => "any",
        Type::Nil => "nil",
        Type::String => "string",
        Type::Number => "number",
        Type::Integer => "integer",
        Type::Boolean => "boolean",
        Type::Function => "function",
        Type::Table => "table",
        Type::Text(text) => literal(text.as_str().into_lua(lua)?)?,
        Type::Numeral(number) if number.fract() == 0.0 => literal(Value::Integer(*number as i64))?,
        Type::Numeral(number) => literal(Value::Number(*number))?,
        Type::Truth(truth) => literal(Value::Boolean(*truth))?,
        Type::List(item) => {
            table.raw_set("of", type_table(lua, item)?)?;
            "list"
        }
        Type::Map(key, value) => {
            table.raw_set("key", type_table(lua, key)?)?;
            table.raw_set("value", type_table(lua, value)?)?;
            "map"
        }
        Type::Record(fields) => {
            table.raw_set("fields", field_list(lua, fields)?)?;
            "record"
        }
        Type::Union(parts) => {
            let list = lua.create_table()?;
            for part in parts {
                list.raw_push(type_table(lua, part)?)?;
            }
            table.raw_set("of", list)?;
            "union"
        }
        Type::Class(name) => {
            table.raw_set("class", name.as_str())?;
            "class"
        }
    };
    table.raw_set("kind", kind)?;
    Ok(table)
}

/// Finds what a function takes, by where it was written.
fn parameters<'a>(package: &'a PackageScripts, body: &Function) -> Option<&'a [Field]> {
    let info = body.info();
    let (source, line) = (info.source?, u32::try_from(info.line_defined?).ok()?);
    let key = (source.strip_prefix('@')?.into(), line);
    package.signatures.get(&key).map(Vec::as_slice)
}
