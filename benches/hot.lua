--- The workloads of the benchmark, as a package's author would write them.
local db = require('db')

local M = {}

local actions = { 'create', 'update', 'delete', 'login', 'logout' }

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

return M
