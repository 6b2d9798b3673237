//! The files of a new package.

use crate::diag::closest;
use crate::generate::Generated;
use crate::package::{PackageSet, STANDARD_MODULES};
use crate::schema::{Arity, DefaultValue, Field, FieldKind, Model, ScalarType, Schema};

/// Lua's keywords, and the names of `db` itself: what no model is reached by.
pub(super) const TAKEN: &[&str] = &[
    "all",
    "and",
    "anyNull",
    "break",
    "dbNull",
    "do",
    "else",
    "elseif",
    "end",
    "executeRaw",
    "explain",
    "false",
    "for",
    "function",
    "goto",
    "if",
    "in",
    "jsonNull",
    "local",
    "model",
    "nil",
    "not",
    "null",
    "or",
    "queryRaw",
    "repeat",
    "return",
    "then",
    "transaction",
    "true",
    "until",
    "while",
];

/// What the scripts of a new package call their modules: no record is called so.
const MODULES: &[&str] = &["check", "ctx", "db", "existing", "time", "ui"];

/// Returns the files of a new package, paths below its folder: one that checks, tests and is formatted.
///
/// With a model it has operations, a page and specs for it: for a model that `set` knows as it is there, else for a new one that the
/// package owns. Fails with a message when a name is not legal or taken.
pub fn package(name: &str, model: Option<&str>, set: &PackageSet) -> Result<Vec<Generated>, String> {
    let legal = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !legal {
        return Err(format!(
            "`{name}` is no package name: letters, digits and `_`, a letter first, as in `forum_forge`"
        ));
    }
    if STANDARD_MODULES.contains(&name) {
        return Err(format!("`{name}` is the name of a standard module; choose another"));
    }
    if set.packages.iter().chain(&set.refused).any(|package| package.id == name) {
        return Err(format!("there is a package `{name}` already; choose another name"));
    }
    let Some(model) = model else {
        return Ok(plain(name));
    };
    if let Some(id) = set.schema.model_named(model) {
        let owner = set.packages.iter().find(|package| package.models.iter().any(|owned| owned == model));
        let dependencies = owner.map(|owner| owner.id.clone()).into_iter().collect();
        return Template::new(name, &set.schema, set.schema.model(id), dependencies)?.files(None);
    }
    if !model.bytes().next().is_some_and(|first| first.is_ascii_uppercase())
        || !model.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        let near = closest(model, set.schema.models.iter().map(|model| model.name.as_str()));
        let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(format!("`{model}` is no model name: a capital letter first, then letters, digits and `_`{near}"));
    }
    let text = schema_text(model);
    let schema = Schema::parse_text("schema.prisma", &text).map_err(|(_, findings)| {
        let first = findings.iter().next().map(|finding| finding.message.clone()).unwrap_or_default();
        format!("a model cannot be called `{model}`: {first}")
    })?;
    let Some(id) = schema.model_named(model) else { return Err(format!("a model cannot be called `{model}`")) };
    Template::new(name, &schema, schema.model(id), Vec::new())?.files(Some(text))
}

fn schema_text(model: &str) -> String {
    format!(
        "/// What `{model}` is for.
model {model} {{
  id        String  @id @default(cuid())
  tenantId  String
  title     String
  createdAt BigInt /// milliseconds since the epoch
  updatedAt BigInt?

  @@index([tenantId, createdAt])
}}
"
    )
}

fn file(name: &str, text: impl Into<String>) -> Generated {
    Generated { name: format!("seed/{name}"), text: text.into() }
}

/// Returns `Forum Forge` of `forum_forge`.
fn title(name: &str) -> String {
    name.split('_').filter(|word| !word.is_empty()).map(capital).collect::<Vec<_>>().join(" ")
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Returns `thread_page` of `ThreadPage`.
fn snake(name: &str) -> String {
    let mut out = String::new();
    for (place, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && place > 0 && !out.ends_with('_') {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
    }
    out
}

fn metadata(name: &str, description: &str, dependencies: &[String], permissions: &str) -> String {
    let list: Vec<String> = dependencies.iter().map(|name| format!("\"{name}\"")).collect();
    format!(
        "{{
  \"packageId\": \"{name}\",
  \"name\": \"{}\",
  \"version\": \"0.1.0\",
  \"description\": \"{description}\",
  \"author\": \"\",
  \"category\": \"\",
  \"dependencies\": [{}],
  \"permissions\": {permissions},
  \"capabilities\": []
}}
",
        title(name),
        list.join(", ")
    )
}

/// A package without a model: one operation, one component, one spec.
fn plain(name: &str) -> Vec<Generated> {
    let component = format!("{}Hello", title(name).replace(' ', ""));
    vec![
        file("metadata.json", metadata(name, "What this package is for.", &[], "{}")),
        file(
            "components.json",
            format!(
                "[
  {{
    \"name\": \"{component}\",
    \"type\": \"molecule\",
    \"description\": \"Says hello.\",
    \"props\": {{ \"name\": \"string\" }},
    \"script\": \"ui/hello.lua\"
  }}
]
"
            ),
        ),
        file(
            "scripts/init.lua",
            "--- What this package is for.
local check = require('check')

local M = {}

--- Returns a greeting.
---@param name string
---@return string
function M.greet(name)
  check.text(name, 'name')
  return ('Hello, %s!'):format(name)
end

return M
",
        ),
        file(
            "scripts/ui/hello.lua",
            format!(
                "--- {component}: says hello.
local ui = require('ui')

local M = {{}}

---@class {name}.{component}Props
---@field name string

--- Renders the component.
---@param props {name}.{component}Props
---@return ui.Node
function M.render(props)
  return ui.Card({{ ui.Text('Hello, ' .. props.name .. '!') }})
end

return M
"
            ),
        ),
        file(
            "scripts/tests/greet_spec.lua",
            format!(
                "local component = require('ui.hello')
local operations = require('{name}')
local ui = require('ui')

describe('greet', function()
  it('says the name', function()
    expect(operations.greet('Ann')).toBe('Hello, Ann!')
  end)

  it('refuses a name that is none', function()
    expect(function()
      operations.greet('')
    end).toThrow('name')
  end)
end)

describe('{component}', function()
  it('says the name', function()
    expect(ui.textOf(component.render({{ name = 'Ann' }}))).toContain('Ann')
  end)
end)
"
            ),
        ),
    ]
}

/// A package for one model.
struct Template<'a> {
    package: &'a str,
    schema: &'a Schema,
    model: &'a Model,
    dependencies: Vec<String>,
    /// The field that identifies a record.
    id: &'a Field,
    /// What a caller says of a record.
    given: Vec<&'a Field>,
    has_tenant: bool,
}

impl<'a> Template<'a> {
    fn new(package: &'a str, schema: &'a Schema, model: &'a Model, dependencies: Vec<String>) -> Result<Self, String> {
        let identity = model.primary_key.as_ref().map(|key| key.fields.as_slice());
        let Some([id]) = identity else {
            return Err(format!("`{}` has no id of one field, which the operations need", model.name));
        };
        let id = model.field(id.field);
        if let Some((_, field, _)) =
            model.relations().find(|(_, field, relation)| !relation.fields.is_empty() && field.arity == Arity::Required)
        {
            let message = "`{}` belongs to another model by `{}`: write its operations by hand, as forum_forge does";
            return Err(message.replacen("{}", &model.name, 1).replacen("{}", &field.name, 1));
        }
        let is_said = |field: &Field| {
            let by_itself = field.name == id.name && field.default.is_some();
            let stamped = matches!(field.name.as_str(), "createdAt" | "updatedAt" | "tenantId") || field.updated_at;
            !by_itself && !stamped
        };
        let given = model.scalars().map(|(_, field)| field).filter(|field| is_said(field)).collect();
        let has_tenant = model.field_named("tenantId").is_some();
        Ok(Self { package, schema, model, dependencies, id, given, has_tenant })
    }

    fn files(&self, schema: Option<String>) -> Result<Vec<Generated>, String> {
        let (name, package) = (&self.model.name, self.package);
        let page = snake(&format!("{name}Page"));
        let permissions = format!(
            "{{
    \"{package}.read\": {{ \"minLevel\": 0, \"description\": \"Read\" }},
    \"{package}.write\": {{ \"minLevel\": 1, \"description\": \"Make, change and delete\" }}
  }}"
        );
        let props = if self.has_tenant { "{ \"tenantId\": \"string\" }" } else { "{}" };
        let components = format!(
            "[
  {{
    \"name\": \"{name}Page\",
    \"type\": \"page\",
    \"description\": \"All of them, the newest first.\",
    \"props\": {props},
    \"script\": \"ui/{page}.lua\"
  }}
]
"
        );
        let mut files = vec![
            file("metadata.json", metadata(package, "What this package is for.", &self.dependencies, &permissions)),
            file("components.json", components),
        ];
        files.extend(schema.map(|text| file("schema.prisma", text)));
        files.extend([
            file("scripts/init.lua", "--- What this package is for. Its operations lie in `db/`.\nreturn {}\n"),
            file("scripts/existing.lua", self.existing()),
            file("scripts/db/create.lua", self.create()),
            file("scripts/db/read.lua", self.read()),
            file("scripts/db/update.lua", self.update()),
            file("scripts/db/delete.lua", self.delete()),
            file("scripts/db/queries.lua", self.queries()),
            file(&format!("scripts/ui/{page}.lua"), self.page()),
            file(&format!("scripts/tests/{}_spec.lua", snake(&self.plural())), self.spec()),
        ]);
        Ok(files)
    }

    /// Returns how scripts reach the model.
    fn db(&self) -> String {
        match TAKEN.contains(&self.model.accessor.as_str()) {
            true => format!("db.model('{}')", self.model.name),
            false => format!("db.{}", self.model.accessor),
        }
    }

    /// Returns what a record is called in a script.
    fn word(&self) -> &str {
        let name = self.model.accessor.as_str();
        if TAKEN.contains(&name) || MODULES.contains(&name) { "record" } else { name }
    }

    fn plural(&self) -> String {
        let name = &self.model.name;
        match name {
            name if name.ends_with('y') => match name.chars().rev().nth(1) {
                Some('a' | 'e' | 'i' | 'o' | 'u') => format!("{name}s"),
                _ => format!("{}ies", &name[..name.len() - 1]),
            },
            name if ["s", "x", "ch", "sh"].iter().any(|end| name.ends_with(end)) => format!("{name}es"),
            name => format!("{name}s"),
        }
    }

    /// Returns the type of a field in an annotation.
    fn annotation(&self, field: &Field) -> String {
        match &field.kind {
            FieldKind::Enum(id) => self.schema.enumeration(*id).name.clone(),
            _ => match field.scalar() {
                Some(ScalarType::Int | ScalarType::BigInt) => "integer",
                Some(ScalarType::Float) => "number",
                Some(ScalarType::Decimal) => "string|number",
                Some(ScalarType::Boolean) => "boolean",
                Some(ScalarType::Json) => "any",
                _ => "string",
            }
            .to_owned(),
        }
    }

    /// Returns the type of a field as `check.fields` has it; `all` tells that none may be left out.
    fn checked(field: &Field, all: bool) -> String {
        let kind = match field.scalar() {
            Some(ScalarType::Int | ScalarType::BigInt) => "integer",
            Some(ScalarType::Float | ScalarType::Decimal) => "number",
            Some(ScalarType::Boolean) => "boolean",
            Some(ScalarType::Json) => "any",
            _ => "string",
        };
        let optional = all || may_be_left_out(field);
        format!("{kind}{}", if optional { "?" } else { "" })
    }

    /// Returns a value of a field, in Lua.
    fn sample(&self, field: &Field, number: i32) -> String {
        match &field.kind {
            FieldKind::Enum(id) => {
                let first = self.schema.enumeration(*id).values.first();
                format!("'{}'", first.map(|value| value.name.as_str()).unwrap_or_default())
            }
            _ => match field.scalar() {
                Some(ScalarType::Int | ScalarType::BigInt) => number.to_string(),
                Some(ScalarType::Float | ScalarType::Decimal) => format!("{number}.5"),
                Some(ScalarType::Boolean) => (number == 1).to_string(),
                Some(ScalarType::Json) => format!("{{ number = {number} }}"),
                Some(ScalarType::DateTime) => format!("'2026-01-0{number}T00:00:00.000Z'"),
                _ => format!("'{} {number}'", field.name),
            },
        }
    }

    /// Returns `createdAt = time.now(),` and the like, for the stamps that a new or a changed record needs.
    fn stamps(&self, is_new: bool) -> Vec<String> {
        let wanted: &[&str] = if is_new { &["createdAt", "updatedAt"] } else { &["updatedAt"] };
        let mut stamps = Vec::new();
        for field in self.model.scalars().map(|(_, field)| field).filter(|field| wanted.contains(&field.name.as_str()))
        {
            if field.updated_at || is_new && may_be_left_out(field) {
                continue;
            }
            match field.scalar() {
                Some(ScalarType::BigInt) => stamps.push(format!("{} = time.now(),", field.name)),
                Some(ScalarType::DateTime) => stamps.push(format!("{} = time.iso(),", field.name)),
                _ => {}
            }
        }
        stamps
    }

    /// Returns the lines that require modules. To an editor that sees many packages, a cast says whose `existing` is meant.
    fn heads(&self, modules: &[(&str, bool)]) -> String {
        let line = |name: &str| match name {
            "existing" => format!("local existing = require('existing') --[[@as {}.existing]]\n", self.package),
            name => format!("local {name} = require('{name}')\n"),
        };
        modules.iter().filter(|(_, used)| *used).map(|(name, _)| line(name)).collect()
    }

    fn existing(&self) -> String {
        let (name, word, db, id, package) = (&self.model.name, self.word(), self.db(), &self.id.name, self.package);
        let kind = self.annotation(self.id);
        let tenant = if self.has_tenant { ", tenantId = ctx.bound" } else { "" };
        let heads = self.heads(&[("check", true), ("ctx", self.has_tenant), ("db", true)]);
        format!(
            "--- Records that must be there, and that the caller may reach.
{heads}
---@class {package}.existing
local M = {{}}

--- Returns a record; raises `not_found` where there is none.
---@param {word}Id {kind}
---@return {name}
function M.{word}({word}Id)
  local where = {{ {id} = {word}Id{tenant} }}
  return check.found({db}.findFirst({{ where = where }}), '{word}', {word}Id)
end

return M
"
        )
    }

    /// Returns the lines of a table for `check.fields`, and of the data that it leads to.
    fn create(&self) -> String {
        let (name, word, db, package) = (&self.model.name, self.word(), self.db(), self.package);
        let stamps = self.stamps(true);
        let heads = self.heads(&[("check", true), ("db", true), ("time", !stamps.is_empty())]);
        let fields: String = self
            .given
            .iter()
            .map(|field| {
                let mark = if may_be_left_out(field) { "?" } else { "" };
                format!("---@field {}{mark} {}\n", field.name, self.annotation(field))
            })
            .collect();
        let checks: String = self
            .given
            .iter()
            .map(|field| format!("    {} = '{}',\n", field.name, Self::checked(field, false)))
            .collect();
        let mut data: Vec<String> = Vec::new();
        if self.has_tenant {
            data.push("tenantId = tenantId,".into());
        }
        data.extend(self.given.iter().map(|field| format!("{0} = values.{0},", field.name)));
        data.extend(stamps);
        let data: String = data.iter().map(|line| format!("      {line}\n")).collect();
        let (tenant_doc, tenant, tenant_check) = match self.has_tenant {
            true => ("---@param tenantId string\n", "tenantId, ", "  check.tenant(tenantId, 'tenantId')\n"),
            false => ("", "", ""),
        };
        format!(
            "--- Making what there is to keep.
{heads}
local M = {{}}

---@class {package}.New{name}
{fields}
--- Makes a record.
{tenant_doc}---@param {word} {package}.New{name}
---@return {name}
function M.create{name}({tenant}{word})
{tenant_check}  local values = check.fields({word}, '{word}', {{
{checks}  }})
  return {db}.create({{
    data = {{
{data}    }},
  }})
end

return M
"
        )
    }

    fn read(&self) -> String {
        let (name, word, db, id) = (&self.model.name, self.word(), self.db(), &self.id.name);
        let (kind, check) = (self.annotation(self.id), self.check_id());
        let tenant = if self.has_tenant { ", tenantId = ctx.bound" } else { "" };
        let heads = self.heads(&[("check", true), ("ctx", self.has_tenant), ("db", true)]);
        format!(
            "--- Reading one record.
{heads}
local M = {{}}

--- Returns a record; nil where there is none.
---@param {word}Id {kind}
---@return {name}?
function M.get{name}({word}Id)
{check}  return {db}.findFirst({{ where = {{ {id} = {word}Id{tenant} }} }})
end

return M
"
        )
    }

    fn check_id(&self) -> String {
        let word = self.word();
        match self.id.scalar() {
            Some(ScalarType::Int | ScalarType::BigInt) => format!("  check.integer({word}Id, '{word}Id')\n"),
            _ => format!("  check.id({word}Id, '{word}Id')\n"),
        }
    }

    fn update(&self) -> String {
        let (name, word, db, id, package) = (&self.model.name, self.word(), self.db(), &self.id.name, self.package);
        let (kind, check) = (self.annotation(self.id), self.check_id());
        let stamps = self.stamps(false);
        let heads = self.heads(&[("check", true), ("db", true), ("existing", true), ("time", !stamps.is_empty())]);
        let changed: Vec<&&Field> = self.given.iter().filter(|field| field.name != self.id.name).collect();
        let fields: String =
            changed.iter().map(|field| format!("---@field {}? {}\n", field.name, self.annotation(field))).collect();
        let checks: String =
            changed.iter().map(|field| format!("    {} = '{}',\n", field.name, Self::checked(field, true))).collect();
        let stamps: String = stamps.iter().map(|stamp| format!("  values.{}\n", stamp.trim_end_matches(','))).collect();
        format!(
            "--- Changing what is there.
{heads}
local M = {{}}

---@class {package}.{name}Changes
{fields}
--- Changes what is given, and returns the record.
---@param {word}Id {kind}
---@param changes {package}.{name}Changes
---@return {name}
function M.update{name}({word}Id, changes)
{check}  local values = check.fields(changes, 'changes', {{
{checks}  }})
{stamps}  return db.transaction(function()
    local record = existing.{word}({word}Id)
    return {db}.update({{ where = {{ {id} = record.{id} }}, data = values }})
  end)
end

return M
"
        )
    }

    fn delete(&self) -> String {
        let (name, word, db, id) = (&self.model.name, self.word(), self.db(), &self.id.name);
        let (kind, check) = (self.annotation(self.id), self.check_id());
        let heads = self.heads(&[("check", true), ("db", true), ("existing", true)]);
        format!(
            "--- Deleting what is there.
{heads}
local M = {{}}

--- Deletes a record, and returns what it was.
---@param {word}Id {kind}
---@return {name}
function M.delete{name}({word}Id)
{check}  return db.transaction(function()
    local record = existing.{word}({word}Id)
    return {db}.delete({{ where = {{ {id} = record.{id} }} }})
  end)
end

return M
"
        )
    }

    fn queries(&self) -> String {
        let (name, db, package) = (&self.model.name, self.db(), self.package);
        let plural = self.plural();
        let heads = self.heads(&[("check", true), ("db", true)]);
        let order = match self.model.field_named("createdAt") {
            Some(_) => format!("{{ {{ createdAt = 'desc' }}, {{ {} = 'desc' }} }}", self.id.name),
            None => format!("{{ {} = 'asc' }}", self.id.name),
        };
        let (tenant_doc, tenant, tenant_check, filter) = match self.has_tenant {
            true => (
                "---@param tenantId string\n",
                "tenantId, ",
                "  check.tenant(tenantId, 'tenantId')\n",
                "    where = { tenantId = tenantId },\n",
            ),
            false => ("", "", "", ""),
        };
        format!(
            "--- Lists.
{heads}
---@class {package}.db.queries
local M = {{}}

---@class {package}.Page
---@field take? integer at most 200, 50 if left out
---@field skip? integer

--- Lists records, the newest first.
{tenant_doc}---@param page? {package}.Page
---@return {name}[]
function M.list{plural}({tenant}page)
{tenant_check}  local limits = check.fields(page, 'page', {{ take = 'integer?', skip = 'integer?' }})
  return {db}.findMany({{
{filter}    orderBy = {order},
    take = math.min(math.max(limits.take or 50, 0), 200),
    skip = math.max(limits.skip or 0, 0),
  }})
end

return M
"
        )
    }

    /// Returns the field that a list shows.
    fn shown(&self) -> &Field {
        let texts = self.given.iter().filter(|field| field.scalar() == Some(ScalarType::String));
        let named = texts.clone().find(|field| matches!(field.name.as_str(), "title" | "name"));
        named.or(texts.clone().next()).copied().unwrap_or(self.id)
    }

    fn page(&self) -> String {
        let (name, word, package) = (&self.model.name, self.word(), self.package);
        let (plural, id) = (self.plural(), &self.id.name);
        let shown = &self.shown().name;
        let (props, argument) = match self.has_tenant {
            true => (format!("---@class {package}.{name}PageProps\n---@field tenantId string\n\n"), "props.tenantId"),
            false => (format!("---@class {package}.{name}PageProps\n\n"), ""),
        };
        let parameter = if self.has_tenant { "props" } else { "_" };
        format!(
            "--- {name}Page: all of them, the newest first.
local queries = require('db.queries') --[[@as {package}.db.queries]]
local ui = require('ui')

local M = {{}}

{props}--- Renders the page from `list{plural}`.
---@param {parameter} {package}.{name}PageProps
---@return ui.Node
function M.render({parameter})
  local items = {{}}
  for _, {word} in ipairs(queries.list{plural}({argument})) do
    items[#items + 1] = ui.ListItem({{ key = {word}.{id}, ui.Text(tostring({word}.{shown})) }})
  end
  return ui.Container({{
    ui.Heading({{ level = 1, '{}' }}),
    ui.List(items),
  }})
end

return M
",
            title(&snake(&plural))
        )
    }

    fn spec(&self) -> String {
        let (name, package, id) = (&self.model.name, self.package, &self.id.name);
        let plural = self.plural();
        let page = snake(&format!("{name}Page"));
        let samples = |number: i32| -> String {
            self.given.iter().map(|field| format!("    {} = {},\n", field.name, self.sample(field, number))).collect()
        };
        let tenant = if self.has_tenant { "'acme', " } else { "" };
        let list = if self.has_tenant { "'acme'" } else { "" };
        let rendered = if self.has_tenant { "{ tenantId = 'acme' }" } else { "{}" };
        let shown = self.shown();
        let changed = self
            .given
            .iter()
            .find(|field| field.name != self.id.name && field.scalar() != Some(ScalarType::Json))
            .map(|field| {
                let value = self.sample(field, 2);
                format!(
                    "
  it('changes what is given', function()
    local record = make()
    local changed = operations.update{name}(record.{id}, {{ {0} = {value} }})

    expect(changed.{id}).toBe(record.{id})
    expect(operations.get{name}(record.{id})).toMatchObject({{ {0} = {value} }})
  end)
",
                    field.name
                )
            })
            .unwrap_or_default();
        let missing = match self.id.scalar() {
            Some(ScalarType::Int | ScalarType::BigInt) => "-1",
            _ => "'nowhere'",
        };
        let second = samples(2);
        format!(
            "local operations = require('{package}')
local page = require('ui.{page}')
local ui = require('ui')

local function make()
  return operations.create{name}({tenant}{{
{}  }})
end

describe('{package}', function()
  it('makes a record and finds it', function()
    local record = make()

    expect(operations.get{name}(record.{id})).toEqual(record)
  end)

  it('lists all of them', function()
    local one = make()
    operations.create{name}({tenant}{{
{}    }})

    expect(operations.list{plural}({list})).toHaveLength(2)
    expect(ui.textOf(page.render({rendered}))).toContain(tostring(one.{}))
  end)
{changed}
  it('deletes, and says what is not there', function()
    local record = make()
    operations.delete{name}(record.{id})

    expect(operations.get{name}(record.{id})).toBeNil()
    expect(function()
      operations.delete{name}({missing})
    end).toThrow({{ code = 'not_found' }})
  end)
end)
",
            samples(1),
            second.lines().map(|line| format!("  {line}\n")).collect::<String>(),
            shown.name
        )
    }
}

/// Tells whether a new record may do without the field.
fn may_be_left_out(field: &Field) -> bool {
    let default = field.default.as_ref().is_some_and(|default| !matches!(default, DefaultValue::DbGenerated(None)));
    field.is_optional() || default || field.updated_at
}
