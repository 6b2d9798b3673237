--- The workloads over anything that answers rows: `rows(sql, ...)` returns a list of tables, `execute(sql, ...)` returns nothing.
return function(rows, execute)
  local M = {}

  local actions = { 'create', 'update', 'delete', 'login', 'logout' }
  local columns = '"id","tenantId","userId","username","action","entity","entityId","oldValue","newValue",'
    .. '"ipAddress","userAgent","details","timestamp"'

  execute('PRAGMA busy_timeout = 5000')
  execute('PRAGMA synchronous = FULL')
  execute('PRAGMA cache_size = -65536')
  execute('PRAGMA mmap_size = 268435456')
  execute('PRAGMA temp_store = MEMORY')
  execute('PRAGMA foreign_keys = ON')

  function M.W1(count)
    local sql = 'SELECT ' .. columns .. ' FROM "AuditLog" WHERE "tenantId" = ? AND "action" = ? ORDER BY "timestamp" DESC LIMIT 50'
    for i = 0, count - 1 do
      rows(sql, 'tenant-' .. (i % 50), actions[i % 5 + 1])
    end
  end

  function M.W2(count)
    local sql = 'SELECT ' .. columns .. ' FROM "AuditLog" WHERE "id" = ?'
    for i = 0, count - 1 do
      rows(sql, 'log-' .. (i * 7919 % 100000))
    end
  end

  function M.W3(count)
    local sql = 'INSERT INTO "AuditLog" ("id","tenantId","userId","username","action","entity","entityId","newValue","ipAddress","timestamp")'
      .. ' VALUES (?,?,?,?,?,?,?,?,?,?)'
    for i = 0, count - 1 do
      local id = ('c%016x%08x'):format(math.random(0), i)
      execute(sql, id, 'tenant-new', 'user-1', 'ann', 'create', 'ForumPost', 'post-' .. i, '{"title":"Hello"}', '10.0.0.1', 1700000000000 + i)
    end
    execute([[DELETE FROM "AuditLog" WHERE "tenantId" = 'tenant-new']])
  end

  function M.W5(count)
    local sql = 'UPDATE "AuditLog" SET "details" = ? WHERE "id" = ? RETURNING ' .. columns
    execute('BEGIN IMMEDIATE')
    for i = 0, count - 1 do
      rows(sql, 'seen', 'log-' .. (i * 7919 % 100000))
    end
    execute('COMMIT')
  end

  function M.W6(count)
    local sql = 'SELECT COUNT(*) AS "count" FROM "AuditLog" WHERE "tenantId" = ? AND "action" = ?'
    for i = 0, count - 1 do
      rows(sql, 'tenant-' .. (i % 50), actions[i % 5 + 1])
    end
  end

  function M.W7(count)
    for _ = 1, count do
      rows('SELECT ' .. columns .. ' FROM "AuditLog" ORDER BY "id" LIMIT 10000')
    end
  end

  function M.W8(count)
    for i = 0, count - 1 do
      local threads = rows('SELECT "id","title","categoryId" FROM "Thread" WHERE "categoryId" = ? ORDER BY "id" LIMIT 50', i % 10)
      local ids, places = {}, {}
      for place, thread in ipairs(threads) do
        ids[place] = thread.id
        places[thread.id] = thread
        thread.posts = {}
      end
      local marks = ('?,'):rep(#ids):sub(1, -2)
      local posts = rows('SELECT "id","threadId","content" FROM "Post" WHERE "threadId" IN (' .. marks .. ')', table.unpack(ids))
      for _, post in ipairs(posts) do
        local list = places[post.threadId].posts
        list[#list + 1] = post
      end
    end
  end

  for line in io.lines() do
    local name, count = line:match('^(%w+) (%d+)$')
    M[name](math.tointeger(count))
    print('done')
    io.flush()
  end
end
