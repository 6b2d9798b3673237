//! Operations that check their arguments: the types of annotations, handed to stdlib/border.lua.

use std::sync::LazyLock;

use mlua::{Function, IntoLua, Table, Value};

use crate::lua::native::STANDARD;
use crate::lua::{PackageScripts, Vm, is_operation};
use crate::package::{Class, Field, Type, read_annotations};

/// The classes of the standard library.
static STANDARD_CLASSES: LazyLock<Vec<Class>> =
    LazyLock::new(|| STANDARD.iter().flat_map(|(_, text)| read_annotations(text).class_types()).collect());

impl Vm {
    /// Makes the classes of all packages, and of the standard library, known to the border.
    pub(super) fn add_classes(&self) -> mlua::Result<()> {
        let packages = self.world.modules.packages().iter().flat_map(|package| &package.classes);
        let list = self.lua.create_table()?;
        for class in packages.chain(STANDARD_CLASSES.iter()) {
            let table = self.lua.create_table()?;
            table.raw_set("name", class.name.as_str())?;
            table.raw_set("parent", class.parent.as_deref())?;
            table.raw_set("fields", self.fields(&class.fields)?)?;
            list.raw_push(table)?;
        }
        self.prelude.get::<Function>("addClasses")?.call(list)
    }

    /// Returns a face whose operations refuse what does not fit their annotations.
    pub(super) fn guard(&self, package: &PackageScripts, face: &Table) -> mlua::Result<Table> {
        let guarded = self.copy(face)?;
        let guard: Function = self.prelude.get("guard")?;
        for pair in face.pairs::<Value, Value>() {
            let (Value::String(name), Value::Function(body)) = pair? else { continue };
            let shown = name.to_string_lossy();
            let Some(parameters) = parameters(package, &body).filter(|_| is_operation(&shown)) else { continue };
            let full_name = format!("{}.{shown}", package.id);
            let operation: Function = guard.call((full_name, body, self.fields(parameters)?))?;
            guarded.raw_set(name, operation)?;
        }
        Ok(guarded)
    }

    fn fields(&self, fields: &[Field]) -> mlua::Result<Table> {
        let list = self.lua.create_table()?;
        for field in fields {
            let table = self.lua.create_table()?;
            table.raw_set("name", field.name.as_str())?;
            table.raw_set("of", self.type_table(&field.of)?)?;
            table.raw_set("optional", field.optional)?;
            list.raw_push(table)?;
        }
        Ok(list)
    }

    fn type_table(&self, of: &Type) -> mlua::Result<Table> {
        let table = self.lua.create_table()?;
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
            Type::Text(text) => literal(text.as_str().into_lua(&self.lua)?)?,
            Type::Numeral(number) if number.fract() == 0.0 => literal(Value::Integer(*number as i64))?,
            Type::Numeral(number) => literal(Value::Number(*number))?,
            Type::Truth(truth) => literal(Value::Boolean(*truth))?,
            Type::List(item) => {
                table.raw_set("of", self.type_table(item)?)?;
                "list"
            }
            Type::Map(key, value) => {
                table.raw_set("key", self.type_table(key)?)?;
                table.raw_set("value", self.type_table(value)?)?;
                "map"
            }
            Type::Record(fields) => {
                table.raw_set("fields", self.fields(fields)?)?;
                "record"
            }
            Type::Union(parts) => {
                let list = self.lua.create_table()?;
                for part in parts {
                    list.raw_push(self.type_table(part)?)?;
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
}

/// Finds what a function takes, by where it was written.
fn parameters<'a>(package: &'a PackageScripts, body: &Function) -> Option<&'a [Field]> {
    let info = body.info();
    let (source, line) = (info.source?, u32::try_from(info.line_defined?).ok()?);
    let key = (source.strip_prefix('@')?.into(), line);
    package.signatures.get(&key).map(Vec::as_slice)
}
