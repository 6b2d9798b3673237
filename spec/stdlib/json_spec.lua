local json = require('json')

describe('json', function()
  it('keeps lists and objects apart', function()
    expect(json.encode(json.decode('{"a":[],"b":{},"c":[{}]}'))).toBe('{"a":[],"b":{},"c":[{}]}')
    expect(json.isArray(json.decode('[]'))).toBe(true)
    expect(json.isObject(json.decode('{}'))).toBe(true)
    expect(json.isArray({})).toBe(false)
  end)

  it('sorts keys', function()
    expect(json.encode({ b = 1, a = 2, C = 3 })).toBe('{"C":3,"a":2,"b":1}')
  end)

  it('keeps integers whole', function()
    expect(json.decode('9007199254740993')).toBe(9007199254740993)
    expect(math.type(json.decode('1.0'))).toBe('float')
    expect(math.type(json.decode('9223372036854775808'))).toBe('float')
    expect(json.encode(math.mininteger)).toBe('-9223372036854775808')
  end)

  it('answers nil and the place for what is no JSON', function()
    local value, message = json.decode('{"a": tru}')
    expect(value).toBeNil()
    expect(message).toBe('expected a value at line 1, column 7')
  end)

  it('has null', function()
    expect(json.decode('[null]')[1]).toBe(json.null)
    expect(json.encode({ a = json.null })).toBe('{"a":null}')
    expect(tostring(json.null)).toBe('null')
  end)

  it('is the global, too', function()
    expect(_G.json).toBe(json)
  end)
end)

describe('json fields of records', function()
  it('are text in the database and tables outside', function()
    local data = json.encodeFields(
      { tags = { 'a' }, note = json.null, name = 'x' },
      { 'tags', 'note', 'more' }
    )
    expect(data.tags).toBe('["a"]')
    expect(data.note).toBe(json.null)
    expect(data.more).toBeNil()
    expect(data.name).toBe('x')
    expect(json.decodeFields(data, { 'tags', 'note' }).tags).toEqual({ 'a' })
  end)
end)
