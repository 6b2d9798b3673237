--- What is attacked.
local db = require('db')
local json = require('json')

local secret = 'the-secret-of-the-victim'

local M = {}

M.config = { limit = 10, names = { 'one', 'two' } }

function M.add(name)
  return db.item.create({ data = { name = name } })
end

function M.count()
  return db.item.count()
end

function M.apply(f, ...)
  return f(...)
end

function M.inside(f)
  return db.transaction(function()
    db.item.create({ data = { name = 'inside' } })
    return f()
  end)
end

function M.locked()
  return setmetatable({ open = 1 }, { __index = { shown = 2 }, __metatable = false, secret = secret })
end

function M.fail()
  error({ code = 'victim', message = 'refused' })
end

function M.checks(word)
  return word == secret
end

--- Says what of the package's world has changed.
function M.probe()
  local wrong = {}
  local function check(name, sound)
    if not sound then
      wrong[#wrong + 1] = name
    end
  end
  check('string methods', ('x'):upper() == 'X' and ('%d'):format(5) == '5' and ('a,b'):find(',', 1, true) == 2)
  check('string library', string.rep('a', 3) == 'aaa' and string.hacked == nil and ('').hacked == nil)
  check('table library', table.concat({ 1, 2 }, '-') == '1-2' and select('#', table.unpack({ 1, 2 })) == 2)
  check('math library', math.floor(1.5) == 1 and math.type(1) == 'integer')
  check('base functions', tostring(1) == '1' and tonumber('2') == 2 and type({}) == 'table' and not pcall(error))
  check('json', json.encode({ 1, a = nil }) == '[1]' and json.decode('{"a":1}').a == 1 and json.hacked == nil)
  check('global json', _G.json == json)
  check('globals', rawget(_G, 'hacked') == nil and getmetatable(_G) == nil)
  check('db', type(db.item.create) == 'function' and rawequal(db.null, json.null) and tostring(db) == 'db')
  check('face', M.config.limit == 10 and #M.config.names == 2 and M.config.names[1] == 'one')
  check('database', db.item.findFirst({ where = { name = 'seed' } }).name == 'seed')
  check('coroutines', coroutine.wrap(function()
    coroutine.yield(1)
  end)() == 1)
  check('transaction', db.transaction(function()
    return db.item.count()
  end) == db.item.count())
  check('metatables', getmetatable(setmetatable({}, { __index = 1 })).__index == 1)
  return #wrong == 0 and 'sound' or 'changed: ' .. table.concat(wrong, ', ')
end

return M
