--- A script as callers see it, and what it may be told.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local list = require('list')

local M = {}

---@class code_editor.Parameter
---@field name string
---@field type string string, number, integer, boolean, table, array, object or any; a `?` behind it lets it be left out

---@class code_editor.Script
---@field id string
---@field tenantId string
---@field name string
---@field description? string
---@field code string
---@field parameters code_editor.Parameter[]
---@field isSandboxed boolean
---@field timeoutMs integer
---@field allowedGlobals string[]
---@field version integer
---@field createdBy? string
---@field createdAt integer milliseconds since the epoch
---@field updatedAt? integer milliseconds since the epoch

--- The fields that are JSON text in the database.
M.jsonFields = { 'parameters', 'allowedGlobals' }

local types = { 'string', 'number', 'integer', 'boolean', 'table', 'array', 'object', 'any' }

--- What a script sees when nobody says otherwise.
M.defaultGlobals = {
  'assert',
  'error',
  'ipairs',
  'math',
  'next',
  'pairs',
  'pcall',
  'print',
  'select',
  'string',
  'table',
  'tonumber',
  'tostring',
  'type',
  'utf8',
}

--- The longest that a script may run, in milliseconds.
M.mostMs = 60000

--- Decodes the JSON columns of a record in place.
---@param record LuaScript
---@return code_editor.Script
function M.decode(record)
  return json.decodeFields(record, M.jsonFields)
end

--- Returns the record of an id, where the caller may reach it; nil where there is none.
---@param scriptId string
---@return LuaScript?
function M.find(scriptId)
  return db.luaScript.findFirst({ where = { id = scriptId, tenantId = ctx.bound } })
end

--- Returns the record of an id; raises `not_found` where there is none.
---@param scriptId string
---@return LuaScript
function M.get(scriptId)
  return check.found(M.find(scriptId), 'script', scriptId)
end

--- Checks the parameters that a script declares; raises with every fault.
---@param parameters any
---@return code_editor.Parameter[]
function M.checkParameters(parameters)
  check.type(parameters, 'array', 'parameters')
  local result, problems, seen = json.array({}), {}, {}
  for index, parameter in ipairs(parameters) do
    local name = ('parameters[%d]'):format(index)
    local ok, fields = pcall(check.fields, parameter, name, { name = 'string', type = 'string' })
    if not ok then
      list.push(problems, (tostring(fields):gsub('^[^\n]-:%d+: ', '')))
    elseif not fields.name:find('^[%a_][%w_]*$') then
      list.push(problems, ('`%s.name` must be a name, found "%s"'):format(name, fields.name))
    elseif seen[fields.name] then
      list.push(problems, ('`%s.name` is there twice: "%s"'):format(name, fields.name))
    elseif not list.contains(types, (fields.type:gsub('%?$', ''))) then
      local message = '`%s.type` must be one of %s, found "%s"'
      list.push(problems, message:format(name, table.concat(types, ', '), fields.type))
    else
      seen[fields.name] = true
      list.push(result, fields)
    end
  end
  if #problems > 0 then
    error(check.fault('invalid_parameters', table.concat(problems, '\n')))
  end
  return result
end

--- Checks what a script is told against what it declares. A list goes by the order of the parameters,
--- anything else by their names. Raises `invalid_arguments` with every fault.
---@param script code_editor.Script
---@param args? any[]|table<string, any>
---@return table<string, any>
function M.checkArguments(script, args)
  args = check.type(args, 'table?', 'args') or {}
  local named, fields = {}, {}
  for index, parameter in ipairs(script.parameters) do
    fields[parameter.name] = parameter.type
    named[parameter.name] = args[index]
  end
  if #args > #script.parameters then
    local message = 'the script takes %d arguments, found %d'
    error(check.fault('invalid_arguments', message:format(#script.parameters, #args)))
  end
  ---@type boolean, any
  local ok, result = pcall(check.fields, #args > 0 and named or args, 'args', fields)
  if not ok then
    error(check.fault('invalid_arguments', (tostring(result):gsub('^[^\n]-:%d+: ', ''))))
  end
  return result
end

return M
