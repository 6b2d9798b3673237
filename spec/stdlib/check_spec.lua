local check = require('check')
local json = require('json')

-- What an operation with one checked argument raises.
local function raisedBy(checked, ...)
  local arguments = table.pack(...)
  local ok, raised = pcall(function()
    checked(table.unpack(arguments, 1, arguments.n))
  end)
  return not ok and tostring(raised) or nil
end

describe('check', function()
  it.each({
    { 'string', 'a', 1 },
    { 'string', '', {} },
    { 'id', 'a', '' },
    { 'text', 'a b', ' \n' },
    { 'number', 1.5, '1.5' },
    { 'integer', 3, 1.5 },
    { 'count', 0, -1 },
    { 'boolean', false, 0 },
    { 'table', {}, 'a' },
    { 'array', { 1, 2 }, { a = 1 } },
    { 'object', { a = 1 }, { 1 } },
    { 'function', print, 'print' },
  })('knows the type %s', function(name, right, wrong)
    expect(check.type(right, name, 'value')).toBe(right)
    expect(raisedBy(check.type, wrong, name, 'value')).toContain('`value` must be')
    expect(raisedBy(check.type, nil, name, 'value')).toContain('found nothing')
    expect(check.type(nil, name .. '?', 'value')).toBeNil()
    expect(check.type(json.null, name .. '?', 'value')).toBeNil()
  end)

  it('gives a float with an integer value as an integer', function()
    expect(math.type(check.integer(3.0, 'value'))).toBe('integer')
    expect(math.type(check.type(3.0, 'count', 'value'))).toBe('integer')
  end)

  it('keeps an integer between its bounds', function()
    expect(check.integer(5, 'value', 1, 5)).toBe(5)
    expect(raisedBy(check.integer, 0, 'value', 1, 5)).toContain(
      '`value` must be at least 1, found 0'
    )
    expect(raisedBy(check.integer, 6, 'value', 1, 5)).toContain(
      '`value` must be at most 5, found 6'
    )
  end)

  it('knows one of a list', function()
    expect(check.oneOf('b', { 'a', 'b' }, 'value')).toBe('b')
    expect(raisedBy(check.oneOf, 'c', { 'a', 'b' }, 'value')).toContain('must be one of a, b')
  end)

  it("raises at the line of the function's caller", function()
    local function operation(tenantId)
      check.id(tenantId, 'tenantId')
    end
    local function caller()
      operation(nil)
    end
    local _, raised = pcall(caller)

    expect(raised).toMatch('check_spec%.lua:60: `tenantId` must be an id')
  end)
end)

describe('check.fields', function()
  local fields = { name = 'text', limit = 'count?' }

  it('returns the fields in a new table', function()
    local given = { name = 'a', limit = 3.0 }
    local checked = check.fields(given, 'filters', fields)

    expect(checked).toEqual({ name = 'a', limit = 3 })
    expect(checked).never.toBe(given)
  end)

  it('takes nothing for an empty table', function()
    expect(check.fields(nil, 'filters', { limit = 'count?' })).toEqual({})
    expect(check.fields(json.null, 'filters', { limit = 'count?' })).toEqual({})
  end)

  it('names every fault', function()
    local message = raisedBy(check.fields, { limit = -1, naem = 'a' }, 'filters', fields)

    expect(message).toContain('`filters.limit` must be an integer from 0, found the number -1')
    expect(message).toContain('`filters.name` must be a text that is not blank, found nothing')
    expect(message).toContain('`filters` has no field `naem`; there are: limit, name')
  end)

  it('takes no list', function()
    expect(raisedBy(check.fields, { 'a' }, 'filters', fields)).toContain('found a list')
  end)
end)

describe('check.faults', function()
  local even = {
    noun = 'an even number',
    fits = function(value)
      return math.type(value) == 'integer' and value % 2 == 0
    end,
  }

  it('returns every fault and raises nothing', function()
    local faults = check.faults({ limit = -1 }, 'payload', { limit = 'count?', name = 'text' })

    expect(faults).toEqual({
      '`payload.limit` must be an integer from 0, found the number -1',
      '`payload.name` must be a text that is not blank, found nothing',
    })
    expect(check.faults('a', 'payload', {})).toHaveLength(1)
  end)

  it('returns the values, too', function()
    local faults, values = check.faults({ limit = 3.0 }, 'payload', { limit = 'count' })

    expect(faults).toEqual({})
    expect(values).toEqual({ limit = 3 })
  end)

  it("knows the caller's own types", function()
    local fields = { first = 'even', second = 'even?' }

    expect(check.faults({ first = 2 }, 'pair', fields, { even = even })).toEqual({})
    expect(check.faults({ first = 2, second = 3 }, 'pair', fields, { even = even })).toEqual({
      '`pair.second` must be an even number, found the number 3',
    })
  end)
end)

describe('check.fault', function()
  it('is an error with a code and a message', function()
    local fault = check.fault('locked', 'it is locked', { threadId = 't1' })

    expect(fault).toMatchObject({ code = 'locked', message = 'it is locked', threadId = 't1' })
    expect(tostring(fault)).toBe('it is locked')
  end)

  it('is told apart by its code', function()
    local fault = check.fault('locked', 'it is locked')

    expect(check.isFault(fault, 'locked')).toBe(true)
    expect(check.isFault(fault, 'not_found')).toBe(false)
    expect(check.isFault(fault)).toBe(true)
    expect(check.isFault('locked')).toBe(false)
    expect(check.isFault(nil)).toBe(false)
  end)
end)

describe('check.tenant', function()
  it('lets the operator name any tenant, and a caller its own', function()
    expect(check.tenant('acme', 'tenantId')).toBe('acme')
    asCaller({ tenant = 'acme' }, function()
      expect(check.tenant('acme', 'tenantId')).toBe('acme')
    end)
  end)

  it('refuses another tenant with the code `forbidden`', function()
    local ok, fault = asCaller({ tenant = 'acme' }, function()
      return pcall(check.tenant, 'globex', 'tenantId')
    end)
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'forbidden')).toBe(true)
    expect(tostring(fault)).toBe(
      '`tenantId` must be the caller\'s tenant "acme", found the string "globex"'
    )
  end)

  it.each({ { nil }, { '' }, { 7 } })('refuses %s', function(value)
    expect(function()
      check.tenant(value, 'tenantId')
    end).toThrow('`tenantId` must be an id')
  end)
end)

describe('check.found', function()
  it('returns the record', function()
    local record = { id = 'a' }
    expect(check.found(record, 'thread', 'a')).toBe(record)
  end)

  it('raises `not_found` where there is none', function()
    local ok, fault = pcall(check.found, nil, 'thread', 'a')
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'not_found')).toBe(true)
    expect(tostring(fault)).toBe('there is no thread with the id "a"')
  end)
end)

describe('check.changes', function()
  local fields = { title = 'text', note = 'string?', order = 'integer?' }

  it('takes any part of the fields', function()
    expect(check.changes(nil, 'changes', fields)).toEqual({})
    expect(check.changes({ title = 'T', order = 2.0 }, 'changes', fields)).toEqual({
      title = 'T',
      order = 2,
    })
  end)

  it('keeps null where the field may be empty', function()
    expect(check.changes({ note = json.null }, 'changes', fields).note).toBe(json.null)
    expect(raisedBy(check.changes, { title = json.null }, 'changes', fields)).toContain(
      '`changes.title` cannot be emptied'
    )
  end)

  it('names every fault', function()
    local raised = raisedBy(check.changes, { title = ' ', note = 1, other = 2 }, 'changes', fields)
    expect(raised).toContain('changes.title')
    expect(raised).toContain('changes.note')
    expect(raised).toContain('`other`')
  end)
end)

describe('check.free', function()
  it('raises `taken` where a record has the name', function()
    check.free(nil, 'theme', 'Dark')
    expect(function()
      check.free({ id = 't1' }, 'theme', 'Dark')
    end).toThrow({
      code = 'taken',
      id = 't1',
      message = 'there is a theme with the name "Dark" already',
    })
  end)
end)
