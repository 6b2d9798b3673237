local json = require('json')

-- The message of a failed expectation.
local function failure(action)
  local ok, raised = pcall(action)
  return not ok and tostring(raised) or nil
end

describe('expect', function()
  it('says what was expected and what came', function()
    expect(failure(function()
      expect(1).toBe(2)
    end)).toBe('expected 2, got 1')
    expect(failure(function()
      expect('a').never.toBe('a')
    end)).toBe('expected not "a", got "a"')
  end)

  it('raises a value with its parts', function()
    local _, raised = pcall(expect(1).toBe, 2)

    expect(raised).toMatchObject({ kind = 'expectation', expected = 2, actual = 1 })
  end)

  it('shows where two tables differ', function()
    expect(failure(function()
      expect({ a = { 1, 2 } }).toEqual({ a = { 1, 3 } })
    end)).toContain('at `.a[2]`: expected 3, got 2')
  end)

  it.each({
    { 'toBe', 1, 1, 2 },
    { 'toEqual', { 1 }, { 1 }, { 2 } },
    { 'toMatchObject', { a = 1, b = 2 }, { a = 1 }, { a = 2 } },
    { 'toContain', { { 1 } }, { 1 }, 1 },
    { 'toContain', 'a.b', '.', '%.' },
    { 'toHaveLength', 'abc', 3, 2 },
    { 'toHaveProperty', { a = false }, 'a', 'b' },
    { 'toMatch', 'abc', '^a', '^b' },
    { 'toStartWith', 'abc', 'ab', 'b' },
    { 'toEndWith', 'abc', 'bc', 'b' },
    { 'toBeGreaterThan', 2, 1, 2 },
    { 'toBeGreaterThanOrEqual', 2, 2, 3 },
    { 'toBeLessThan', 2, 3, 2 },
    { 'toBeLessThanOrEqual', 2, 2, 1 },
    { 'toBeCloseTo', 0.1 + 0.2, 0.3, 0.4 },
    { 'toBeType', 1, 'integer', 'float' },
  })('%s fits or fails', function(matcher, actual, right, wrong)
    expect(actual)[matcher](right)
    expect(actual).never[matcher](wrong)
    expect(actual).not_[matcher](wrong)
    expect(actual)['not_' .. matcher](wrong)
    expect(failure(function()
      expect(actual)[matcher](wrong)
    end)).toStartWith('expected ')
    expect(failure(function()
      expect(actual).never[matcher](right)
    end)).toStartWith('expected not ')
  end)

  it('knows nothing, truth and null', function()
    expect(nil).toBeNil()
    expect(false).toBeDefined()
    expect(0).toBeTruthy()
    expect(nil).toBeFalsy()
    expect(json.null).toBeNull()
    expect(json.null).never.toBeNil()
    expect({}).toBeEmpty()
  end)

  it('looks at what a function raises', function()
    local function raise()
      error({ code = 'locked', message = 'it is locked' })
    end

    expect(raise).toThrow()
    expect(raise).toThrow('is locked')
    expect(raise).toThrow({ code = 'locked' })
    expect(raise).never.toThrow({ code = 'other' })
    expect(function() end).never.toThrow()
  end)

  it('names the matchers when there is none of that name', function()
    expect(failure(function()
      expect(1).toBeOne()
    end)).toContain('has no `toBeOne`')
  end)
end)

describe('hooks', function()
  local calls = {}

  before_each(function()
    calls = { 'outer' }
  end)

  describe('of an inner group', function()
    before_each(function()
      calls[#calls + 1] = 'inner'
    end)

    it('run after those around it', function()
      expect(calls).toEqual({ 'outer', 'inner' })
    end)

    it('run for each test', function()
      expect(calls).toEqual({ 'outer', 'inner' })
    end)
  end)

  it('run for their group only', function()
    expect(calls).toEqual({ 'outer' })
  end)
end)

describe('it.each', function()
  it.each({ { 1, 2, 3 }, { 2, nil, 2 } })('gives %d and what follows', function(a, b, c)
    expect(a + (b or 0)).toBe(c)
  end)

  it_each({ 'a', 'b' }, 'also as it_each with %s', function(value)
    expect(value).toMatch('^[ab]$')
  end)

  it_each({ { n = 1 } })('also curried with $n', function(case)
    expect(case.n).toBe(1)
  end)
end)

describe('mock', function()
  it('remembers its calls', function()
    local double = mock(function(n)
      return n * 2
    end)

    expect(double(2)).toBe(4)
    expect(double).toHaveBeenCalledTimes(1)
    expect(double).toHaveBeenCalledWith(2)
    expect(double).never.toHaveBeenCalledWith(3)
  end)

  it('returns what it is told to', function()
    local answer = mock():returns('always'):returnsOnce('once')

    expect(answer()).toBe('once')
    expect(answer()).toBe('always')
  end)

  it('stands in for a function', function()
    local mailer = {
      send = function(to)
        return 'sent to ' .. to
      end,
    }
    local send = spy.on(mailer, 'send')

    expect(mailer.send('ann')).toBe('sent to ann')
    expect(send).toHaveBeenLastCalledWith('ann')
    send:restore()
    expect(mailer.send).toBeFunction()
  end)
end)

describe('assert', function()
  it('has the words of busted', function()
    assert(true, 'plain')
    assert.is_true(true)
    assert.is_nil(nil)
    assert.is_not_nil(1)
    assert.equals(1, 1)
    assert.are.same({ 1 }, { 1 })
    assert.are_not.same({ 1 }, { 2 })
    assert.has_error(function()
      error('x', 0)
    end, 'x')
    assert.has_no.errors(function() end)
    assert.is_string('a')
  end)

  it('fails in the same way', function()
    expect(failure(function()
      assert.equals(1, 2)
    end)).toBe('expected 1, got 2')
  end)
end)
