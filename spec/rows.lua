--- Results of every type, and what takes memory beside them.
local db = require('db')
local json = require('json')

local M = {}

local function thing(i)
  return {
    text = 'a text with \0 and \u{e9}, number ' .. i,
    number = i,
    big = math.maxinteger - i,
    float = i / 7,
    flag = i % 2 == 0,
    decimal = '12.5',
    at = '2026-01-31T09:30:00.250Z',
    json = { list = { 1, 2.5, 'three', true, db.null, {} }, object = { key = { key = 'v' .. i } } },
    bytes = ('\0\255' .. i):rep(4),
    color = i % 3 == 0 and 'red' or 'green',
    note = i % 4 == 0 and 'note ' .. i or db.null,
    extra = i % 5 == 0 and { i } or db.dbNull,
  }
end

function M.seed()
  db.transaction(function()
    db.thing.deleteMany({ where = db.all })
    for i = 1, 40 do
      local row = thing(i)
      row.id = i
      row.parentId = i > 4 and i // 4 or db.null
      db.thing.create({ data = row })
    end
  end, { timeoutMs = 600000 })
end

--- Takes so many bytes.
local function ballast(bytes)
  local list = {}
  for i = 1, bytes // 1024 do
    list[i] = ('%010d'):format(i):rep(100)
  end
  list[#list + 1] = ('x'):rep(bytes % 1024)
  return list
end

--- Calls a function while so many bytes are taken; nil when they are not to be had.
function M.beside(bytes, name)
  collectgarbage()
  local taken, list = pcall(ballast, bytes)
  if not taken then
    return nil
  end
  local ok, result = pcall(M[name])
  list = #list
  if not ok then
    error(result, 0)
  end
  return result
end

function M.nothing()
  return true
end

function M.rows()
  local rows = db.thing.findMany({ orderBy = { id = 'asc' } })
  assert(rows[40].json.object.key.key == 'v40' and #rows[1].json.list == 6)
  return #rows
end

function M.tree()
  local rows = db.thing.findMany({
    orderBy = { id = 'asc' },
    include = { parent = true, children = { include = { children = true, _count = true } } },
  })
  return { #rows, #rows[1].children, #rows[1].children[1].children }
end

function M.first()
  return db.thing.findFirst({ where = { number = { gt = 20 } }, orderBy = { id = 'asc' } }).json.object.key.key
end

--- Runs `body` in a transaction and takes it back.
local function undone(body)
  local result
  local ok, message = pcall(db.transaction, function()
    result = body()
    error('undo', 0)
  end, { timeoutMs = 600000 })
  assert(not ok)
  if message ~= 'undo' then
    error(message, 0)
  end
  return result
end

function M.created()
  return undone(function()
    return db.thing.create({ data = thing(50), include = { children = true } }).text
  end)
end

function M.changed()
  return undone(function()
    return #db.thing.updateManyAndReturn({ where = { number = { lt = 30 } }, data = { note = 'changed' } })
  end)
end

function M.grouped()
  return #db.thing.groupBy({ by = { 'number', 'color' }, _count = { _all = true }, _max = { text = true }, orderBy = { number = 'asc' } })
end

-- Text without bytes that are no UTF-8.
local things = {}
for i = 1, 20 do
  things[i] = thing(i)
  things[i].bytes = nil
  things[i].extra = nil
end
local text = json.encode({ rows = things })

function M.decoded()
  return #json.decode(text).rows
end

local value = json.decode(text)

function M.encoded()
  return #json.encode(value)
end

return M
