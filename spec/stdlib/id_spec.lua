local id = require('id')

describe('id', function()
  it('makes ids of each form', function()
    expect(id.cuid()).toMatch('^c' .. ('[a-z0-9]'):rep(24) .. '$')
    expect(id.cuid2()).toMatch('^[a-z]' .. ('[a-z0-9]'):rep(23) .. '$')
    expect(id.uuid()).toMatch('^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$')
    expect(id.uuid7()).toMatch('^%x+%-%x+%-7%x+%-[89ab]%x+%-%x+$')
    expect(id.ulid()).toMatch('^' .. ('[0-9A-Z]'):rep(26) .. '$')
    expect(#id.nanoid()).toBe(21)
    expect(#id.nanoid(10)).toBe(10)
  end)

  it('makes no id twice', function()
    local seen = {}
    for _ = 1, 1000 do
      local new = id.cuid()
      expect(seen[new]).toBeNil()
      seen[new] = true
    end
  end)
end)
