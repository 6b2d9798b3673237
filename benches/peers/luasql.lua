--- LuaSQL, which has no parameters: values are part of the text.
local connection = assert(require('luasql.sqlite3').sqlite3():connect(arg[1]))

local function filled(sql, ...)
  local values, place = { ... }, 0
  return (sql:gsub('%?', function()
    place = place + 1
    local value = values[place]
    return type(value) == 'number' and tostring(value) or "'" .. connection:escape(value) .. "'"
  end))
end

local function execute(sql, ...)
  local result = assert(connection:execute(filled(sql, ...)))
  if type(result) == 'userdata' then
    result:close()
  end
end

local function rows(sql, ...)
  local cursor = assert(connection:execute(filled(sql, ...)))
  local list = {}
  local row = cursor:fetch({}, 'a')
  while row do
    list[#list + 1] = row
    row = cursor:fetch({}, 'a')
  end
  cursor:close()
  return list
end

local here = arg[0]:match('^(.*)/') or '.'
dofile(here .. '/workloads.lua')(rows, execute)
