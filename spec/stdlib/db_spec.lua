--- What is Lua's own about `db`.
local db = require('db')
local json = require('json')

--- Calls `f` and returns the error that it raises.
local function raised(f, ...)
  local ok, problem = pcall(f, ...)
  if ok then
    error('expected an error', 2)
  end
  return problem
end

local function titles(where)
  local list = {}
  for index, post in ipairs(db.post.findMany({ where = where, orderBy = { id = 'asc' } })) do
    list[index] = post.title
  end
  return list
end

local function count()
  return db.post.count()
end

describe('names', function()
  it('are models with a small first letter, and readable acronyms', function()
    db.cSSTheme.create({ data = { id = 'a', name = 'dark' } })
    expect(db.cssTheme.findUnique({ where = { id = 'a' } }).name).toBe('dark')
  end)

  it('of db win over those of models, and db.model reaches all', function()
    expect(type(db.transaction)).toBe('function')
    db.model('Transaction').create({ data = { amount = 1 } })
    expect(db.model('Transaction').count()).toBe(1)
  end)

  it('that are unknown raise, and name the nearest', function()
    expect(tostring(raised(function()
      return db.pst
    end))).toContain('did you mean `post`?')
    expect(tostring(raised(function()
      return db.Post
    end))).toContain('did you mean `post`?')
    local problem = raised(function()
      return db.post.findmany
    end)
    expect(problem.code).toBe('unknown_operation')
    expect(problem.message).toContain('did you mean `findMany`?')
    expect(tostring(raised(function()
      return db.post.fields.viewz
    end))).toContain('did you mean `views`?')
  end)

  it('cannot be changed', function()
    expect(raised(function()
      db.post = {}
    end).code).toBe('read_only')
    expect(raised(function()
      db.post.create = print
    end).code).toBe('read_only')
    expect(getmetatable(db)).toBe(false)
    expect(tostring(db.post)).toBe('db.post')
  end)

  it('are called with a dot', function()
    local problem = raised(function()
      db.post:create({ data = { title = 'a' } })
    end)
    expect(problem.code).toBe('colon_call')
    expect(problem.message).toContain('write `db.post.create{ ... }` with a dot')
    expect(raised(function()
      db:transaction(print)
    end).code).toBe('colon_call')
    expect(count()).toBe(0)
  end)
end)

describe('values', function()
  it('come back as they went in', function()
    local written = {
      title = 'a\0b é',
      size = math.maxinteger,
      score = 1.5,
      isPinned = true,
      meta = { list = json.array(), object = {}, deep = { 1, 'x', false, json.null } },
      bytes = '\0\255',
      price = '1.50',
      createdAt = '2020-01-01T01:00:00+01:00',
    }
    local id = db.post.create({ data = written }).id
    local post = db.post.findUnique({ where = { id = id } })
    expect(post.title).toBe('a\0b é')
    expect(math.type(post.size)).toBe('integer')
    expect(post.size).toBe(math.maxinteger)
    expect(math.type(post.score)).toBe('float')
    expect(post.isPinned).toBe(true)
    expect(json.encode(post.meta)).toBe('{"deep":[1,"x",false,null],"list":[],"object":{}}')
    expect(post.bytes).toBe('\0\255')
    expect(post.price).toBe('1.5')
    expect(post.createdAt).toBe('2020-01-01T00:00:00.000Z')
  end)

  it('that are NULL are absent', function()
    local post = db.post.create({ data = { title = 'a', size = db.null } })
    expect(post.size).toBeNil()
    expect(rawget(post, 'size')).toBeNil()
    expect(#db.post.findMany({ where = { size = db.null } })).toBe(1)
    expect(db.post.findFirst({ where = { title = 'b' } })).toBeNil()
  end)

  it('may be floats without a fraction where integers are meant, and no others', function()
    expect(db.post.create({ data = { title = 'a', views = 3.0 } }).views).toBe(3)
    expect(raised(db.post.create, { data = { title = 'a', views = 3.5 } }).code).toBe('wrong_type')
    expect(raised(db.post.create, { data = { title = 'a', size = 2 ^ 63 } }).kind).toBe(
      'validation'
    )
  end)

  it('that are text are valid UTF-8', function()
    local problem = raised(db.post.create, { data = { title = '\255' } })
    expect(problem.kind).toBe('validation')
    expect(problem.message).toContain('title')
  end)

  it('are lists that know it, and fresh tables', function()
    local none = db.post.findMany()
    expect(#none).toBe(0)
    expect(json.encode(none)).toBe('[]')
    none[1] = 'mine'
    expect(#db.post.findMany()).toBe(0)
  end)
end)

describe('a nil that erased a key', function()
  local nothing

  before_each(function()
    db.post.createMany({ data = { { title = 'a' }, { title = 'b' } } })
  end)

  it('does not widen a deleteMany or an updateMany', function()
    for _, where in ipairs({
      { title = nothing },
      { AND = {} },
      { AND = { {} } },
      { NOT = {} },
    }) do
      expect(raised(db.post.deleteMany, { where = where }).code).toBe('empty_where')
      expect(raised(db.post.updateMany, { where = where, data = { views = 1 } }).code).toBe(
        'empty_where'
      )
    end
    expect(raised(db.post.deleteMany, { where = nothing }).code).toBe('empty_where')
    expect(raised(db.post.deleteMany).code).toBe('empty_where')
    expect(count()).toBe(2)
  end)

  it('is told apart from what JSON says', function()
    expect(db.post.deleteMany({ where = json.decode('{}') }).count).toBe(2)
  end)

  it('does not empty a scalar filter', function()
    expect(raised(db.post.findMany, { where = { title = { contains = nothing } } }).kind).toBe(
      'validation'
    )
  end)

  it('may stand in a read', function()
    expect(titles({ title = nothing })).toEqual({ 'a', 'b' })
  end)

  it('is said aloud with db.all', function()
    expect(db.post.updateMany({ where = db.all, data = { views = 2 } }).count).toBe(2)
    expect(db.post.deleteMany({ where = db.all }).count).toBe(2)
  end)
end)

describe('arguments', function()
  before_each(function()
    db.post.createMany({
      data = {
        { title = 'a', views = 1, likes = 1 },
        { title = 'b', views = 2 },
        { title = 'c', views = 3 },
      },
    })
  end)

  it('have spellings for Lua keywords', function()
    expect(titles({ title = { in_ = { 'a', 'c' } } })).toEqual({ 'a', 'c' })
    expect(titles({ title = { ['in'] = { 'a' } } })).toEqual({ 'a' })
    expect(titles({ title = { not_ = 'a' } })).toEqual({ 'b', 'c' })
  end)

  it('may name fields', function()
    expect(titles({ likes = { equals = db.post.fields.views } })).toEqual({ 'a' })
  end)

  it('that are an empty list find nothing', function()
    expect(titles({ title = { in_ = {} } })).toEqual({})
  end)

  it('cannot order by two keys of one table', function()
    local problem = raised(db.post.findMany, { orderBy = { isPinned = 'desc', views = 'asc' } })
    expect(problem.kind).toBe('validation')
    expect(problem.message).toContain('orderBy')
    expect(#db.post.findMany({ orderBy = { { isPinned = 'desc' }, { views = 'asc' } } })).toBe(3)
  end)

  it('are plain tables, and no metamethod runs', function()
    local ran = 0
    local spy = setmetatable({}, {
      __index = function()
        ran = ran + 1
      end,
      __pairs = function()
        ran = ran + 1
      end,
      __len = function()
        ran = ran + 1
      end,
    })
    expect(raised(db.post.findMany, spy).code).toBe('not_plain')
    local problem = raised(db.post.findMany, { where = { title = spy } })
    expect(problem.code).toBe('not_plain')
    expect(problem.message).toContain('where.title')
    expect(ran).toBe(0)
    expect(raised(db.post.findMany, { where = { title = 'a', 'b' } }).code).toBe('not_plain')
    expect(raised(db.post.findMany, { where = { OR = { [1] = {}, [3] = {} } } }).code).toBe(
      'not_plain'
    )
    expect(raised(db.post.findMany, { where = print }).kind).toBe('validation')
    expect(raised(db.post.findMany, 'a').kind).toBe('validation')
  end)

  it('that contain themselves or nest too deep are refused', function()
    local where = {}
    where.AND = where
    expect(raised(db.post.findMany, { where = where }).code).toBe('cycle')
    local deep = {}
    for _ = 1, 10000 do
      deep = { AND = deep }
    end
    expect(raised(db.post.findMany, { where = deep }).code).toBe('too_deep')
  end)
end)

describe('errors', function()
  it('are tables with a code and a message that names the place', function()
    db.writer.create({ data = { email = 'a' } })
    local problem = raised(function()
      db.writer.create({ data = { email = 'a' } })
    end)
    expect(problem.code).toBe('P2002')
    expect(problem.kind).toBe('known')
    expect(problem.model).toBe('Writer')
    expect(problem.operation).toBe('create')
    expect(type(problem.meta)).toBe('table')
    expect(tostring(problem)).toBe(problem.message)
    expect(problem.message).toMatch('db_spec%.lua:%d+: ')
    expect(problem.file).toMatch('db_spec%.lua$')
    expect(math.type(problem.line)).toBe('integer')
  end)

  it('name what is unknown', function()
    local problem = raised(db.post.findMany, { where = { titel = 'a' } })
    expect(problem.kind).toBe('validation')
    expect(problem.code).toBe('unknown_field')
    expect(problem.message).toContain('title')
  end)
end)

describe('a transaction', function()
  it('commits, and gives back what the function returned', function()
    local a, b = db.transaction(function(tx)
      tx.post.create({ data = { title = 'a' } })
      db.post.create({ data = { title = 'b' } })
      return 1, tx.post.count()
    end)
    expect(a).toBe(1)
    expect(b).toBe(2)
    expect(count()).toBe(2)
  end)

  it('rolls back when the function raises, and the error goes on', function()
    local marker = {}
    local problem = raised(db.transaction, function(tx)
      tx.post.create({ data = { title = 'a' } })
      error(marker)
    end)
    expect(problem).toBe(marker)
    expect(count()).toBe(0)
  end)

  it('inside a transaction is a savepoint', function()
    db.transaction(function(tx)
      tx.post.create({ data = { title = 'a' } })
      pcall(tx.transaction, function()
        db.post.create({ data = { title = 'b' } })
        error('no')
      end)
      tx.post.create({ data = { title = 'c' } })
    end)
    expect(titles()).toEqual({ 'a', 'c' })
  end)

  it('ends when its time is over', function()
    local problem = raised(db.transaction, function(tx)
      tx.post.create({ data = { title = 'a' } })
      local start = os.clock()
      while os.clock() - start < 0.03 do
      end
    end, { timeoutMs = 10 })
    expect(problem.code).toBe('P2028')
    expect(count()).toBe(0)
    db.post.create({ data = { title = 'later' } })
  end)

  it('cannot be yielded out of', function()
    local thread = coroutine.wrap(function()
      db.transaction(function(tx)
        tx.post.create({ data = { title = 'a' } })
        coroutine.yield()
      end)
    end)
    expect(tostring(raised(thread))).toContain('yielded')
    expect(count()).toBe(0)
  end)

  it('refuses a `tx` that is kept past its end', function()
    local kept, model
    db.transaction(function(tx)
      kept, model = tx, tx.post
    end)
    expect(raised(function()
      return kept.post
    end).code).toBe('transaction_ended')
    expect(raised(function()
      model.create({ data = { title = 'a' } })
    end).code).toBe('transaction_ended')
  end)

  it('checks its options', function()
    expect(tostring(raised(db.transaction, print, { timeout = 1 }))).toContain('timeoutMs')
    expect(raised(db.transaction, print, { timeoutMs = -1 }).code).toBe('wrong_type')
  end)
end)

describe('raw SQL', function()
  it('binds its parameters', function()
    db.post.create({ data = { title = "it's", views = 2 } })
    local rows =
      db.queryRaw('SELECT title, size FROM Post WHERE views = ? AND title = ?', 2, "it's")
    expect(#rows).toBe(1)
    expect(rows[1].title).toBe("it's")
    expect(rows[1].size).toBeNil()
    expect(db.executeRaw('UPDATE Post SET views = ?', 5)).toBe(1)
    expect(raised(db.queryRaw, 'SELECT ?', nil).kind).toBe('validation')
    expect(raised(db.queryRaw, 'SELECT ?', {}).kind).toBe('validation')
  end)
end)

it('the same table of arguments serves twice', function()
  local args = { where = { title = 'a' }, orderBy = { id = 'asc' } }
  db.post.findMany(args)
  db.post.create({ data = { title = 'a' } })
  expect(#db.post.findMany(args)).toBe(1)
end)

describe('explain', function()
  it('tells the statements of a function, with their plans', function()
    db.post.create({ data = { title = 'a' } })
    local told = db.explain(function()
      return db.post.findMany({ where = { title = 'a' } })
    end)
    expect(told.count).toBe(1)
    expect(#told.result).toBe(1)
    expect(told.statements[1].sql).toContain('SELECT')
    expect(told.statements[1].sql:find("'a'", 1, true)).toBeNil()
    expect(#told.statements[1].plan).toBeGreaterThan(0)
    expect(told.ms).toBeGreaterThanOrEqual(0)
  end)

  it('hands an error on, and leaves nothing recorded', function()
    expect(raised(db.explain, function()
      error({ code = 'own' })
    end).code).toBe('own')
    expect(raised(db.explain, 'x').code).toBe('wrong_type')
  end)
end)
