--- The database, as Prisma Client sees it.
---
---     local db = require('db')
---     local thread = db.forumThread.create({ data = { categoryId = id, title = 'hello' } })
---     local page = db.forumThread.findMany({
---       where = { categoryId = id, title = { contains = 'lua' } },
---       orderBy = { { isPinned = 'desc' }, { createdAt = 'desc' } },
---       take = 20,
---     })
---
--- A table cannot hold nil: NULL is written `db.null`, and `updateMany` and `deleteMany` of all rows `where = db.all`.
--- Errors are tables with `code`, `kind`, `model`, `operation`, `meta` and `message`.
local native = ...

---@class db
local M = {}

--- NULL, to write and to filter for; in a Json field what `null` means there. The same value as `json.null`.
M.null = native.null
--- NULL in the database, for a Json field.
M.dbNull = native.dbNull
--- The JSON value `null`, for a Json field.
M.jsonNull = native.jsonNull
--- Either of the two, in a filter of a Json field.
M.anyNull = native.anyNull
--- Every row, where updateMany and deleteMany ask for a `where`.
M.all = native.all

local function describe(value)
  return type(value) == 'string' and ('`%s`'):format(value) or ('a %s'):format(type(value))
end

local function nearest(near)
  return near and ('; did you mean `%s`?'):format(near) or ''
end

--- Makes a table that can be read only, and whose parts are made by `make` when they are asked for.
local function lazy(make, describeSelf)
  local parts = setmetatable({}, {
    __index = function(parts, key)
      local part = make(key)
      rawset(parts, key, part)
      return part
    end,
  })
  local metatable = {
    __index = parts,
    __newindex = function(_, key)
      native.refuse(
        'read_only',
        ('%s is read-only; %s was not set'):format(describeSelf, describe(key))
      )
    end,
    __tostring = function()
      return describeSelf
    end,
    __metatable = false,
  }
  return setmetatable({}, metatable), metatable
end

local function fieldsOf(number, accessor, model)
  local self = ('db.%s.fields'):format(accessor)
  return (
    lazy(function(name)
      local field, near
      if type(name) == 'string' then
        field, near = native.field(number, name)
      end
      if field == nil then
        local message = ('%s: %s has no scalar field %s%s'):format(
          self,
          model,
          describe(name),
          nearest(near)
        )
        native.refuse('unknown_field', message, model)
      end
      return field
    end, self)
  )
end

local function modelOf(number, accessor, model)
  local self = 'db.' .. accessor
  local proxy, metatable = lazy(function(name)
    if name == 'fields' then
      return fieldsOf(number, accessor, model)
    end
    local operation, near
    if type(name) == 'string' then
      operation, near = native.operation(number, name)
    end
    if operation == nil then
      local message = ('%s has no operation %s%s'):format(self, describe(name), nearest(near))
      native.refuse('unknown_operation', message, model)
    end
    return operation
  end, self)
  native.tag(metatable)
  return proxy
end

local byNumber = {}

local function findModel(name, exactly)
  local number, accessor, model
  if type(name) == 'string' then
    number, accessor, model = native.model(name, exactly)
  end
  if number == nil then
    -- Without a model the second result is the nearest name, and the third why there can be none.
    local message = model or ('db has no model %s%s'):format(describe(name), nearest(accessor))
    native.refuse('unknown_model', message)
  end
  byNumber[number] = byNumber[number] or modelOf(number, accessor, model)
  return byNumber[number]
end

--- Returns a model by its name in the schema: the way to one whose name `db` needs itself.
---@param name string such as `Transaction`
---@return any
function M.model(name)
  return findModel(name, true)
end

-- Runs `body` in a coroutine of its own, so that a yield out of it is seen.
local function runBody(body, tx)
  local thread = coroutine.create(body)
  local results = table.pack(coroutine.resume(thread, tx))
  if coroutine.status(thread) == 'suspended' then
    coroutine.close(thread)
    return {
      false,
      'db.transaction: the function yielded, and a transaction cannot wait; it was rolled back',
      n = 2,
    }
  elseif not results[1] then
    native.trace(thread, results[2])
  end
  return results
end

--- Makes what the function of a transaction gets: `db`, until the transaction ends.
local function handle(state, db)
  local function check()
    if state.ended then
      native.refuse(
        'transaction_ended',
        'this `tx` belongs to a transaction that has ended; use `db`'
      )
    end
  end
  local models = {}
  return setmetatable({}, {
    __index = function(_, name)
      check()
      local part = db[name]
      if type(part) ~= 'table' then
        return part
      elseif not models[part] then
        local metatable = {
          __index = function(_, operation)
            check()
            return part[operation]
          end,
          __newindex = function()
            native.refuse('read_only', 'tx is read-only')
          end,
          __metatable = false,
        }
        native.tag(metatable)
        models[part] = setmetatable({}, metatable)
      end
      return models[part]
    end,
    __newindex = function()
      native.refuse('read_only', 'tx is read-only')
    end,
    __tostring = function()
      return 'tx'
    end,
    __metatable = false,
  })
end

local proxy

--- Runs `body` in a transaction: commits when it returns, and gives back what it returned; rolls back when it raises, and
--- the error goes on. Inside, `db` and `tx` are the same. A transaction inside a transaction is a savepoint.
---@generic T
---@param body fun(tx: db): T
---@param options? { timeoutMs?: number } 5000 ms if left out
---@return T
function M.transaction(body, options)
  if body == proxy then
    native.refuse(
      'colon_call',
      'db.transaction: called with a colon; write `db.transaction(function(tx) ... end)` with a dot'
    )
  elseif type(body) ~= 'function' then
    native.refuse(
      'wrong_type',
      ('db.transaction: expected a function, found a %s'):format(type(body))
    )
  elseif options ~= nil and type(options) ~= 'table' then
    native.refuse(
      'wrong_type',
      ('db.transaction: expected a table of options, found a %s'):format(type(options))
    )
  end
  local timeoutMs = 5000
  for key, value in next, options or {} do
    if key ~= 'timeoutMs' then
      native.refuse(
        'unknown_option',
        ('db.transaction: unknown option %s; there is `timeoutMs`'):format(describe(key))
      )
    elseif type(value) ~= 'number' or not (value > 0) then
      native.refuse(
        'wrong_type',
        'db.transaction: `timeoutMs` must be a positive number of milliseconds'
      )
    end
    timeoutMs = value
  end

  local state = { ended = false }
  native.begin(timeoutMs)
  local results = runBody(body, handle(state, proxy))
  state.ended = true
  if results[1] then
    local committed, problem = pcall(native.commit)
    if committed then
      return table.unpack(results, 2, results.n)
    end
    results[2] = problem
  end
  -- What cannot be rolled back is gone already; the first error says more.
  pcall(native.rollback)
  error(results[2], 0)
end

---@class db.Explained
---@field statements { sql: string, ms: number, plan: string[] }[] what ran, in order; `plan` is SQLite's own
---@field count integer the number of statements
---@field ms number the time that the statements took
---@field result any what the function returned

--- Runs `body` and tells what it asked of the database: the SQL, SQLite's plan and the time of each statement.
--- An error of `body` goes on to the caller.
---@param body fun(): any
---@return db.Explained
function M.explain(body)
  if type(body) ~= 'function' then
    native.refuse('wrong_type', ('db.explain: expected a function, found a %s'):format(type(body)))
  end
  native.beginRecord()
  local results = table.pack(pcall(body))
  local statements = native.endRecord()
  if not results[1] then
    error(results[2], 0)
  end
  local ms = 0
  for _, statement in ipairs(statements) do
    ms = ms + statement.ms
  end
  return { statements = statements, count = #statements, ms = ms, result = results[2] }
end

if not native.beginRecord then
  M.explain = nil
end

if native.queryRaw then
  --- Runs one SQL statement that answers rows; `?` stands for a parameter. Only for packages with the capability `db.raw`.
  ---@param sql string
  ---@param ... string|number|boolean|userdata the parameters; `db.null` for NULL
  ---@return table[]
  M.queryRaw = native.queryRaw

  --- Runs one SQL statement that answers no rows, and returns how many it changed.
  ---@param sql string
  ---@param ... string|number|boolean|userdata
  ---@return integer
  M.executeRaw = native.executeRaw
end

local missing = {
  queryRaw = 'db.queryRaw is only there for a package with the capability `db.raw`; add it to `capabilities` in metadata.json',
  executeRaw = 'db.executeRaw is only there for a package with the capability `db.raw`; add it to `capabilities` in metadata.json',
}

proxy = lazy(function(name)
  if rawget(M, name) ~= nil then
    return M[name]
  elseif missing[name] then
    native.refuse('not_granted', missing[name])
  end
  return findModel(name, false)
end, 'db')

return proxy
