local db = require('db')
local json = require('json')
local list = require('list')
local tables = require('data_table')

local function schemaOf(fields, more)
  local schema = { name = 'thing', fields = fields }
  for key, value in pairs(more or {}) do
    schema[key] = value
  end
  return tables.createSchema('acme', schema)
end

-- Adds a record with one field called `x`. Returns its value, and the rules that it breaks.
local function judge(field, value)
  field.name = 'x'
  ---@type boolean, any
  local ok, result = pcall(tables.createRecord, schemaOf({ field }).id, { x = value })
  if ok then
    return result.data.x, ''
  end
  return nil, table.concat(list.pluck(result.faults, 'rule'), ' ')
end

describe('createRecord', function()
  it('keeps the data as a table', function()
    local schema =
      schemaOf({ { name = 'name', type = 'string' }, { name = 'tags', type = 'array' } })
    local record = tables.createRecord(schema.id, { name = 'A', tags = { 'x', 1 } })

    expect(record).toMatchObject({ tenantId = 'acme', schemaId = schema.id })
    expect(record.data).toEqual({ name = 'A', tags = { 'x', 1 } })
    expect(record.createdAt).toBeType('integer')
    expect(assert(db.dynamicData.findUnique({ where = { id = record.id } })).data).toBe(
      '{"name":"A","tags":["x",1]}'
    )
    expect(tables.getRecord(record.id)).toEqual(record)
  end)

  it('fills in defaults, and leaves out null', function()
    local schema = schemaOf({
      { name = 'state', type = 'enum', enum = { 'new', 'done' }, default = 'new' },
      { name = 'note', type = 'string', default = 'none' },
    })
    expect(tables.createRecord(schema.id, { note = db.null }).data).toEqual({ state = 'new' })
    expect(tables.createRecord(schema.id, { state = 'done' }).data).toEqual({
      state = 'done',
      note = 'none',
    })
  end)

  it.each({
    { { type = 'string', min = 1, max = 3 }, 'äöü', 'äöü' },
    { { type = 'string', pattern = '^%u%d+$' }, 'A12', 'A12' },
    { { type = 'string', enum = { 'a', 'b' } }, 'b', 'b' },
    { { type = 'text' }, 'two\nlines', 'two\nlines' },
    { { type = 'email' }, 'ann@example.org', 'ann@example.org' },
    { { type = 'url' }, 'https://example.org', 'https://example.org' },
    { { type = 'number', min = -1 }, 0.5, 0.5 },
    { { type = 'integer' }, 3.0, 3 },
    { { type = 'integer' }, 9007199254740993, 9007199254740993 },
    { { type = 'boolean' }, false, false },
    { { type = 'boolean', required = true }, false, false },
    { { type = 'date', min = '2026-01-01' }, '2026-02-28', '2026-02-28' },
    { { type = 'datetime' }, '2026-01-31T09:30:00Z', '2026-01-31T09:30:00Z' },
    { { type = 'enum', enum = { 1, 2 } }, 2, 2 },
    { { type = 'string' }, nil, nil },
    { { type = 'string' }, '', '' },
  })('takes for %s the value %s', function(rules, given, expected)
    local value, broken = judge(rules, given)

    expect(value).toBe(expected)
    expect(math.type(value)).toBe(math.type(expected))
    expect(broken).toBe('')
  end)

  it.each({
    { { type = 'string', required = true }, nil, 'required' },
    { { type = 'string', required = true }, ' ', 'required' },
    { { type = 'string', required = true }, db.null, 'required' },
    { { type = 'string' }, 7, 'type' },
    { { type = 'string' }, { 'a' }, 'type' },
    { { type = 'string', min = 3 }, 'äö', 'min' },
    { { type = 'string', max = 3 }, 'äöüß', 'max' },
    { { type = 'string', pattern = '^%d+$' }, '1a', 'pattern' },
    { { type = 'string', enum = { 'a' } }, 'b', 'enum' },
    { { type = 'text' }, ('x'):rep(100001), 'type' },
    { { type = 'email' }, 'ann', 'type' },
    { { type = 'url' }, 'javascript:alert(1)', 'type' },
    { { type = 'number' }, '1', 'type' },
    { { type = 'number' }, 0 / 0, 'type' },
    { { type = 'number', max = 1 }, 1.5, 'max' },
    { { type = 'integer' }, 1.5, 'type' },
    { { type = 'integer', min = 1 }, 0, 'min' },
    { { type = 'boolean' }, 'true', 'type' },
    { { type = 'date' }, '2026-02-30', 'type' },
    { { type = 'date', max = '2026-01-31' }, '2026-02-01', 'max' },
    { { type = 'datetime' }, '2026-01-31', 'type' },
    { { type = 'enum', enum = { 1, 2 } }, 3, 'enum' },
    { { type = 'reference', reference = 'thing' }, 'nothing', 'reference' },
    { { type = 'array' }, { a = 1 }, 'type' },
    { { type = 'array', max = 1 }, { 1, 2 }, 'max' },
    { { type = 'object' }, { 1 }, 'type' },
  })('refuses for %s the value %s: %s', function(rules, given, rule)
    local _, broken = judge(rules, given)

    expect(broken).toBe(rule)
    expect(db.dynamicData.count()).toBe(0)
  end)

  it('names every fault', function()
    local schema = schemaOf({
      { name = 'a', type = 'string', required = true },
      { name = 'b', type = 'integer', min = 5 },
      { name = 'c', type = 'boolean' },
    })
    ---@type boolean, any
    local ok, raised = pcall(tables.createRecord, schema.id, { b = 1, c = 'no', d = 4, e = 5 })

    expect(ok).toBe(false)
    expect(raised.code).toBe('invalid_record')
    expect(list.map(raised.faults, function(fault)
      return fault.field .. ' ' .. fault.rule
    end)).toEqual({ 'a required', 'b min', 'c type', 'd unknown', 'e unknown' })
    expect(raised.message).toContain('`b` must be at least 5')
  end)

  it('keeps what is unique apart, in one tenant and one table', function()
    local fields =
      { { name = 'code', type = 'string', unique = true }, { name = 'n', type = 'integer' } }
    local schema, other = schemaOf(fields), schemaOf(fields, { name = 'other' })
    local record = tables.createRecord(schema.id, { code = 'a' })
    tables.createRecord(schema.id, {})
    tables.createRecord(schema.id, {})
    tables.createRecord(other.id, { code = 'a' })

    ---@type boolean, any
    local ok, raised = pcall(tables.createRecord, schema.id, { code = 'a' })
    expect(ok).toBe(false)
    expect(raised.faults[1]).toMatchObject({ field = 'code', rule = 'unique' })
    expect(tables.updateRecord(record.id, { code = 'a', n = 1 }).data.n).toBe(1)
    tables.deleteRecord(record.id)
    expect(tables.createRecord(schema.id, { code = 'a' }).data.code).toBe('a')
  end)

  it('leads references to records of their schema', function()
    local person = schemaOf({ { name = 'name', type = 'string' } }, { name = 'person' })
    local order = schemaOf(
      { { name = 'by', type = 'reference', reference = 'person' } },
      { name = 'order' }
    )
    local ann = tables.createRecord(person.id, { name = 'Ann' })
    local made = tables.createRecord(order.id, { by = ann.id })

    expect(made.data.by).toBe(ann.id)
    expect(function()
      tables.createRecord(order.id, { by = made.id })
    end).toThrow({ code = 'invalid_record' })
    expect(function()
      tables.deleteRecord(ann.id)
    end).toThrow({ code = 'referenced' })
    tables.deleteRecord(made.id)
    expect(tables.deleteRecord(ann.id).data.name).toBe('Ann')
  end)

  it('refuses a schema that is not there, or is broken', function()
    expect(function()
      tables.createRecord('nothing', {})
    end).toThrow({ code = 'not_found' })
    expect(function()
      tables.createRecord('s', 'text' --[[@as any]])
    end).toThrow('data')
    local broken = db.modelSchema.create({
      data = { tenantId = 'acme', name = 'b', fields = '[{"name":"x","type":"float"}]' },
    })
    expect(function()
      tables.createRecord(broken.id, { x = 1 })
    end).toThrow({ code = 'invalid_schema' })
  end)
end)

describe('updateRecord', function()
  it('changes what is named, and takes null out', function()
    local schema = schemaOf({
      { name = 'a', type = 'string', required = true },
      { name = 'b', type = 'integer' },
    })
    local record = tables.createRecord(schema.id, { a = 'x', b = 1 })
    local changed = tables.updateRecord(record.id, { b = db.null })

    expect(changed.data).toEqual({ a = 'x' })
    expect(changed.updatedAt).toBeType('integer')
    expect(function()
      tables.updateRecord(record.id, { a = db.null, c = 1 })
    end).toThrow({ code = 'invalid_record' })
    expect(tables.getRecord(record.id)).toEqual(changed)
  end)

  it('refuses one that is not there', function()
    expect(function()
      tables.updateRecord('nothing', {})
    end).toThrow({ code = 'not_found' })
    expect(function()
      tables.updateRecord(nil --[[@as any]], {})
    end).toThrow('recordId')
  end)
end)

describe('deleteRecord', function()
  it('deletes one, and returns what it was', function()
    local schema = schemaOf({ { name = 'a', type = 'string' } })
    local record = tables.createRecord(schema.id, { a = 'x' })

    expect(tables.deleteRecord(record.id).data).toEqual({ a = 'x' })
    expect(tables.getRecord(record.id)).toBeNil()
    expect(function()
      tables.deleteRecord(record.id)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('listRecords', function()
  ---@type data_table.Schema
  local schema

  before_each(function()
    schema = schemaOf({
      { name = 'name', type = 'string' },
      { name = 'age', type = 'integer' },
      { name = 'score', type = 'number' },
      { name = 'active', type = 'boolean' },
    })
    for index, data in ipairs({
      { name = 'Ann', age = 30, score = 1.5, active = true },
      { name = 'ben', age = 9, score = 2, active = false },
      { name = 'Cleo_100%', age = 100, active = true },
      { name = "O'Hara", score = 1.5 },
    }) do
      local record = tables.createRecord(schema.id, data)
      db.dynamicData.update({ where = { id = record.id }, data = { createdAt = index } })
    end
  end)

  local function names(filters, pagination)
    local page = tables.listRecords(schema.id, filters, pagination)
    return list.map(page.records, function(record)
      return record.data.name
    end)
  end

  it.each({
    { {}, { "O'Hara", 'Cleo_100%', 'ben', 'Ann' } },
    { { name = 'Ann' }, { 'Ann' } },
    { { name = "O'Hara" }, { "O'Hara" } },
    { { name = "x' OR '1'='1" }, {} },
    { { age = 9 }, { 'ben' } },
    { { active = true }, { 'Cleo_100%', 'Ann' } },
    { { active = false }, { 'ben' } },
    { { age = { gt = 9, lte = 100 } }, { 'Cleo_100%', 'Ann' } },
    { { age = { gte = 30 }, active = true }, { 'Cleo_100%', 'Ann' } },
    { { score = { lt = 2 } }, { "O'Hara", 'Ann' } },
    { { age = { equals = db.null } }, { "O'Hara" } },
    { { age = { ['not'] = db.null } }, { 'Cleo_100%', 'ben', 'Ann' } },
    { { age = { ['not'] = 9 } }, { "O'Hara", 'Cleo_100%', 'Ann' } },
    { { name = { contains = 'N' } }, { 'ben', 'Ann' } },
    { { name = { startsWith = 'c' } }, { 'Cleo_100%' } },
    { { name = { endsWith = '%' } }, { 'Cleo_100%' } },
    { { name = { contains = '_' } }, { 'Cleo_100%' } },
    { { age = { ['in'] = { 9, 30 } } }, { 'ben', 'Ann' } },
    { { age = { ['in'] = {} } }, {} },
    { { age = { notIn = { 9 } } }, { 'Cleo_100%', 'Ann' } },
    { { createdAt = { gte = 3 } }, { "O'Hara", 'Cleo_100%' } },
  })('filters by %s', function(filters, expected)
    expect(names(filters)).toEqual(expected)
  end)

  it.each({
    { 'age', { "O'Hara", 'ben', 'Ann', 'Cleo_100%' } },
    { '-age', { 'Cleo_100%', 'Ann', 'ben', "O'Hara" } },
    { { age = 'desc' }, { 'Cleo_100%', 'Ann', 'ben', "O'Hara" } },
    { { '-score', 'name' }, { 'ben', 'Ann', "O'Hara", 'Cleo_100%' } },
    { { { score = 'asc' }, { name = 'desc' } }, { 'Cleo_100%', "O'Hara", 'Ann', 'ben' } },
    { 'createdAt', { 'Ann', 'ben', 'Cleo_100%', "O'Hara" } },
  })('sorts by %s', function(orderBy, expected)
    expect(names({}, { orderBy = orderBy })).toEqual(expected)
  end)

  it('sorts as the schema says', function()
    tables.updateSchema(schema.id, { ordering = { '-name' } })
    expect(names()).toEqual({ 'ben', "O'Hara", 'Cleo_100%', 'Ann' })
  end)

  it('gives pages with the total', function()
    local page = tables.listRecords(schema.id, { active = true }, { take = 1, skip = 1 })

    expect(page).toMatchObject({ total = 2, take = 1, skip = 1 })
    expect(page.records).toHaveLength(1)
    expect(tables.listRecords(schema.id, {}, { take = 0 })).toMatchObject({
      total = 4,
      records = {},
    })
    expect(tables.listRecords(schema.id, {}, { take = 100000 }).take).toBe(200)
  end)

  it('neither repeats nor loses a record from page to page', function()
    local seen = {}
    for skip = 0, 3 do
      seen[#seen + 1] = names({}, { take = 1, skip = skip, orderBy = 'active' })[1]
    end
    expect(list.unique(seen)).toHaveLength(4)
  end)

  it('filters and sorts in SQL', function()
    local told = db.explain(function()
      return tables.listRecords(schema.id, { age = { gt = 1 } }, { orderBy = '-age', take = 1 })
    end)
    local statements = list.filter(told.statements, function(statement)
      return statement.sql:find('json_extract', 1, true)
    end)

    expect(statements).toHaveLength(2)
    expect(told.result.records).toHaveLength(1)
    expect(assert(statements[1]).sql).never.toContain('age')
  end)

  it.each({
    { { agee = 1 }, 'agee' },
    { { ["name') = 1 --"] = 1 }, 'name' },
    { { age = {} }, 'no operator' },
    { { age = { like = 1 } }, 'like' },
    { { age = { gt = { 1 } } }, 'filters.age.gt' },
    { { age = { gt = db.null } }, 'filters.age.gt' },
    { { name = { contains = 1 } }, 'filters.name.contains' },
    { { name = { contains = ('x'):rep(10001) } }, 'at most 10000 bytes' },
    { { name = { ['in'] = 'Ann' } }, 'filters.name.in' },
    { { name = { ['in'] = { {} } } }, 'filters.name.in' },
  })('refuses the filters %s', function(filters, fault)
    ---@type boolean, any
    local ok, raised = pcall(tables.listRecords, schema.id, filters)

    expect(ok).toBe(false)
    expect(raised.code).toBe('invalid_filters')
    expect(raised.message).toContain(fault)
  end)

  it('refuses more than the database takes', function()
    local fields, numbers = {}, {}
    for number = 1, 200 do
      numbers[number] = number
      fields[number] = number <= 60 and { name = 'f' .. number, type = 'integer' } or nil
    end
    local wide = tables.createSchema('acme', { name = 'wide', fields = fields })
    local many, values = {}, {}
    for number = 1, 60 do
      many['f' .. number] = { gt = 1, lt = 9 }
      values['f' .. number] = { ['in'] = numbers }
    end

    for _, filters in ipairs({ many, values }) do
      expect(function()
        tables.listRecords(wide.id, filters)
      end).toThrow({ code = 'invalid_filters' })
    end
    expect(function()
      tables.listRecords(wide.id, {}, { orderBy = list.map(numbers, tostring) })
    end).toThrow('at most 20 keys')
  end)

  it.each({
    { 'agee' },
    { '' },
    { { age = 'asc', name = 'asc' } },
    { 'name; DROP TABLE x' },
  })('refuses the order %s', function(orderBy)
    expect(function()
      names({}, { orderBy = orderBy })
    end).toThrow({ code = 'invalid_order' })
  end)

  it.each({
    { 'schemaId', nil },
    { 'filters', 's', 'Ann' },
    { 'pagination.take', 's', {}, { take = -1 } },
    { 'page', 's', {}, { page = 2 } },
  })('refuses a wrong %s', function(name, schemaId, filters, pagination)
    expect(function()
      tables.listRecords(schemaId, filters, pagination)
    end).toThrow(name)
  end)
end)

describe('searchRecords', function()
  ---@type data_table.Schema
  local schema

  before_each(function()
    schema = schemaOf({
      { name = 'title', type = 'string' },
      { name = 'body', type = 'text' },
      { name = 'n', type = 'integer' },
    })
    for index, data in ipairs({
      { title = 'Red apple', body = 'A fruit', n = 1 },
      { title = 'Green pear', body = 'Another fruit, not an APPLE', n = 2 },
      { title = '100% wool', body = 'A sock_', n = 3 },
    }) do
      local record = tables.createRecord(schema.id, data)
      db.dynamicData.update({ where = { id = record.id }, data = { createdAt = index } })
    end
  end)

  local function found(query, pagination)
    return list.map(tables.searchRecords(schema.id, query, pagination).records, function(record)
      return record.data.n
    end)
  end

  it.each({
    { 'apple', { 2, 1 } },
    { 'apple red', { 1 } },
    { 'fruit green', { 2 } },
    { '%', { 3 } },
    { '_', { 3 } },
    { "'", {} },
    { 'nothing', {} },
    { '', { 3, 2, 1 } },
  })('finds by "%s"', function(query, expected)
    expect(found(query)).toEqual(expected)
  end)

  it('looks in the search fields only, where the schema names them', function()
    tables.updateSchema(schema.id, { searchFields = { 'title' } })
    expect(found('apple')).toEqual({ 1 })
    expect(found('fruit')).toEqual({})
  end)

  it('gives pages with the total', function()
    local page = tables.searchRecords(schema.id, 'fruit', { take = 1, orderBy = 'n' })
    expect(page.total).toBe(2)
    expect(assert(page.records[1]).data.n).toBe(1)
  end)

  it('finds nothing where there is no text to look in', function()
    local numbers = schemaOf({ { name = 'n', type = 'integer' } }, { name = 'numbers' })
    tables.createRecord(numbers.id, { n = 1 })
    expect(tables.searchRecords(numbers.id, '1')).toMatchObject({ records = {}, total = 0 })
    expect(json.encode(tables.searchRecords(numbers.id, '1').records)).toBe('[]')
  end)

  it('must be told the schema and a text', function()
    expect(function()
      tables.searchRecords(nil --[[@as any]], 'a')
    end).toThrow('schemaId')
    expect(function()
      tables.searchRecords(schema.id, {} --[[@as any]])
    end).toThrow('query')
    expect(function()
      tables.searchRecords('nothing', 'a')
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('getRecord', function()
  it.each({ { '' }, { 7 }, { { 'a' } } })('refuses %s for an id', function(recordId)
    expect(function()
      tables.getRecord(recordId)
    end).toThrow('`recordId` must be ')
  end)
end)
