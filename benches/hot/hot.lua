--- The workloads of the benchmark, as a package's author would write them.
local db = require('db')
local time = require('time')

local M = {}

local actions = { 'create', 'update', 'delete', 'login', 'logout' }

local function seedDocuments()
  local rows = {}
  for i = 1, 2000 do
    rows[i] = {
      shelf = i % 10,
      title = 'document ' .. i,
      note = i % 3 == 0 and 'a note' or nil,
      size = i * 1000003,
      score = i / 7,
      isPublic = i % 2 == 0,
      createdAt = time.iso(1700000000000 + i * 60000),
      updatedAt = i % 2 == 0 and time.iso(1710000000000 + i * 60000) or nil,
      body = {
        title = 'document ' .. i,
        tags = { 'red', 'green', 'blue' },
        size = { width = i, height = i * 2 },
        ratio = i / 3,
        draft = false,
      },
      extra = i % 4 == 0 and { seen = i } or nil,
      hash = string.char(i % 256, i // 256, 0, 255):rep(8),
    }
  end
  db.document.createMany({ data = rows })
end

local function seedRegions()
  local regions, shops, orders, lines = {}, {}, {}, {}
  for region = 1, 20 do
    regions[region] = { id = region, name = 'region ' .. region }
    for _ = 1, 5 do
      local shop = #shops + 1
      shops[shop] = { id = shop, regionId = region, name = 'shop ' .. shop }
      for _ = 1, 5 do
        local order = #orders + 1
        orders[order] = { id = order, shopId = shop, number = 'order ' .. order }
        for _ = 1, 4 do
          local line = #lines + 1
          lines[line] = { id = line, orderId = order, product = 'product ' .. line % 40, count = line % 9 }
        end
      end
    end
  end
  db.region.createMany({ data = regions })
  db.shop.createMany({ data = shops })
  db.order.createMany({ data = orders })
  db.line.createMany({ data = lines })
end

--- Fills an empty database: `count` rows of the audit log, and what the other models need.
function M.seed(count)
  db.transaction(function()
    local rows = {}
    for i = 0, count - 1 do
      rows[#rows + 1] = {
        id = 'log-' .. i,
        tenantId = 'tenant-' .. (i % 50),
        userId = 'user-' .. (i % 100),
        username = 'name ' .. (i % 100),
        action = actions[i // 50 % 5 + 1],
        entity = 'ForumPost',
        entityId = 'post-' .. i,
        newValue = '{"title":"Hello","likes":' .. i .. '}',
        ipAddress = '10.0.0.' .. (i % 250),
        timestamp = 1700000000000 + i * 1000,
      }
      if #rows == 1000 then
        db.auditLog.createMany({ data = rows })
        rows = {}
      end
    end
    for i = 1, 500 do
      local posts = {}
      for j = 1, 10 do
        posts[j] = { content = 'post ' .. j .. ' of a thread, which says something or other' }
      end
      db.thread.create({ data = { title = 'thread ' .. i, categoryId = i % 10, posts = { create = posts } } })
    end
    seedDocuments()
    seedRegions()
  end, { timeoutMs = 600000 })
end

function M.W1(count)
  for i = 0, count - 1 do
    db.auditLog.findMany({
      where = { tenantId = 'tenant-' .. (i % 50), action = actions[i % 5 + 1] },
      orderBy = { timestamp = 'desc' },
      take = 50,
    })
  end
end

function M.W2(count)
  for i = 0, count - 1 do
    db.auditLog.findUnique({ where = { id = 'log-' .. (i * 7919 % 100000) } })
  end
end

local function create(i)
  return db.auditLog.create({
    data = {
      tenantId = 'tenant-new',
      userId = 'user-1',
      username = 'ann',
      action = 'create',
      entity = 'ForumPost',
      entityId = 'post-' .. i,
      newValue = '{"title":"Hello"}',
      ipAddress = '10.0.0.1',
      timestamp = 1700000000000 + i,
    },
    select = { id = true },
  })
end

local function clean()
  db.auditLog.deleteMany({ where = { tenantId = 'tenant-new' } })
end

function M.W3(count)
  for i = 0, count - 1 do
    create(i)
  end
  clean()
end

function M.W3b(count)
  db.transaction(function()
    for i = 0, count - 1 do
      create(i)
    end
  end, { timeoutMs = 600000 })
  clean()
end

function M.W4(count)
  local rows = {}
  for i = 1, count do
    rows[i] = {
      tenantId = 'tenant-new',
      userId = 'user-1',
      username = 'ann',
      action = 'create',
      entity = 'ForumPost',
      entityId = 'post-' .. i,
      newValue = '{"title":"Hello"}',
      ipAddress = '10.0.0.1',
      timestamp = 1700000000000 + i,
    }
  end
  db.auditLog.createMany({ data = rows })
  clean()
end

function M.W5(count)
  db.transaction(function()
    for i = 0, count - 1 do
      db.auditLog.update({ where = { id = 'log-' .. (i * 7919 % 100000) }, data = { details = 'seen' } })
    end
  end, { timeoutMs = 600000 })
end

function M.W6(count)
  for i = 0, count - 1 do
    db.auditLog.count({ where = { tenantId = 'tenant-' .. (i % 50), action = actions[i % 5 + 1] } })
  end
end

function M.W7(count)
  for _ = 1, count do
    db.auditLog.findMany({ orderBy = { id = 'asc' }, take = 10000 })
  end
end

function M.W8(count)
  for i = 0, count - 1 do
    db.thread.findMany({ where = { categoryId = i % 10 }, orderBy = { id = 'asc' }, take = 50, include = { posts = true } })
  end
end

--- Rows with Json, DateTime and Bytes.
function M.wide(count)
  for i = 0, count - 1 do
    db.document.findMany({ where = { shelf = i % 10 }, orderBy = { id = 'asc' } })
  end
end

--- Relations three deep: four statements.
function M.deep(count)
  for _ = 1, count do
    db.region.findMany({
      orderBy = { id = 'asc' },
      include = { shops = { include = { orders = { include = { lines = true } } } } },
    })
  end
end

--- A thread with 20 posts in one call, in a transaction.
function M.nested(count)
  db.transaction(function()
    for i = 0, count - 1 do
      local posts = {}
      for j = 1, 20 do
        posts[j] = { content = 'post ' .. j }
      end
      db.thread.create({ data = { title = 'thread ' .. i, categoryId = 99, posts = { create = posts } } })
    end
  end, { timeoutMs = 600000 })
  db.post.deleteMany({ where = { thread = { categoryId = 99 } } })
  db.thread.deleteMany({ where = { categoryId = 99 } })
end

--- Some 40 rows a call, in a transaction.
function M.updateMany(count)
  db.transaction(function()
    for i = 0, count - 1 do
      local from = 1700000000000 + i % 50 * 2000000
      db.auditLog.updateMany({
        where = { tenantId = 'tenant-' .. (i % 50), timestamp = { gte = from, lt = from + 2000000 } },
        data = { userAgent = 'agent ' .. i },
      })
    end
  end, { timeoutMs = 600000 })
end

function M.groupBy(count)
  for i = 0, count - 1 do
    db.auditLog.groupBy({
      by = { 'action' },
      where = { tenantId = 'tenant-' .. (i % 50) },
      orderBy = { action = 'asc' },
      _count = { _all = true },
      _max = { timestamp = true },
    })
  end
end

--- The first 500 insert, the others update, in a transaction.
function M.upsert(count)
  db.transaction(function()
    for i = 0, count - 1 do
      local name = 'counter-' .. (i % 500)
      db.counter.upsert({
        where = { name = name },
        create = { name = name, value = 1 },
        update = { value = { increment = 1 } },
      })
    end
  end, { timeoutMs = 600000 })
  db.counter.deleteMany({ where = db.all })
end

-- What the rows of M.shapes are asked for besides their id: the bits of a number choose.
local conditions = {
  { 'tenantId', function(i) return 'tenant-' .. (i % 50) end },
  { 'userId', function(i) return 'user-' .. (i % 100) end },
  { 'username', function(i) return 'name ' .. (i % 100) end },
  { 'action', function(i) return actions[i // 50 % 5 + 1] end },
  { 'entity', function() return 'ForumPost' end },
  { 'entityId', function(i) return 'post-' .. i end },
  { 'newValue', function(i) return '{"title":"Hello","likes":' .. i .. '}' end },
  { 'ipAddress', function(i) return '10.0.0.' .. (i % 250) end },
  { 'timestamp', function(i) return 1700000000000 + i * 1000 end },
  { 'oldValue', function() return db.null end },
}
local shapes

--- A thousand shapes in turn, each a findFirst by id and some other fields.
function M.shapes(count)
  if not shapes then
    shapes = {}
    for number = 0, 999 do
      local where = { id = 'log-' .. number }
      for bit, condition in ipairs(conditions) do
        if number >> (bit - 1) & 1 == 1 then
          where[condition[1]] = condition[2](number)
        end
      end
      shapes[number] = { where = where }
    end
  end
  for i = 0, count - 1 do
    db.auditLog.findFirst(shapes[i % 1000])
  end
end

--- Looks at the rows of W7 and keeps none.
function M.touch()
  db.auditLog.aggregate({
    orderBy = { id = 'asc' },
    take = 10000,
    _max = { tenantId = true, userId = true, newValue = true, ipAddress = true, userAgent = true, timestamp = true },
  })
end

--- Reads pages of 1,000 rows that follow `last`, and returns the last id of them.
function M.pages(last, count)
  for _ = 1, count do
    local page = db.auditLog.findMany({
      cursor = last and { id = last },
      skip = last and 1,
      orderBy = { id = 'asc' },
      take = 1000,
    })
    assert(#page == 1000)
    last = page[1000].id
  end
  return last
end

--- Adds a row; M.clean takes what was added away.
function M.add(i)
  create(i)
end

M.clean = clean

return M
