local config = require('config_summary')
local db = require('db')
local list = require('list')
local time = require('time')

local function add(key, fields)
  local data = { tenantId = 'acme', namespace = 'app', key = key, value = 'x' }
  for name, value in pairs(fields or {}) do
    data[name] = value
  end
  return db.keyValue.create({ data = data })
end

local function keys(entries)
  return list.pluck(entries, 'key')
end

describe('setValue', function()
  it.each({
    { 'string', 'text' },
    { 'string', '' },
    { 'string', '{"not":"decoded"}' },
    { 'number', 7 },
    { 'number', 9007199254740993 },
    { 'number', 0.1 },
    { 'boolean', false },
    { 'json', { a = { 1, 2, { b = true } } } },
  })('keeps a %s as it is (%s)', function(kind, value)
    local entry = config.setValue('acme', 'app', 'key', value)

    expect(entry).toMatchObject({ tenantId = 'acme', namespace = 'app', key = 'key', type = kind })
    expect(entry.value).toEqual(value)
    expect(config.getValue('acme', 'app', 'key')).toEqual(value)
    expect(math.type(config.getValue('acme', 'app', 'key'))).toBe(math.type(value))
  end)

  it('replaces a value, its type and its time', function()
    config.setValue('acme', 'app', 'key', { a = 1 }, 1000)
    local entry = config.setValue('acme', 'app', 'key', 'text')

    expect(entry).toMatchObject({ type = 'string', value = 'text' })
    expect(entry.expiresAt).toBeNil()
    expect(db.keyValue.count()).toBe(1)
  end)

  it('replaces everybody’s value, too', function()
    config.setValue(nil, 'app', 'key', 1)
    config.setValue(nil, 'app', 'key', 2)
    config.setValue('acme', 'app', 'key', 3)

    expect(config.getValue(nil, 'app', 'key')).toBe(2)
    expect(config.getValue('acme', 'app', 'key')).toBe(3)
    expect(db.keyValue.count()).toBe(2)
  end)

  it('takes a time after which the value is gone', function()
    local before = time.now()
    local entry = config.setValue('acme', 'app', 'key', 'x', 60000)

    expect(entry.expiresAt).toBeGreaterThanOrEqual(before + 60000)
    expect(config.getValue('acme', 'app', 'key')).toBe('x')
  end)

  it.each({
    { 'tenantId', '', 'app', 'key', 'x' },
    { 'tenantId', {}, 'app', 'key', 'x' },
    { 'namespace', 'acme', nil, 'key', 'x' },
    { 'key', 'acme', 'app', '', 'x' },
    { 'value', 'acme', 'app', 'key', nil },
    { 'value', 'acme', 'app', 'key', db.null },
    { 'value', 'acme', 'app', 'key', print },
    { 'value', 'acme', 'app', 'key', { f = print } },
    { 'value', 'acme', 'app', 'key', 0 / 0 },
    { 'ttlMs', 'acme', 'app', 'key', 'x', 0 },
    { 'ttlMs', 'acme', 'app', 'key', 'x', -5 },
    { 'ttlMs', 'acme', 'app', 'key', 'x', '1000' },
    { 'ttlMs', 'acme', 'app', 'key', 'x', math.maxinteger },
  })('refuses a wrong %s', function(name, tenantId, namespace, key, value, ttlMs)
    expect(function()
      config.setValue(tenantId, namespace, key, value, ttlMs)
    end).toThrow('`' .. name .. '`')
    expect(db.keyValue.count()).toBe(0)
  end)
end)

describe('getValue', function()
  it('keeps tenants, namespaces and keys apart', function()
    config.setValue('acme', 'app', 'key', 1)

    expect(config.getValue('globex', 'app', 'key')).toBeNil()
    expect(config.getValue('acme', 'other', 'key')).toBeNil()
    expect(config.getValue('acme', 'app', 'other')).toBeNil()
    expect(config.getValue(nil, 'app', 'key')).toBeNil()
  end)

  it('gives false as false', function()
    config.setValue('acme', 'app', 'key', false)
    expect(config.getValue('acme', 'app', 'key')).toBe(false)
  end)

  it('never gives what has expired', function()
    add('over', { expiresAt = time.now() })
    add('long over', { expiresAt = 1 })
    add('later', { expiresAt = time.now() + time.hour })

    expect(config.getValue('acme', 'app', 'over')).toBeNil()
    expect(config.getValue('acme', 'app', 'long over')).toBeNil()
    expect(config.getValue('acme', 'app', 'later')).toBe('x')
  end)

  it('must be told which', function()
    expect(function()
      config.getValue('acme', 'app', nil --[[@as any]])
    end).toThrow('key')
    expect(function()
      config.getValue('acme', {} --[[@as any]], 'key')
    end).toThrow('namespace')
  end)
end)

describe('listValues', function()
  it('lists a namespace by its keys', function()
    add('b', { value = '2', type = 'number' })
    add('a')
    add('c', { namespace = 'other' })
    add('d', { tenantId = 'globex' })
    add('e', { tenantId = db.null })

    local values = config.listValues('acme', 'app')
    expect(keys(values)).toEqual({ 'a', 'b' })
    expect(assert(values[2]).value).toBe(2)
    expect(keys(config.listValues(nil, 'app'))).toEqual({ 'e' })
  end)

  it('leaves out what has expired', function()
    add('a', { expiresAt = time.now() - 1 })
    add('b', { expiresAt = time.now() + time.hour })
    expect(keys(config.listValues('acme', 'app'))).toEqual({ 'b' })
  end)

  it('must be told the namespace', function()
    expect(function()
      config.listValues('acme', nil --[[@as any]])
    end).toThrow('namespace')
  end)
end)

describe('deleteValue', function()
  it('says whether it was there', function()
    config.setValue('acme', 'app', 'key', 1)
    config.setValue('globex', 'app', 'key', 2)
    add('over', { expiresAt = 1 })

    expect(config.deleteValue('acme', 'app', 'key')).toBe(true)
    expect(config.deleteValue('acme', 'app', 'key')).toBe(false)
    expect(config.deleteValue('acme', 'app', 'over')).toBe(false)
    expect(config.getValue('globex', 'app', 'key')).toBe(2)
    expect(db.keyValue.count()).toBe(1)
  end)

  it('must be told which', function()
    config.setValue('acme', 'app', 'key', 1)
    expect(function()
      config.deleteValue('acme', 'app', nil --[[@as any]])
    end).toThrow('key')
    expect(db.keyValue.count()).toBe(1)
  end)
end)

describe('deleteExpiredValues', function()
  it('deletes what nobody sees any more', function()
    add('a', { expiresAt = 1 })
    add('b', { expiresAt = 1, tenantId = 'globex' })
    add('c', { expiresAt = time.now() + time.hour })
    add('d')

    asCaller({ tenant = 'acme' }, function()
      expect(config.deleteExpiredValues()).toBe(1)
    end)
    expect(config.deleteExpiredValues()).toBe(1)
    expect(db.keyValue.count()).toBe(2)
  end)
end)

describe('another tenant', function()
  it('reaches no value', function()
    config.setValue('acme', 'app', 'key', 1)
    config.setValue(nil, 'app', 'key', 2)

    asCaller({ tenant = 'globex' }, function()
      for _, tenantId in ipairs({ 'acme', false }) do
        for name, arguments in pairs({
          getValue = { 'app', 'key' },
          setValue = { 'app', 'key', 3 },
          listValues = { 'app' },
          deleteValue = { 'app', 'key' },
          summarizeConfig = {},
        }) do
          expect(function()
            config[name](tenantId or nil, table.unpack(arguments))
          end).toThrow()
        end
      end
      config.setValue('globex', 'app', 'key', 4)
      expect(config.listValues('globex', 'app')).toHaveLength(1)
    end)

    expect(config.getValue('acme', 'app', 'key')).toBe(1)
    expect(config.getValue(nil, 'app', 'key')).toBe(2)
  end)
end)
