--- lsqlite3, with prepared statements that are kept.
local sqlite3 = require('lsqlite3')
local database = assert(sqlite3.open(arg[1]))
local statements = {}

local function prepared(sql, ...)
  local statement = statements[sql]
  if not statement then
    statement = database:prepare(sql) or error(database:errmsg())
    statements[sql] = statement
  end
  statement:bind_values(...)
  return statement
end

local function rows(sql, ...)
  local statement = prepared(sql, ...)
  local list = {}
  for row in statement:nrows() do
    list[#list + 1] = row
  end
  statement:reset()
  return list
end

local here = arg[0]:match('^(.*)/') or '.'
dofile(here .. '/workloads.lua')(rows, function(sql, ...)
  local statement = prepared(sql, ...)
  local code = statement:step()
  assert(code == sqlite3.DONE or code == sqlite3.ROW, database:errmsg())
  statement:reset()
end)
