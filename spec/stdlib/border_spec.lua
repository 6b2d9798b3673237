local check = require('check')
local json = require('json')
local own = require('standard_library')

local item = { id = 'a', count = 1 }

describe('an operation takes', function()
  it.each({
    { 'plain', 'a' },
    { 'plain', 'a', 3 },
    { 'plain', 'a', 3.0 },
    { 'plain', 'a', json.null },
    { 'plain', '' },
    { 'number', 1.5 },
    { 'boolean', false },
    { 'literal', 'a' },
    { 'literal', 7 },
    { 'union', 'x' },
    { 'union', { 1, 2 } },
    { 'union', {} },
    { 'list', {} },
    { 'list', { 'a', 'b' } },
    { 'map', {} },
    { 'map', { a = 1 } },
    { 'record', { a = 'x' } },
    { 'record', { a = 'x', b = json.null, c = true } },
    { 'class', { id = 'a', count = 1, tags = { 'x' }, inner = { id = 'b', count = 2 } } },
    { 'loose', { id = 'a' } },
    { 'classes' },
    { 'classes', { item, item } },
    { 'call', print },
    { 'any', 1, {}, print },
    { 'any' },
    { 'page', { take = 1 } },
    { 'rest', 'a', 1, 'b' },
    { 'free', nil },
  })('%s as it is annotated', function(operation, ...)
    expect(table.pack(own[operation](...)).n).toBeGreaterThanOrEqual(0)
  end)
end)

describe('an operation refuses', function()
  it.each({
    { 'plain', '`name` must be a string, found nothing' },
    { 'plain', '`name` must be a string, found null', json.null },
    { 'plain', '`name` must be a string, found a table', { equals = 'a' } },
    { 'plain', '`count` must be an integer, found the number 1.5', 'a', 1.5 },
    { 'plain', '`count` must be an integer, found the string "3"', 'a', '3' },
    { 'number', '`value` must be a number, found the string "1"', '1' },
    { 'boolean', '`value` must be true or false, found the number 0', 0 },
    { 'literal', '`value` must be "a", "b" or 7, found the string "c"', 'c' },
    { 'union', '`value` must be a string or a list, found the boolean true', true },
    { 'union', '`value[2]` must be an integer, found the string "x"', { 1, 'x' } },
    { 'list', '`value` must be a list, found a table', { a = 'b' } },
    { 'list', '`value[2]` must be a string, found the number 2', { 'a', 2 } },
    { 'map', '`value.b` must be an integer, found the string "x"', { a = 1, b = 'x' } },
    { 'map', '`value[1] (its key)` must be a string, found the number 1', { 1 } },
    { 'record', '`value.a` must be a string, found nothing', {} },
    { 'record', '`value.b` must be an integer, found a table', { a = 'x', b = {} } },
    { 'record', '`value` must be a table, found a list', { 'x' } },
    { 'class', '`value.count` must be an integer, found nothing', { id = 'a' } },
    { 'class', '`value.id` must be a string, found nothing', { count = 1 } },
    {
      'class',
      '`value.inner.id` must be a string',
      { id = 'a', count = 1, inner = { count = 1 } },
    },
    { 'class', '`value.tags[1]` must be a string', { id = 'a', count = 1, tags = { 1 } } },
    { 'class', '`value` has no field `cuont`', { id = 'a', cuont = 1 } },
    { 'class', '`value` must be a table (standard_library.Item), found a list', { item } },
    { 'classes', '`value[2].count` must be an integer', { item, { id = 'b' } } },
    { 'call', '`value` must be a function, found the string "print"', 'print' },
    { 'page', '`page.take` must be an integer', { take = 'all' } },
    { 'rest', '`first` must be a string, found the number 1', 1 },
  })('%s with %s', function(operation, message, ...)
    local ok, fault = pcall(own[operation], ...)
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'wrong_argument')).toBe(true)
    expect(fault.operation).toBe('standard_library.' .. operation)
    expect(tostring(fault)).toContain(message)
  end)

  it('names every fault, and the first one apart', function()
    local _, fault = pcall(own.plain, 7, 'x')
    expect(fault.parameter).toBe('name')
    expect(fault.expected).toBe('a string')
    expect(tostring(fault)).toBe(
      'standard_library.plain: `name` must be a string, found the number 7\n'
        .. '`count` must be an integer, found the string "x"'
    )
  end)

  it('says no more than twenty faults', function()
    local numbers = {}
    for number = 1, 1000 do
      numbers[number] = number
    end
    local _, fault = pcall(own.list, numbers)
    expect(select(2, tostring(fault):gsub('\n', ''))).toBe(19)
  end)

  it('survives what contains itself', function()
    local loop = { id = 'a', count = 1 }
    loop.inner = loop
    expect(own.class(loop)).toBe(loop)
  end)
end)

describe('an operation', function()
  it('raises at the line of its caller as before', function()
    local _, message = pcall(function()
      own.raises()
    end)
    expect(message).toMatch('border_spec.lua:%d+: inside')
  end)
end)
