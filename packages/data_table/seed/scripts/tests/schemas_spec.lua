local db = require('db')
local list = require('list')
local tables = require('data_table')

local function create(fields, more)
  local schema = { name = 'person', fields = fields or { { name = 'email', type = 'email' } } }
  for key, value in pairs(more or {}) do
    schema[key] = value
  end
  return tables.createSchema('acme', schema)
end

describe('createSchema', function()
  it('keeps the definitions as tables', function()
    local schema = create({
      { name = 'email', type = 'email', required = true, unique = true },
      { name = 'age', type = 'integer', min = 0, max = 150 },
    }, {
      label = 'Person',
      labelPlural = 'People',
      icon = 'person',
      listDisplay = { 'email' },
      searchFields = { 'email' },
      ordering = { '-age', 'createdAt' },
      hooks = { afterCreate = 'mail.welcome' },
    })

    expect(schema).toMatchObject({ tenantId = 'acme', name = 'person', labelPlural = 'People' })
    expect(schema.fields[1]).toEqual({
      name = 'email',
      type = 'email',
      required = true,
      unique = true,
    })
    expect(schema.ordering).toEqual({ '-age', 'createdAt' })
    expect(assert(db.modelSchema.findUnique({ where = { id = schema.id } })).fields).toBeType(
      'string'
    )
    expect(tables.getSchema(schema.id)).toEqual(schema)
  end)

  it('has a name once in a tenant, and once for all', function()
    local schema = { name = 'person', fields = { { name = 'a', type = 'string' } } }
    for _, tenantId in ipairs({ 'acme', false }) do
      tables.createSchema(tenantId or nil, schema)
      expect(function()
        tables.createSchema(tenantId or nil, schema)
      end).toThrow({ code = 'taken' })
    end
    expect(tables.createSchema('globex', schema).name).toBe('person')
  end)

  it.each({
    { {}, '1 to 200' },
    { { { name = 'a b', type = 'string' } }, 'fields[1].name' },
    { { { name = "a') --", type = 'string' } }, 'fields[1].name' },
    { { { name = 'id', type = 'string' } }, 'there already' },
    { { { name = 'a', type = 'string' }, { name = 'a', type = 'string' } }, 'there already' },
    { { { name = 'a', type = 'float' } }, 'fields[1].type' },
    { { { name = 'a', type = 'string', min = 'x' } }, 'fields[1].min' },
    { { { name = 'a', type = 'boolean', max = 1 } }, 'fields[1].max' },
    { { { name = 'a', type = 'date', min = 'today' } }, 'fields[1].min' },
    { { { name = 'a', type = 'string', pattern = '(' } }, 'fields[1].pattern' },
    { { { name = 'a', type = 'integer', pattern = '%d' } }, 'fields[1].pattern' },
    { { { name = 'a', type = 'enum' } }, 'fields[1].enum' },
    { { { name = 'a', type = 'reference' } }, 'fields[1].reference' },
    { { { name = 'a', type = 'string', reference = 'b' } }, 'fields[1].reference' },
    { { { name = 'a', type = 'integer', default = 'x' } }, 'fields[1].default' },
  })('refuses the fields %s', function(fields, fault)
    ---@type boolean, any
    local ok, raised = pcall(create, fields)

    expect(ok).toBe(false)
    expect(raised.code).toBe('invalid_schema')
    expect(raised.message).toContain(fault)
    expect(db.modelSchema.count()).toBe(0)
  end)

  it.each({
    { 'fields[1]', 'email' },
    { 'fields[1].name', { type = 'string' } },
    { 'fields[1].required', { name = 'a', type = 'string', required = 'yes' } },
    { 'requierd', { name = 'a', type = 'string', requierd = true } },
  })('refuses a wrong %s', function(fault, field)
    expect(function()
      create({ field })
    end).toThrow(fault)
  end)

  it('names every fault at once', function()
    ---@type boolean, any
    local _, raised = pcall(create, {
      { name = 'a', type = 'float' },
      { name = 'b', type = 'enum' },
    }, { searchFields = { 'c' }, ordering = { '-d' } })
    expect(raised.faults).toHaveLength(4)
  end)

  it.each({
    { 'tenantId', '', { name = 'a', fields = {} } },
    { 'schema.name', 'acme', { fields = {} } },
    { 'schema.fields', 'acme', { name = 'a' } },
    { 'schema.fields', 'acme', { name = 'a', fields = { a = 1 } } },
    { 'field', 'acme', { name = 'a', fields = {}, field = {} } },
  })('refuses a wrong %s', function(name, tenantId, schema)
    expect(function()
      tables.createSchema(tenantId, schema)
    end).toThrow('`' .. name .. '`')
  end)
end)

describe('listSchemas', function()
  it('lists the tenant’s and every tenant’s', function()
    local fields = { { name = 'a', type = 'string' } }
    tables.createSchema('acme', { name = 'b', fields = fields })
    tables.createSchema(nil, { name = 'a', fields = fields })
    tables.createSchema('globex', { name = 'c', fields = fields })

    expect(list.pluck(tables.listSchemas('acme'), 'name')).toEqual({ 'a', 'b' })
    expect(function()
      tables.listSchemas(nil --[[@as any]])
    end).toThrow('tenantId')
  end)
end)

describe('updateSchema', function()
  it('changes what is named, and keeps the rest', function()
    local schema = create(nil, { label = 'Person', searchFields = { 'email' } })
    local changed = tables.updateSchema(schema.id, {
      name = 'people',
      label = db.null,
      fields = { { name = 'email', type = 'email' }, { name = 'age', type = 'integer' } },
    })

    expect(changed).toMatchObject({ name = 'people', searchFields = { 'email' } })
    expect(changed.label).toBeNil()
    expect(changed.fields).toHaveLength(2)
  end)

  it('checks the whole', function()
    local schema = create(nil, { searchFields = { 'email' } })
    local fields = { { name = 'age', type = 'integer' } }

    expect(function()
      tables.updateSchema(schema.id, { fields = fields })
    end).toThrow({ code = 'invalid_schema' })
    local changed = tables.updateSchema(schema.id, { fields = fields, searchFields = db.null })
    expect(changed.searchFields).toBeNil()
    expect(function()
      tables.updateSchema(schema.id, { tenantId = 'globex' })
    end).toThrow('tenantId')
  end)

  it('keeps names apart', function()
    create()
    local other = create(nil, { name = 'other' })
    expect(tables.updateSchema(other.id, { name = 'other' }).name).toBe('other')
    expect(function()
      tables.updateSchema(other.id, { name = 'person' })
    end).toThrow({ code = 'taken' })
  end)
end)

describe('deleteSchema', function()
  it('takes its records along', function()
    local schema = create()
    tables.createRecord(schema.id, { email = 'ann@example.org' })

    expect(tables.deleteSchema(schema.id).name).toBe('person')
    expect(db.dynamicData.count()).toBe(0)
    expect(tables.getSchema(schema.id)).toBeNil()
    expect(function()
      tables.deleteSchema(schema.id)
    end).toThrow({ code = 'not_found' })
  end)

  it('keeps one that another schema refers to', function()
    local schema = create({
      { name = 'email', type = 'email' },
      { name = 'boss', type = 'reference', reference = 'person' },
    })
    local order = create(
      { { name = 'by', type = 'reference', reference = 'person' } },
      { name = 'order' }
    )

    expect(function()
      tables.deleteSchema(schema.id)
    end).toThrow({ code = 'referenced' })
    tables.deleteSchema(order.id)
    expect(tables.deleteSchema(schema.id).name).toBe('person')
  end)
end)

describe('another tenant', function()
  ---@type data_table.Schema, data_table.Record
  local schema, record

  before_each(function()
    schema = create()
    record = tables.createRecord(schema.id, { email = 'ann@example.org' })
  end)

  it('reaches neither a schema nor a record', function()
    asCaller({ tenant = 'globex' }, function()
      expect(tables.getSchema(schema.id)).toBeNil()
      expect(tables.getRecord(record.id)).toBeNil()
      for name, arguments in pairs({
        updateSchema = { schema.id, { name = 'mine' } },
        deleteSchema = { schema.id },
        createRecord = { schema.id, { email = 'eve@example.org' } },
        listRecords = { schema.id },
        searchRecords = { schema.id, 'ann' },
        updateRecord = { record.id, { email = 'eve@example.org' } },
        deleteRecord = { record.id },
      }) do
        expect(function()
          tables[name](table.unpack(arguments))
        end).toThrow({ code = 'not_found' })
      end
      for _, tenantId in ipairs({ 'acme', false }) do
        expect(function()
          tables.createSchema(tenantId or nil, { name = 'a', fields = {} })
        end).toThrow()
      end
      expect(function()
        tables.listSchemas('acme')
      end).toThrow({ code = 'forbidden' })
    end)

    expect(tables.getSchema(schema.id)).toEqual(schema)
    expect(tables.getRecord(record.id)).toEqual(record)
    expect(db.dynamicData.count()).toBe(1)
  end)

  it('uses a schema of every tenant’s, and sees its own records', function()
    local shared = tables.createSchema(nil, {
      name = 'note',
      fields = { { name = 'text', type = 'string', unique = true } },
    })
    asCaller({ tenant = 'acme' }, function()
      tables.createRecord(shared.id, { text = 'same' })
    end)
    asCaller({ tenant = 'globex' }, function()
      expect(tables.createRecord(shared.id, { text = 'same' }).tenantId).toBe('globex')
      expect(tables.listRecords(shared.id).total).toBe(1)
      expect(tables.searchRecords(shared.id, 'same').total).toBe(1)
      expect(function()
        tables.updateSchema(shared.id, { name = 'mine' })
      end).toThrow({ code = 'not_found' })
      expect(function()
        tables.deleteSchema(shared.id)
      end).toThrow({ code = 'not_found' })
    end)
    expect(tables.listRecords(shared.id).total).toBe(2)
  end)
end)

describe('getSchema', function()
  it.each({ { '' }, { 7 }, { { 'a' } } })('refuses %s for an id', function(schemaId)
    expect(function()
      tables.getSchema(schemaId)
    end).toThrow('`schemaId` must be ')
  end)
end)
