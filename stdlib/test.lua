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

-- Returns nil where the two are equal, else the path of the first difference. Metatables do not
-- count.
local function difference(expected, actual, partly, path, seen)
  if rawequal(expected, actual) then
    return nil
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
      if M.equal(element, value) then
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
    if M.equal(call, wanted) then
      return true
    end
  end
  return false
end

local function compare(actual, expected, partly)
  local found = difference(expected, actual, partly, '', {})
  local got = M.show(actual)
  if found and found.path ~= '' then
    local where = '\n  at `%s`: expected %s, got %s'
    got = got .. where:format(found.path, M.show(found.expected), M.show(found.actual))
  end
  return found == nil, M.show(expected), got
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
    local fits = last ~= nil and M.equal(last, table.pack(...))
    return fits, 'a last call with ' .. M.show({ ... }), M.show(last)
  end,
}
matchers.toThrowError = matchers.toThrow
matchers.toStrictEqual = matchers.toEqual
matchers.toBeGreaterThanOrEqualTo = matchers.toBeGreaterThanOrEqual
matchers.toBeLessThanOrEqualTo = matchers.toBeLessThanOrEqual

local negations = { never = true, not_ = true, ['not'] = true, isNot = true }

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
      local inverted = negated
      local matcher = matchers[key]
      if not matcher and type(key) == 'string' and matchers[key:match('^not_(.*)$')] then
        matcher = matchers[key:match('^not_(.*)$')]
        inverted = not negated
      end
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

--- Begins an expectation of a value.
---@param actual any
---@return test.Expectation
function M.expect(actual)
  return newExpectation(actual, false)
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
for _, name in ipairs({ 'string', 'number', 'boolean', 'table', 'function', 'userdata', 'thread' }) do
  assertions[name] = function(actual)
    return type(actual) == name, 'a ' .. name, actual
  end
end

local fillers = {
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
local function newAssertion(negated, name)
  return setmetatable({}, {
    __index = function(_, key)
      local nextNegated, nextName = negated, name
      for word in tostring(key):lower():gmatch('[^_]+') do
        if assertNegations[word] then
          nextNegated = not nextNegated
        elseif not fillers[word] then
          nextName = nextName and nextName .. '_' .. word or word
        end
      end
      if nextName and not assertions[nextName] then
        error(('assert has no `%s`'):format(tostring(key)), 2)
      end
      return newAssertion(nextNegated, nextName)
    end,
    __call = function(_, ...)
      if not name then
        -- The plain assert.
        local value, message = ...
        if not value then
          fail(message ~= nil and tostring(message) or 'assertion failed!', true, value)
        end
        return ...
      end
      local fits, words, actual = assertions[name](...)
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
Mock.__index = Mock
Mock.__name = 'mock'

function Mock:__call(...)
  self.calls[#self.calls + 1] = table.pack(...)
  local results
  local once = table.remove(self.queue, 1)
  if once then
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

Mock.mockReturnValue = Mock.returns
Mock.mockReturnValueOnce = Mock.returnsOnce
Mock.mockImplementation = Mock.does
Mock.mockClear = Mock.clear
Mock.mockReset = Mock.clear
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

-- Puts a case's values into a test's name: `%s` and `%d` one after the other, `$field` by name.
local function nameOfCase(template, case, index)
  local values = isArgumentList(case) and case or { case }
  local used = 0
  local function plain(value)
    return type(value) == 'string' and value or M.show(value)
  end
  local name, places = template:gsub('%%[sdifq]', function()
    used = used + 1
    return plain(values[used])
  end)
  if type(case) == 'table' then
    local fields
    name, fields = name:gsub('%$([%a_][%w_]*)', function(key)
      local value = rawget(case, key)
      return value ~= nil and plain(value) or nil
    end)
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

  local function addCases(cases, name, body, marks)
    for index = 1, lastKey(cases) do
      local case = cases[index]
      addTest(nameOfCase(name, case, index), body and function()
        if isArgumentList(case) then
          body(table.unpack(case, 1, case.n or lastKey(case)))
        else
          body(case)
        end
      end, marks)
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
          return function(cases)
            return function(name, body)
              declare('it.each')
              addCases(cases, name, body, marks)
            end
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
              for index = 1, lastKey(cases) do
                local case = cases[index]
                addGroup(nameOfCase(name, case, index), function()
                  if isArgumentList(case) then
                    body(table.unpack(case, 1, case.n or lastKey(case)))
                  else
                    body(case)
                  end
                end, marks)
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
    it_each = function(cases, name, body)
      if name == nil then
        return it.each(cases)
      end
      it.each(cases)(name, body)
    end,
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
    mock = setmetatable({ fn = newMock, new = newMock, spy = spyOn, on = spyOn }, {
      __call = function(_, implementation)
        return newMock(implementation)
      end,
    }),
    spy = setmetatable({ on = spyOn, new = newMock }, {
      __call = function(_, owner, key)
        if type(owner) == 'table' and key ~= nil then
          return spyOn(owner, key)
        end
        return newMock(owner)
      end,
    }),
  }
  globals.beforeAll, globals.beforeEach = globals.before_all, globals.before_each
  globals.afterAll, globals.afterEach = globals.after_all, globals.after_each
  globals.setup, globals.teardown = globals.before_all, globals.after_all

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
