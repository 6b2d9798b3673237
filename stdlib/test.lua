--- The words that specs are written in: `describe`, `it`, `expect`, hooks, mocks, and busted's
--- `assert`.
---
--- A runner makes a registry for each spec file, gives the file its `globals`, and asks `list()`
--- for the tests:
---
---     describe('createPost', function()
---       local thread
---       before_each(function()
---         thread = newThread()
---       end)
---
---       it('counts a reply', function()
---         posts.createPost(thread.id, 'ann', 'hello')
---         expect(threads.getThread(thread.id).replyCount).toBe(1)
---       end)
---
---       it.each({ { '' }, { '  ' } })('refuses the content "%s"', function(content)
---         expect(function()
---           posts.createPost(thread.id, 'ann', content)
---         end).toThrow('content')
---       end)
---     end)
---
--- Each test is run alone, and what it did to the database is rolled back. Therefore `before_all`
--- runs before each test, too, ahead of every `before_each`: what it writes is there for each of
--- them, in whatever order they run.
local native = ...

---@class test
local M = {}

local null = native and native.null

-- Values in words

local longestText = 200
local mostItems = 20
local deepestTable = 4

local function showText(value)
  local cut = ''
  if #value > longestText then
    local last = longestText
    -- A cut inside a character would make the message invalid UTF-8.
    while last > 0 and (value:byte(last + 1) & 0xC0) == 0x80 do
      last = last - 1
    end
    cut = ('... (%d bytes)'):format(#value)
    value = value:sub(1, last)
  end
  local escaped = value:gsub('[%c"\\]', function(character)
    local names = { ['\n'] = '\\n', ['\t'] = '\\t', ['\r'] = '\\r', ['"'] = '\\"', ['\\'] = '\\\\' }
    return names[character] or ('\\%03d'):format(character:byte())
  end)
  return '"' .. escaped .. '"' .. cut
end

local function rank(value)
  return math.type(value) == 'integer' and 1
    or type(value) == 'number' and 2
    or type(value) == 'string' and 3
    or 4
end

local function sortedKeys(value)
  local keys = {}
  for key in next, value do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(one, other)
    local oneRank, otherRank = rank(one), rank(other)
    if oneRank ~= otherRank then
      return oneRank < otherRank
    elseif oneRank == 4 then
      return tostring(one) < tostring(other)
    end
    return one < other
  end)
  return keys
end

local show

local function showTable(value, above)
  if above[value] then
    return '<the table around it>'
  end
  above[value] = true
  above.depth = above.depth + 1
  local parts = {}
  local keys = sortedKeys(value)
  for index, key in ipairs(keys) do
    if index > mostItems then
      parts[#parts + 1] = ('... %d more'):format(#keys - mostItems)
      break
    end
    local shown = show(rawget(value, key), above)
    if key == index then
      parts[#parts + 1] = shown
    elseif type(key) == 'string' and key:find('^[%a_][%w_]*$') then
      parts[#parts + 1] = key .. ' = ' .. shown
    else
      parts[#parts + 1] = '[' .. show(key, above) .. '] = ' .. shown
    end
  end
  above[value] = nil
  above.depth = above.depth - 1
  return #parts == 0 and '{}' or '{ ' .. table.concat(parts, ', ') .. ' }'
end

function show(value, above)
  local kind = type(value)
  if kind == 'string' then
    return showText(value)
  elseif value == nil or kind == 'number' or kind == 'boolean' then
    return tostring(value)
  elseif rawequal(value, null) then
    return 'null'
  elseif kind ~= 'table' then
    -- Without its address, which differs from run to run.
    return '<' .. kind .. '>'
  end
  local meta = getmetatable(value)
  if type(meta) == 'table' and rawget(meta, '__tostring') then
    local ok, text = pcall(tostring, value)
    if ok then
      return text
    end
  end
  if above.depth >= deepestTable then
    return next(value) == nil and '{}' or '{ ... }'
  end
  return showTable(value, above)
end

--- Says a value in one line, as Lua would write it, with sorted keys; long texts, long and deep
--- tables are cut.
---@param value any
---@return string
function M.show(value)
  return show(value, { depth = 0 })
end

-- Comparing

-- What stands for any value that fits: `expect.any('string')`.
local Pattern = { __name = 'pattern' }
Pattern.__index = Pattern

function Pattern:__tostring()
  return self.words
end

local function pattern(words, fits)
  return setmetatable({ words = words, fits = fits }, Pattern)
end

-- Returns nil where the two are equal, else the path of the first difference. Metatables do not
-- count.
local function difference(expected, actual, partly, path, seen)
  if rawequal(expected, actual) then
    return nil
  elseif getmetatable(expected) == Pattern then
    local fits = expected.fits(actual)
    return not fits and { path = path, expected = expected, actual = actual } or nil
  elseif type(expected) ~= 'table' or type(actual) ~= 'table' then
    -- NaN is expected to be NaN.
    local equal = expected == actual or (expected ~= expected and actual ~= actual)
    return not equal and { path = path, expected = expected, actual = actual } or nil
  elseif seen[expected] == actual then
    return nil
  end
  seen[expected] = actual
  for _, key in ipairs(sortedKeys(expected)) do
    local step = type(key) == 'string' and '.' .. key or '[' .. M.show(key) .. ']'
    local found = difference(rawget(expected, key), rawget(actual, key), partly, path .. step, seen)
    if found then
      return found
    end
  end
  for _, key in ipairs(partly and {} or sortedKeys(actual)) do
    if rawget(expected, key) == nil then
      local step = type(key) == 'string' and '.' .. key or '[' .. M.show(key) .. ']'
      return { path = path .. step, expected = nil, actual = rawget(actual, key) }
    end
  end
  return nil
end

--- Tells whether two values are equal, tables by what is in them.
---@param one any
---@param other any
---@return boolean
function M.equal(one, other)
  return difference(one, other, false, '', {}) == nil
end

-- Expectations

---@class test.Failure What a failed expectation raises.
---@field kind 'expectation'
---@field message string
---@field expected any
---@field actual any
local Failure = {}
Failure.__index = Failure
Failure.__name = 'expectation'

function Failure:__tostring()
  return self.message
end

local function fail(message, expected, actual)
  local failure = { kind = 'expectation', message = message, expected = expected, actual = actual }
  error(setmetatable(failure, Failure))
end

local function isMock(value)
  return type(value) == 'table' and type(rawget(value, 'calls')) == 'table'
end

local function readField(value, key)
  local ok, found = pcall(function()
    return value[key]
  end)
  if ok then
    return found
  end
  return nil
end

local function messageOf(raised)
  local message = readField(raised, 'message')
  return type(raised) == 'string' and raised
    or type(message) == 'string' and message
    or tostring(raised)
end

local function raisedFits(raised, expected)
  if expected == nil then
    return true
  elseif type(expected) == 'string' then
    return messageOf(raised):find(expected, 1, true) ~= nil
  elseif type(expected) == 'function' then
    return expected(raised) and true or false
  elseif type(expected) == 'table' then
    for key, value in pairs(expected) do
      if not M.equal(value, readField(raised, key)) then
        return false
      end
    end
    return true
  end
  return raised == expected
end

local function containsValue(actual, value)
  if type(actual) == 'string' then
    return type(value) == 'string' and actual:find(value, 1, true) ~= nil
  elseif type(actual) == 'table' then
    for _, element in next, actual do
      if M.equal(value, element) then
        return true
      end
    end
  end
  return false
end

local function lengthOf(value)
  if type(value) == 'string' or type(value) == 'table' then
    return #value
  end
  return nil
end

local function ordered(words, compare)
  return function(actual, bound)
    local fits = type(actual) == type(bound) and compare(actual, bound)
    return fits, words .. ' ' .. M.show(bound)
  end
end

local function ofType(name)
  return function(actual)
    return type(actual) == name, 'a ' .. name
  end
end

local function callsOf(mock)
  if not isMock(mock) then
    error('expected a mock or a spy, got ' .. M.show(mock), 0)
  end
  return mock.calls
end

local function wasCalledWith(mock, ...)
  local wanted = table.pack(...)
  for _, call in ipairs(callsOf(mock)) do
    if M.equal(wanted, call) then
      return true
    end
  end
  return false
end

-- How many differences of two tables are told.
local mostDifferences = 8

-- Collects the differences of two tables, those of the innermost tables.
local function differences(expected, actual, partly, path, seen, found)
  local tables = type(expected) == 'table'
    and type(actual) == 'table'
    and getmetatable(expected) ~= Pattern
  if not tables or rawequal(expected, actual) then
    found[#found + 1] = difference(expected, actual, partly, path, {})
    return found
  elseif seen[expected] == actual then
    return found
  end
  seen[expected] = actual
  local keys = {}
  for _, key in ipairs(sortedKeys(expected)) do
    keys[#keys + 1] = key
  end
  for _, key in ipairs(partly and {} or sortedKeys(actual)) do
    if rawget(expected, key) == nil then
      keys[#keys + 1] = key
    end
  end
  for _, key in ipairs(keys) do
    local step = type(key) == 'string' and '.' .. key or '[' .. M.show(key) .. ']'
    differences(rawget(expected, key), rawget(actual, key), partly, path .. step, seen, found)
  end
  return found
end

local function compare(actual, expected, partly)
  local found = differences(expected, actual, partly, '', {}, {})
  local got = M.show(actual)
  for index, one in ipairs(found) do
    if index > mostDifferences then
      got = got .. ('\n  and %d more'):format(#found - mostDifferences)
      break
    elseif one.path ~= '' then
      local where = '\n  at `%s`: expected %s, got %s'
      got = got .. where:format(one.path, M.show(one.expected), M.show(one.actual))
    end
  end
  return #found == 0, M.show(expected), got
end

-- A matcher gets the value and what it is compared with. It returns whether they fit, what was
-- expected in words and, where showing the value would not say it, what there was instead.
---@type table<string, fun(actual: any, ...: any): boolean, string, string?>
local matchers = {
  toBe = function(actual, expected)
    local alike = type(actual) == 'table' and actual ~= expected and M.equal(actual, expected)
    local got = alike and 'another table with the same content (compare it with toEqual)' or nil
    return actual == expected, M.show(expected), got
  end,
  toEqual = function(actual, expected)
    return compare(actual, expected, false)
  end,
  toMatchObject = function(actual, expected)
    local fits, words, got = compare(actual, expected, true)
    return fits, 'at least ' .. words, got
  end,
  toBeNil = function(actual)
    return actual == nil, 'nil'
  end,
  toBeDefined = function(actual)
    return actual ~= nil, 'a value'
  end,
  toBeUndefined = function(actual)
    return actual == nil, 'nil'
  end,
  toBeNull = function(actual)
    return actual == nil or rawequal(actual, null), 'null'
  end,
  toBeTruthy = function(actual)
    return actual and true or false, 'a true value'
  end,
  toBeFalsy = function(actual)
    return not actual, 'false or nil'
  end,
  toBeTrue = function(actual)
    return actual == true, 'true'
  end,
  toBeFalse = function(actual)
    return actual == false, 'false'
  end,
  toBeNaN = function(actual)
    return actual ~= actual, 'NaN'
  end,
  toBeGreaterThan = ordered('more than', function(actual, bound)
    return actual > bound
  end),
  toBeGreaterThanOrEqual = ordered('at least', function(actual, bound)
    return actual >= bound
  end),
  toBeLessThan = ordered('less than', function(actual, bound)
    return actual < bound
  end),
  toBeLessThanOrEqual = ordered('at most', function(actual, bound)
    return actual <= bound
  end),
  toBeCloseTo = function(actual, expected, digits)
    local margin = 10 ^ -(digits or 2) / 2
    local fits = type(actual) == 'number' and math.abs(actual - expected) < margin
    return fits, ('%s (within %g)'):format(M.show(expected), margin)
  end,
  toBeType = function(actual, name)
    local fits = type(actual) == name or math.type(actual) == name
    return fits, 'a value of the type ' .. tostring(name)
  end,
  toBeString = ofType('string'),
  toBeNumber = ofType('number'),
  toBeBoolean = ofType('boolean'),
  toBeTable = ofType('table'),
  toBeFunction = ofType('function'),
  toContain = function(actual, value)
    return containsValue(actual, value), 'something that contains ' .. M.show(value)
  end,
  toHaveLength = function(actual, length)
    local found = lengthOf(actual)
    local got = found and ('%d: %s'):format(found, M.show(actual))
    return found == length, 'the length ' .. M.show(length), got
  end,
  toBeEmpty = function(actual)
    local empty = actual == '' or (type(actual) == 'table' and next(actual) == nil)
    return empty, 'something empty'
  end,
  toHaveProperty = function(actual, key, ...)
    local value = readField(actual, key)
    if select('#', ...) == 0 then
      return value ~= nil, 'a table with ' .. M.show(key)
    end
    local wanted = ...
    return M.equal(value, wanted), ('a table with %s = %s'):format(M.show(key), M.show(wanted))
  end,
  toMatch = function(actual, pattern)
    local fits = type(actual) == 'string' and actual:find(pattern) ~= nil
    return fits, 'a text that matches ' .. M.show(pattern)
  end,
  toStartWith = function(actual, prefix)
    local fits = type(actual) == 'string' and actual:sub(1, #prefix) == prefix
    return fits, 'a text that starts with ' .. M.show(prefix)
  end,
  toEndWith = function(actual, suffix)
    local fits = type(actual) == 'string' and (suffix == '' or actual:sub(-#suffix) == suffix)
    return fits, 'a text that ends with ' .. M.show(suffix)
  end,
  toSatisfy = function(actual, test)
    return test(actual) and true or false, 'a value that satisfies the given function'
  end,
  toThrow = function(actual, expected)
    local words = expected == nil and 'an error' or 'an error with ' .. M.show(expected)
    if type(actual) ~= 'function' and not isMock(actual) then
      return false, words, M.show(actual) .. ', which is not a function'
    end
    local ok, raised = pcall(actual)
    if ok then
      return false, words, 'none'
    end
    return raisedFits(raised, expected), words, 'the error ' .. M.show(raised)
  end,
  toHaveBeenCalled = function(mock)
    local calls = callsOf(mock)
    return #calls > 0, 'a call', ('%d calls'):format(#calls)
  end,
  toHaveBeenCalledTimes = function(mock, count)
    local calls = callsOf(mock)
    return #calls == count, ('%d calls'):format(count), tostring(#calls)
  end,
  toHaveBeenCalledWith = function(mock, ...)
    local words = 'a call with ' .. M.show({ ... })
    return wasCalledWith(mock, ...), words, 'the calls ' .. M.show(mock.calls)
  end,
  toHaveBeenLastCalledWith = function(mock, ...)
    local calls = callsOf(mock)
    local last = calls[#calls]
    local fits = last ~= nil and M.equal(table.pack(...), last)
    return fits, 'a last call with ' .. M.show({ ... }), M.show(last)
  end,
}

local function hasEach(actual, wanted)
  if type(actual) ~= 'table' then
    return false
  end
  for _, value in ipairs(wanted) do
    if not containsValue(actual, value) then
      return false
    end
  end
  return true
end

local function countKeys(value)
  local count = 0
  for _ in next, value do
    count = count + 1
  end
  return count
end

function matchers.toBeOneOf(actual, values)
  return containsValue(values, actual), 'one of ' .. M.show(values)
end

function matchers.toBeInteger(actual)
  return math.type(actual) == 'integer', 'an integer'
end

function matchers.toBePositive(actual)
  return type(actual) == 'number' and actual > 0, 'a positive number'
end

function matchers.toBeNegative(actual)
  return type(actual) == 'number' and actual < 0, 'a negative number'
end

function matchers.toBeZero(actual)
  return actual == 0, '0'
end

function matchers.toBeBetween(actual, least, most)
  local fits = type(actual) == type(least) and actual >= least and actual <= most
  return fits, ('a value from %s to %s'):format(M.show(least), M.show(most))
end

function matchers.toBeArray(actual)
  local fits = type(actual) == 'table' and countKeys(actual) == #actual
  return fits, 'a list'
end

function matchers.toBeObject(actual)
  return type(actual) == 'table', 'a table'
end

function matchers.toBeUserdata(actual)
  return type(actual) == 'userdata', 'a userdata'
end

function matchers.toBeCallable(actual)
  local meta = getmetatable(actual)
  local fits = type(actual) == 'function' or (type(meta) == 'table' and meta.__call ~= nil)
  return fits, 'something that can be called'
end

function matchers.toBeInstanceOf(actual, class)
  local meta = getmetatable(actual)
  while type(meta) == 'table' do
    if meta == class or meta.__index == class then
      return true, 'an instance of that class'
    end
    meta = getmetatable(meta)
  end
  return type(class) == 'string' and type(actual) == class, 'an instance of ' .. M.show(class)
end

function matchers.toHaveKey(actual, key)
  return type(actual) == 'table' and actual[key] ~= nil, 'a table with ' .. M.show(key)
end

function matchers.toHaveKeys(actual, first, ...)
  local keys = type(first) == 'table' and first or { first, ... }
  for _, key in ipairs(keys) do
    if type(actual) ~= 'table' or actual[key] == nil then
      return false, 'a table with ' .. M.show(keys)
    end
  end
  return true, 'a table with ' .. M.show(keys)
end

function matchers.toContainAll(actual, values)
  return hasEach(actual, values), 'a list that contains each of ' .. M.show(values)
end

function matchers.toHaveBeenNthCalledWith(mock, number, ...)
  local call = callsOf(mock)[number]
  local fits = call ~= nil and M.equal(table.pack(...), call)
  return fits, ('call %s with %s'):format(number, M.show({ ... })), M.show(call)
end

local function resultsOf(mock)
  callsOf(mock)
  return rawget(mock, 'results') or {}
end

function matchers.toHaveReturned(mock)
  return #resultsOf(mock) > 0, 'a call that returned'
end

function matchers.toHaveReturnedTimes(mock, count)
  return #resultsOf(mock) == count, ('%d calls that returned'):format(count)
end

function matchers.toHaveReturnedWith(mock, ...)
  local wanted = table.pack(...)
  for _, results in ipairs(resultsOf(mock)) do
    if M.equal(wanted, results) then
      return true, 'a call that returned ' .. M.show({ ... })
    end
  end
  return false, 'a call that returned ' .. M.show({ ... }), M.show(resultsOf(mock))
end

-- Other words for the same.
for name, same in pairs({
  toBeA = 'toBeType',
  toBeAn = 'toBeType',
  toBeList = 'toBeArray',
  toBeOfType = 'toBeType',
  toBeTypeOf = 'toBeType',
  toBeWithin = 'toBeBetween',
  toBeInRange = 'toBeBetween',
  toBeGreaterOrEqual = 'toBeGreaterThanOrEqual',
  toBeLessOrEqual = 'toBeLessThanOrEqual',
  toBeAtLeast = 'toBeGreaterThanOrEqual',
  toBeAtMost = 'toBeLessThanOrEqual',
  toContainEqual = 'toContain',
  toContainKey = 'toHaveKey',
  toContainString = 'toContain',
  toInclude = 'toContain',
  toDeepEqual = 'toEqual',
  toHaveField = 'toHaveProperty',
  toHaveLengthOf = 'toHaveLength',
  toHaveSize = 'toHaveLength',
  toExist = 'toBeDefined',
  toMatchPattern = 'toMatch',
  toError = 'toThrow',
  toRaise = 'toThrow',
  toThrowError = 'toThrow',
  toBeCalled = 'toHaveBeenCalled',
  toBeCalledTimes = 'toHaveBeenCalledTimes',
  toBeCalledWith = 'toHaveBeenCalledWith',
  toHaveBeenCalledOnce = 'toHaveBeenCalled',
  lastCalledWith = 'toHaveBeenLastCalledWith',
  nthCalledWith = 'toHaveBeenNthCalledWith',
}) do
  matchers[name] = matchers[same]
end

function matchers.toHaveBeenCalledOnce(mock)
  local calls = callsOf(mock)
  return #calls == 1, '1 call', tostring(#calls)
end
matchers.toStrictEqual = matchers.toEqual
matchers.toBeGreaterThanOrEqualTo = matchers.toBeGreaterThanOrEqual
matchers.toBeLessThanOrEqualTo = matchers.toBeLessThanOrEqual

local negations =
  { never = true, not_ = true, ['not'] = true, isNot = true, to_not = true, toNot = true }
-- Words that read well and say nothing: `expect(x).to.be.a('string')`.
local links = {
  to = true,
  be = true,
  been = true,
  have = true,
  has = true,
  is = true,
  an_ = true,
  that = true,
  And = true,
}
-- What stands behind them.
local short = {
  a = 'toBeType',
  an = 'toBeType',
  contain = 'toContain',
  deep_equal = 'toEqual',
  empty = 'toBeEmpty',
  eql = 'toEqual',
  equal = 'toBe',
  equals = 'toBe',
  exist = 'toBeDefined',
  falsy = 'toBeFalsy',
  include = 'toContain',
  length = 'toHaveLength',
  match = 'toMatch',
  same = 'toEqual',
  throw = 'toThrow',
  truthy = 'toBeTruthy',
}

-- Finds the matcher of a name, also in snake_case and with a negation before it; tells whether it is
-- negated.
local function findMatcher(key)
  if type(key) ~= 'string' then
    return nil
  end
  local function named(name)
    local camel = name:gsub('_(%a)', string.upper)
    return matchers[name] or matchers[camel] or matchers[short[name] or 0]
  end
  local found = named(key)
  if found then
    return found, false
  end
  for _, before in ipairs({
    '^not_(.+)$',
    '^never_(.+)$',
    '^to_not_(.+)$',
    '^not(To%u.*)$',
    '^never(To%u.*)$',
    '^toNot(%u.*)$',
  }) do
    local rest = key:match(before)
    if rest then
      local name = rest:gsub('^To', 'to')
      found = named(name) or named('to' .. name) or named('to_' .. name)
      if found then
        return found, true
      end
    end
  end
  return nil
end

---@class test.Expectation
---@field never test.Expectation the opposite of what follows; also `not_`, and as a prefix: `not_toBeNil`
---@field not_ test.Expectation
---@field toBe fun(expected: any) compares with `==`
---@field toEqual fun(expected: any) compares tables by what is in them
---@field toMatchObject fun(expected: table) the fields named are equal; there may be others
---@field toBeNil fun()
---@field toBeDefined fun()
---@field toBeTruthy fun()
---@field toBeFalsy fun()
---@field toBeTrue fun()
---@field toBeFalse fun()
---@field toBeGreaterThan fun(bound: number|string)
---@field toBeGreaterThanOrEqual fun(bound: number|string)
---@field toBeLessThan fun(bound: number|string)
---@field toBeLessThanOrEqual fun(bound: number|string)
---@field toBeCloseTo fun(expected: number, digits?: integer) to two digits behind the point, if left out
---@field toBeType fun(name: string) a type of `type` or `math.type`
---@field toContain fun(value: any) a list an element, a text a part
---@field toHaveLength fun(length: integer)
---@field toBeEmpty fun()
---@field toHaveProperty fun(key: any, value?: any)
---@field toMatch fun(pattern: string) a Lua pattern
---@field toStartWith fun(prefix: string)
---@field toEndWith fun(suffix: string)
---@field toSatisfy fun(test: fun(value: any): any)
---@field toThrow fun(expected?: string|table|fun(raised: any): any) a part of the message, or fields of the error
---@field toHaveBeenCalled fun()
---@field toHaveBeenCalledTimes fun(count: integer)
---@field toHaveBeenCalledWith fun(...: any)
---@field toHaveBeenLastCalledWith fun(...: any)

local function unknownMatcher(key)
  local names = {}
  for name in pairs(matchers) do
    names[#names + 1] = name
  end
  table.sort(names)
  error(
    ('expect(...) has no `%s`; there are: %s'):format(tostring(key), table.concat(names, ', ')),
    3
  )
end

local function newExpectation(actual, negated)
  local expectation = {}
  return setmetatable(expectation, {
    __index = function(_, key)
      if negations[key] then
        return newExpectation(actual, not negated)
      end
      local matcher, opposite = findMatcher(key)
      if not matcher and links[key] then
        return newExpectation(actual, negated)
      end
      local inverted = negated ~= (opposite or false)
      if not matcher then
        unknownMatcher(key)
      end
      return function(...)
        local arguments = table.pack(...)
        if rawequal(arguments[1], expectation) then
          -- Called with a colon: expect(x):toBe(1).
          arguments = table.pack(select(2, ...))
        end
        local fits, words, got = matcher(actual, table.unpack(arguments, 1, arguments.n))
        if fits == inverted then
          local message = 'expected %s%s, got %s'
          local negation = inverted and 'not ' or ''
          fail(message:format(negation, words, got or M.show(actual)), arguments[1], actual)
        end
      end
    end,
  })
end

--- Begins an expectation of a value: `expect(value).toBe(1)`. Its fields stand for values of a kind, wherever values are
--- compared: `expect(thread).toEqual({ id = expect.any('string'), title = 'hello' })`.
---@class test.Expect
---@overload fun(actual: any): test.Expectation
M.expect = setmetatable({}, {
  __call = function(_, actual)
    return newExpectation(actual, false)
  end,
})

--- Stands for any value of a type; for any value but nil without one.
---@param kind? string
function M.expect.any(kind)
  if kind == nil then
    return M.expect.anything()
  end
  return pattern('any ' .. tostring(kind), function(value)
    return type(value) == kind or math.type(value) == kind
  end)
end

--- Stands for any value but nil.
function M.expect.anything()
  return pattern('anything', function(value)
    return value ~= nil
  end)
end

--- Stands for a table that has at least these fields.
---@param fields table
function M.expect.objectContaining(fields)
  return pattern('a table with ' .. M.show(fields), function(value)
    return difference(fields, value, true, '', {}) == nil
  end)
end

--- Stands for a list that has at least these elements.
---@param values any[]
function M.expect.arrayContaining(values)
  return pattern('a list with ' .. M.show(values), function(value)
    return hasEach(value, values)
  end)
end

--- Stands for a text that has this part.
---@param part string
function M.expect.stringContaining(part)
  return pattern('a text with ' .. M.show(part), function(value)
    return type(value) == 'string' and value:find(part, 1, true) ~= nil
  end)
end

--- Stands for a text that matches a Lua pattern.
---@param wanted string
function M.expect.stringMatching(wanted)
  return pattern('a text that matches ' .. M.show(wanted), function(value)
    return type(value) == 'string' and value:find(wanted) ~= nil
  end)
end

-- busted's assert

local assertions = {
  ['true'] = function(actual)
    return actual == true, 'true', actual
  end,
  ['false'] = function(actual)
    return actual == false, 'false', actual
  end,
  ['nil'] = function(actual)
    return actual == nil, 'nil', actual
  end,
  truthy = function(actual)
    return actual and true or false, 'a true value', actual
  end,
  falsy = function(actual)
    return not actual, 'false or nil', actual
  end,
  equal = function(expected, actual)
    return expected == actual, M.show(expected), actual
  end,
  same = function(expected, actual)
    return M.equal(expected, actual), M.show(expected), actual
  end,
  near = function(expected, actual, margin)
    local fits = type(actual) == 'number' and math.abs(expected - actual) <= margin
    return fits, ('%s (within %s)'):format(M.show(expected), M.show(margin)), actual
  end,
  match = function(pattern, actual)
    local fits = type(actual) == 'string' and actual:find(pattern) ~= nil
    return fits, 'a text that matches ' .. M.show(pattern), actual
  end,
  contains = function(value, actual)
    return containsValue(actual, value), 'something that contains ' .. M.show(value), actual
  end,
  error = function(action, expected)
    local ok, raised = pcall(action)
    local fits = not ok
    if fits and type(expected) == 'table' and type(raised) == 'table' then
      fits = M.equal(expected, raised)
    elseif fits and expected ~= nil then
      -- A message raised with `error` begins with its place.
      fits = messageOf(raised) == expected
        or messageOf(raised):sub(-#tostring(expected)) == expected
    end
    return fits, expected == nil and 'an error' or 'the error ' .. M.show(expected), raised
  end,
}
assertions.equals = assertions.equal
assertions.matches = assertions.match
assertions.errors = assertions.error
assertions.callable = function(actual)
  local fits, words = matchers.toBeCallable(actual)
  return fits, words, actual
end
assertions.unique = function(list)
  for index, value in ipairs(list) do
    for other = index + 1, #list do
      if M.equal(value, list[other]) then
        return false, 'different elements', list
      end
    end
  end
  return true, 'different elements', list
end
assertions.error_matches = function(action, wanted)
  local ok, raised = pcall(action)
  return not ok and messageOf(raised):find(wanted) ~= nil,
    'an error that matches ' .. M.show(wanted),
    raised
end
assertions.matches_error = assertions.error_matches
assertions.match_error = assertions.error_matches
assertions.called = function(mock, count)
  local calls = callsOf(mock)
  if count == nil then
    return #calls > 0, 'a call', #calls
  end
  return #calls == count, ('%d calls'):format(count), #calls
end
assertions.called_with = function(mock, ...)
  return wasCalledWith(mock, ...), 'a call with ' .. M.show({ ... }), mock.calls
end
assertions.called_at_least = function(mock, count)
  return #callsOf(mock) >= count, ('at least %d calls'):format(count), #mock.calls
end
assertions.called_at_most = function(mock, count)
  return #callsOf(mock) <= count, ('at most %d calls'):format(count), #mock.calls
end
for name, matcher in pairs({
  empty = 'toBeEmpty',
  greater_than = 'toBeGreaterThan',
  less_than = 'toBeLessThan',
  property = 'toHaveProperty',
  key = 'toHaveKey',
  length = 'toHaveLength',
}) do
  assertions[name] = function(actual, ...)
    local fits, words = matchers[matcher](actual, ...)
    return fits, words, actual
  end
end
for _, name in ipairs({ 'string', 'number', 'boolean', 'table', 'function', 'userdata', 'thread' }) do
  assertions[name] = function(actual)
    return type(actual) == name, 'a ' .. name, actual
  end
end

assertions.spy = function() end
assertions.stub = assertions.spy

assertions.deep_equal = assertions.same
assertions.deep_equals = assertions.same
assertions.throw = assertions.error
assertions.throws = assertions.error
assertions.raises = assertions.error

local fillers = {
  assert = true,
  is = true,
  are = true,
  was = true,
  were = true,
  has = true,
  have = true,
  does = true,
  to = true,
  be = true,
}
local assertNegations = { ['not'] = true, no = true, never = true }

-- The words up to here, joined: `assert.is_not.equal` and `assert.is_not_equal` are the same.
local function newAssertion(negated, name, subject)
  return setmetatable({}, {
    __index = function(_, key)
      local nextNegated, nextName = negated, name
      -- `isTrue`, `hasError` are written as `is_true`, `has_error`.
      local words = tostring(key):gsub('(%l)(%u)', '%1_%2'):lower()
      for word in words:gmatch('[^_]+') do
        if assertNegations[word] then
          nextNegated = not nextNegated
        elseif not fillers[word] then
          nextName = nextName and nextName .. '_' .. word or word
        end
      end
      -- A name may be said in several words: `called_at_least`, `was.called.with`.
      local known = nextName == nil
      for name in pairs(assertions) do
        known = known or name == nextName or name:sub(1, #nextName + 1) == nextName .. '_'
      end
      if not known then
        error(('assert has no `%s`'):format(tostring(key)), 2)
      end
      return newAssertion(nextNegated, nextName, subject)
    end,
    __call = function(_, ...)
      if name == 'spy' or name == 'stub' then
        -- `assert.spy(s).was.called()`
        return newAssertion(negated, nil, (...))
      elseif not name and subject == nil then
        -- The plain assert.
        local value, message = ...
        if not value then
          fail(message ~= nil and tostring(message) or 'assertion failed!', true, value)
        end
        return ...
      end
      if not assertions[name] then
        error(('assert has no `%s`'):format(tostring(name)), 2)
      end
      local fits, words, actual
      if subject ~= nil then
        fits, words, actual = assertions[name](subject, ...)
      else
        fits, words, actual = assertions[name](...)
      end
      if fits == negated then
        local negation = negated and 'not ' or ''
        fail(('expected %s%s, got %s'):format(negation, words, M.show(actual)), (...), actual)
      end
      return ...
    end,
  })
end

-- Mocks

---@class test.Mock A function that remembers its calls.
---@field calls table[] the arguments of each call, with their number as `n`
---@field results table[] what each call returned, with their number as `n`
---@overload fun(...: any): any
local Mock = {}
Mock.__name = 'mock'

-- What is asked of a mock under other names than its own.
local answers = {
  called = function(mock)
    return #mock.calls > 0
  end,
  call_count = function(mock)
    return #mock.calls
  end,
  count = function(mock)
    return #mock.calls
  end,
  mock = function(mock)
    return { calls = mock.calls, results = mock.results }
  end,
  last_call = function(mock)
    return mock.calls[#mock.calls]
  end,
}

function Mock.__index(mock, key)
  local found = Mock[key]
  if found == nil and answers[key] then
    return answers[key](mock)
  end
  return found
end

function Mock:__call(...)
  self.calls[#self.calls + 1] = table.pack(...)
  local results
  local once = table.remove(self.queue, 1)
  if once and once.run then
    results = table.pack(once.run(...))
  elseif once then
    results = once
  elseif self.fixed then
    results = self.fixed
  elseif self.implementation then
    results = table.pack(self.implementation(...))
  else
    results = table.pack()
  end
  self.results[#self.results + 1] = results
  return table.unpack(results, 1, results.n)
end

--- Lets every call return these values.
---@param ... any
---@return test.Mock
function Mock:returns(...)
  self.fixed = table.pack(...)
  return self
end

--- Lets the next call (after those already promised) return these values.
---@param ... any
---@return test.Mock
function Mock:returnsOnce(...)
  self.queue[#self.queue + 1] = table.pack(...)
  return self
end

--- Lets every call do what a function does.
---@param implementation function
---@return test.Mock
function Mock:does(implementation)
  self.fixed = nil
  self.implementation = implementation
  return self
end

--- Forgets the calls so far.
---@return test.Mock
function Mock:clear()
  self.calls, self.results = {}, {}
  return self
end

--- Tells how often it was called.
---@return integer
function Mock:callCount()
  return #self.calls
end

--- Puts back what `spy.on` replaced.
function Mock:restore()
  if self.owner then
    self.owner[self.key] = self.original
    self.owner = nil
  end
end

--- Forgets the calls, and what calls were to return.
---@return test.Mock
function Mock:reset()
  self.fixed, self.implementation, self.queue = nil, self.original, {}
  return self:clear()
end

--- Lets every call raise an error.
---@param message any
---@return test.Mock
function Mock:raises(message)
  return self:does(function()
    error(message, 0)
  end)
end

--- Lets the next call do what a function does.
---@param implementation function
---@return test.Mock
function Mock:doesOnce(implementation)
  self.queue[#self.queue + 1] = { run = implementation }
  return self
end

--- Returns the calls: the arguments of each.
---@return table[]
function Mock:getCalls()
  return self.calls
end

--- Returns the arguments of a call; of the last one without a number.
---@param number? integer
---@return table?
function Mock:getCall(number)
  return self.calls[number or #self.calls]
end

--- Tells whether there was a call with these arguments.
---@param ... any
---@return boolean
function Mock:calledWith(...)
  return wasCalledWith(self, ...)
end

--- Tells whether there was a call.
---@return boolean
function Mock:wasCalled()
  return #self.calls > 0
end

for name, same in pairs({
  called_with = 'calledWith',
  clearCalls = 'clear',
  getCallCount = 'callCount',
  getLastCall = 'getCall',
  get_call = 'getCall',
  get_call_count = 'callCount',
  get_calls = 'getCalls',
  invokes = 'does',
  lastCall = 'getCall',
  mockImplementationOnce = 'doesOnce',
  mockThrow = 'raises',
  returns_once = 'returnsOnce',
  throws = 'raises',
  wasCalledWith = 'calledWith',
  was_called = 'wasCalled',
  was_called_with = 'calledWith',
}) do
  Mock[name] = Mock[same]
end

Mock.mockReturnValue = Mock.returns
Mock.mockReturnValueOnce = Mock.returnsOnce
Mock.mockImplementation = Mock.does
Mock.mockClear = Mock.clear
Mock.mockReset = Mock.reset
Mock.mockRestore = Mock.restore
Mock.revert = Mock.restore

local function newMock(implementation)
  local mock = { calls = {}, results = {}, queue = {}, implementation = implementation }
  return setmetatable(mock, Mock)
end

-- The registry

local function newGroup(name, parent)
  return {
    name = name,
    parent = parent,
    hooks = { before_all = {}, before_each = {}, after_each = {}, after_all = {} },
    skip = parent and parent.skip or false,
    only = parent and parent.only or false,
  }
end

local function pathOf(group)
  local path = {}
  while group.parent do
    table.insert(path, 1, group.name)
    group = group.parent
  end
  return path
end

-- The groups from the outermost to this one.
local function chainOf(group)
  local chain = {}
  while group do
    table.insert(chain, 1, group)
    group = group.parent
  end
  return chain
end

local function lastKey(list)
  local last = 0
  for key in next, list do
    if math.type(key) == 'integer' and key > last then
      last = key
    end
  end
  return last
end

local function isArgumentList(case)
  return type(case) == 'table' and getmetatable(case) ~= Mock and lastKey(case) > 0
end

-- Returns the cases in their order; a table with names has that of its names.
local function listOfCases(cases, word)
  if type(cases) ~= 'table' then
    error(('`%s` must be given a table of cases, found %s'):format(word, M.show(cases)), 3)
  end
  local list = {}
  local last = lastKey(cases)
  for index = 1, last do
    list[index] = cases[index]
  end
  if last == 0 then
    for _, key in ipairs(sortedKeys(cases)) do
      list[#list + 1] = rawget(cases, key)
    end
  end
  return list, math.max(last, #list)
end

-- Reads `$user.name` off a case.
local function fieldOfCase(case, path)
  local value = case
  for key in path:gmatch('[^%.]+') do
    if type(value) ~= 'table' then
      return nil
    end
    value = rawget(value, key)
  end
  return value
end

-- Puts a case's values into a test's name: `%s` and `%d` one after the other, `%p` as Lua would write
-- it, `%#` its number, `$field` and `$field.inner` by name.
local function nameOfCase(template, case, index)
  if type(template) == 'function' then
    return tostring(template(case, index))
  end
  template = tostring(template)
  local values = isArgumentList(case) and case or { case }
  local used = 0
  local function plain(value)
    return type(value) == 'string' and value or M.show(value)
  end
  local name, places = template:gsub('%%([%%#]?)([sdifqpjoxg]?)', function(mark, kind)
    if mark == '%' then
      return '%' .. kind
    elseif mark == '#' then
      return tostring(index) .. kind
    elseif kind == '' then
      return nil
    end
    used = used + 1
    local value = values[used]
    return kind == 'p' and M.show(value) or plain(value)
  end)
  if type(case) == 'table' then
    local fields = 0
    local function put(path)
      local value = fieldOfCase(case, path)
      if value == nil then
        return nil
      end
      fields = fields + 1
      return plain(value)
    end
    name = name:gsub('%${([%w_%.]+)}', put)
    name = name:gsub('%$([%a_][%w_%.]*[%w_])', put)
    name = name:gsub('%$([%a_])', put)
    places = places + fields
  end
  return places > 0 and name or ('%s (%d)'):format(name, index)
end

--- Returns a registry: what one spec file declares.
---@return test.Registry
function M.new()
  local root = newGroup('')
  local current = root
  local tests = {}
  local running = false
  local spies = {}

  local function declare(word)
    if running then
      error(('`%s` cannot stand inside a test'):format(word), 3)
    end
  end

  -- Runs the hooks behind a test, those that are left too when one fails, and puts back what spies
  -- replaced. The test's own error stays the one that is reported.
  local function finish(chain, failed)
    local firstError
    local function run(kind)
      for index = #chain, 1, -1 do
        for _, hook in ipairs(chain[index].hooks[kind]) do
          local ok, raised = pcall(hook)
          firstError = firstError or (not ok and { raised = raised }) or nil
        end
      end
    end
    run('after_each')
    run('after_all')
    for index = #spies, 1, -1 do
      spies[index]:restore()
      spies[index] = nil
    end
    running = false
    if firstError and not failed then
      error(firstError.raised, 0)
    end
  end

  local function runTest(group, body)
    local chain = chainOf(group)
    running = true
    -- A closed variable rather than a pcall: an error keeps the stack of the place that raised it.
    local _ <close> = setmetatable({}, {
      __close = function(_, raised)
        finish(chain, raised ~= nil)
      end,
    })
    for _, kind in ipairs({ 'before_all', 'before_each' }) do
      for _, link in ipairs(chain) do
        for _, hook in ipairs(link.hooks[kind]) do
          hook()
        end
      end
    end
    body()
  end

  local function addTest(name, body, marks)
    local group = current
    tests[#tests + 1] = {
      group = group,
      name = tostring(name),
      skip = marks.skip or body == nil or group.skip,
      only = marks.only or group.only,
      body = body,
    }
  end

  -- Returns what calls `body` with a case: a list is its arguments, anything else the only one.
  local function withCase(body, case)
    return function()
      if isArgumentList(case) then
        body(table.unpack(case, 1, case.n or lastKey(case)))
      else
        body(case)
      end
    end
  end

  local function addCases(cases, name, body, marks)
    local list, count = listOfCases(cases, 'it.each')
    for index = 1, count do
      local case = list[index]
      addTest(nameOfCase(name, case, index), body and withCase(body, case), marks)
    end
  end

  local function itWith(marks)
    return setmetatable({}, {
      __call = function(_, name, body)
        declare('it')
        addTest(name, body, marks)
      end,
      __index = function(_, key)
        if key == 'skip' then
          return itWith({ skip = true, only = marks.only })
        elseif key == 'only' then
          return itWith({ skip = marks.skip, only = true })
        elseif key == 'each' then
          return function(cases, ...)
            if select('#', ...) > 0 then
              local name, body = ...
              declare('it.each')
              return addCases(cases, name, body, marks)
            end
            return function(name, body)
              declare('it.each')
              addCases(cases, name, body, marks)
            end
          end
        elseif key == 'todo' then
          return function(name)
            declare('it.todo')
            addTest(name, nil, { skip = true })
          end
        end
        error(('`it` has no `%s`; there are: each, only, skip'):format(tostring(key)), 2)
      end,
    })
  end

  local function addGroup(name, body, marks)
    local group = newGroup(tostring(name), current)
    group.skip = group.skip or marks.skip or false
    group.only = group.only or marks.only or false
    current = group
    local _ <close> = setmetatable({}, {
      __close = function()
        current = group.parent
      end,
    })
    body()
  end

  local function describeWith(marks)
    return setmetatable({}, {
      __call = function(_, name, body)
        declare('describe')
        addGroup(name, body, marks)
      end,
      __index = function(_, key)
        if key == 'skip' then
          return describeWith({ skip = true, only = marks.only })
        elseif key == 'only' then
          return describeWith({ skip = marks.skip, only = true })
        elseif key == 'each' then
          return function(cases)
            return function(name, body)
              declare('describe.each')
              local list, count = listOfCases(cases, 'describe.each')
              for index = 1, count do
                local case = list[index]
                addGroup(nameOfCase(name, case, index), withCase(body, case), marks)
              end
            end
          end
        end
        error(('`describe` has no `%s`; there are: each, only, skip'):format(tostring(key)), 2)
      end,
    })
  end

  local function hookAdder(kind)
    return function(hook)
      declare(kind)
      if type(hook) ~= 'function' then
        error(('`%s` must be given a function, found a %s'):format(kind, type(hook)), 2)
      end
      table.insert(current.hooks[kind], hook)
    end
  end

  local function spyOn(owner, key)
    local original = owner[key]
    local mock = newMock(original)
    mock.owner, mock.key, mock.original = owner, key, original
    owner[key] = mock
    spies[#spies + 1] = mock
    return mock
  end

  -- A function that remembers its calls; a table whose functions all do.
  local function mockOf(implementation)
    if type(implementation) == 'table' and getmetatable(implementation) ~= Mock then
      for _, key in ipairs(sortedKeys(implementation)) do
        if type(rawget(implementation, key)) == 'function' then
          spyOn(implementation, key)
        end
      end
      return implementation
    end
    return newMock(implementation)
  end

  -- In the place of a function one that does nothing, or returns these values.
  local function stubOn(owner, key, ...)
    if type(owner) ~= 'table' then
      return newMock(owner)
    end
    local mock = spyOn(owner, key)
    mock.implementation = nil
    if select('#', ...) > 0 then
      mock:returns(...)
    end
    return mock
  end

  -- Stops the clock of `time`, `ctx.now` and the defaults of the schema until the end of the test, or of `body`.
  local function freezeTime(instant, body)
    if type(instant) == 'string' then
      local milliseconds, message = native.instant(instant)
      instant = milliseconds or error('freeze_time: ' .. message, 2)
    elseif instant ~= nil and math.tointeger(instant) == nil then
      error(
        'freeze_time: expected milliseconds since the epoch or ISO 8601 text, found '
          .. M.show(instant),
        2
      )
    end
    local before = native.freeze(instant and math.tointeger(instant))
    if body ~= nil then
      local results = table.pack(pcall(body))
      native.freeze(before)
      if not results[1] then
        error(results[2], 0)
      end
      return table.unpack(results, 2, results.n)
    end
  end

  -- Lets every id count from 1 until the end of the test.
  local function fakeIds()
    native.countIds(true)
  end

  ---@class test.Caller
  ---@field tenant? string the tenant that the caller belongs to; left out, it is the operator
  ---@field user? string
  ---@field level? integer left out, the caller may do everything

  -- Calls `body` on behalf of someone else, and returns what it returns.
  local function asCaller(caller, body)
    native.enter(caller.tenant, caller.user, caller.level)
    local results = table.pack(pcall(body))
    native.leave()
    if not results[1] then
      error(results[2], 0)
    end
    return table.unpack(results, 2, results.n)
  end

  local it = itWith({})
  local describe = describeWith({})

  local globals = {
    describe = describe,
    context = describe,
    it = it,
    test = it,
    xit = it.skip,
    pending = function(name)
      declare('pending')
      addTest(name, nil, { skip = true })
    end,
    it_each = it.each,
    expect = M.expect,
    fail = function(message)
      fail(message ~= nil and tostring(message) or 'failed')
    end,
    assert = newAssertion(false),
    asCaller = asCaller,
    before_all = hookAdder('before_all'),
    before_each = hookAdder('before_each'),
    after_each = hookAdder('after_each'),
    after_all = hookAdder('after_all'),
    freeze_time = freezeTime,
    freezeTime = freezeTime,
    fake_ids = fakeIds,
    fakeIds = fakeIds,
    fdescribe = describe.only,
    fit = it.only,
    insulate = describe,
    itEach = it.each,
    randomize = function() end,
    test_each = it.each,
    xdescribe = describe.skip,
    xtest = it.skip,
    mock = setmetatable({ fn = newMock, new = newMock, spy = spyOn, on = spyOn, stub = stubOn }, {
      __call = function(_, implementation)
        return mockOf(implementation)
      end,
    }),
    spy = setmetatable({ on = spyOn, new = newMock, fn = newMock }, {
      __call = function(_, owner, key)
        if type(owner) == 'table' and key ~= nil then
          return spyOn(owner, key)
        end
        return newMock(owner)
      end,
    }),
    stub = setmetatable({ on = stubOn, new = stubOn }, {
      __call = function(_, owner, key, ...)
        return stubOn(owner, key, ...)
      end,
    }),
  }
  -- Each package that exists has its own words for the same few things.
  for _, name in ipairs({
    'create',
    'createMock',
    'create_mock',
    'createMockFn',
    'create_mock_fn',
    'mockFn',
    'mock_fn',
    'func',
  }) do
    globals.mock[name] = newMock
  end
  for _, name in ipairs({ 'createSpy', 'create_spy', 'spyOn', 'spy_on' }) do
    globals.mock[name] = function(owner, key)
      return key == nil and newMock(owner) or spyOn(owner, key)
    end
  end
  for _, name in ipairs({ 'createStub', 'create_stub', 'stubOn' }) do
    globals.mock[name] = stubOn
  end
  globals.mock.mock, globals.mock.object = mockOf, mockOf
  globals.mockFn, globals.spyOn, globals.spy_on = newMock, spyOn, spyOn
  globals.jest = { fn = newMock, spyOn = spyOn }
  globals.assertions = setmetatable({}, {
    __index = globals.assert,
    __call = function(_, ...)
      return globals.assert(...)
    end,
  })
  globals.mocks, globals.framework = globals.mock, globals
  globals.beforeAll, globals.beforeEach = globals.before_all, globals.before_each
  globals.afterAll, globals.afterEach = globals.after_all, globals.after_each
  globals.setup, globals.teardown = globals.before_all, globals.after_all
  globals.strict_setup, globals.strict_teardown = globals.before_all, globals.after_all

  ---@class test.Registry
  ---@field globals table<string, any> the names that a spec file finds as globals
  local registry = { globals = globals }

  ---@class test.Case
  ---@field path string[] the names of the groups around it, outermost first
  ---@field name string
  ---@field skip boolean
  ---@field only boolean
  ---@field fn fun() runs the hooks and the test; raises where it fails

  --- Lists the tests that were declared, in their order.
  ---@return test.Case[]
  function registry.list()
    local list = {}
    for index, test in ipairs(tests) do
      list[index] = {
        path = pathOf(test.group),
        name = test.name,
        skip = test.skip and true or false,
        only = test.only and true or false,
        fn = function()
          runTest(test.group, test.body or function() end)
        end,
      }
    end
    return list
  end

  return registry
end

return M
