local text = require('text')

describe('text', function()
  it.each({ { '  a b ', 'a b' }, { '', '' }, { ' \t\n', '' }, { 'a', 'a' } })(
    'trims "%s"',
    function(value, trimmed)
      expect(text.trim(value)).toBe(trimmed)
    end
  )

  it('trims a long run of blanks in no time', function()
    expect(text.trim((' '):rep(200000) .. 'a' .. (' '):rep(200000))).toBe('a')
  end)

  it('splits and replaces plain text', function()
    expect(text.split('a.b..c', '.')).toEqual({ 'a', 'b', '', 'c' })
    expect(text.split('', '.')).toEqual({ '' })
    expect(text.replace('a.b.c', '.', '%1')).toBe('a%1b%1c')
    expect(function()
      text.split('a', '')
    end).toThrow('separator')
  end)

  it('gives lines without their ends', function()
    expect(text.lines('a\n\nb\r\nc\n')).toEqual({ 'a', '', 'b', 'c' })
    expect(text.lines('')).toEqual({})
  end)

  it('counts characters, not bytes', function()
    expect(text.length('héllo')).toBe(5)
    expect(text.length('\xff')).toBeNil()
    expect(text.first('héllo', 2)).toBe('hé')
    expect(text.truncate('héllo wörld', 7)).toBe('héllo…')
    expect(text.truncate('héllo', 5)).toBe('héllo')
    expect(text.padLeft('é', 3)).toBe('  é')
    expect(text.padRight('é', 3, '.')).toBe('é..')
  end)

  it.each({
    { 'Hello, World!', 'hello-world' },
    { '  --a  b--  ', 'a-b' },
    { 'Crème brûlée', 'creme-brulee' },
    { 'Straße', 'strasse' },
    { "don't", 'dont' },
    { 'Ελλάδα — 日本', 'Ελλάδα-日本' },
    { 'a\xffb', 'a-b' },
    { '!?', 'thing' },
    { '🎉', 'thing' },
  })('makes a slug of "%s"', function(value, slug)
    expect(text.slug(value, 'thing')).toBe(slug)
  end)

  it('cuts a slug at whole characters', function()
    expect(text.slug('abcd efgh', '', 5)).toBe('abcd')
    expect(text.length(text.slug(('日'):rep(300)))).toBe(80)
  end)

  it('fills in values once', function()
    expect(text.fill('{a} and {b}', { a = '{b}', b = 2 })).toBe('{b} and 2')
    expect(text.fill('{a} and {c}', { a = 1 })).toBe('1 and {c}')
  end)

  it('finds the word for a number', function()
    expect(text.plural(1, 'like')).toBe('1 like')
    expect(text.plural(0, 'like')).toBe('0 likes')
    expect(text.plural(2, 'reply', 'replies')).toBe('2 replies')
  end)

  it('escapes HTML', function()
    expect(text.escapeHtml([[<a href="x">'&'</a>]])).toBe(
      '&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;'
    )
  end)

  it('compares beginnings, ends and parts without patterns', function()
    expect(text.startsWith('a.b', 'a.')).toBe(true)
    expect(text.endsWith('a.b', '.b')).toBe(true)
    expect(text.endsWith('a', '')).toBe(true)
    expect(text.contains('a.b', '.')).toBe(true)
    expect(text.contains('ab', '.')).toBe(false)
    expect(text.isBlank(' \n')).toBe(true)
    expect(text.capitalize('hello')).toBe('Hello')
  end)
end)

describe('text.uniqueSlug', function()
  local function slug(title, ...)
    local taken = {}
    for _, sibling in ipairs({ ... }) do
      taken[#taken + 1] = { slug = sibling }
    end
    return text.uniqueSlug(title, 'thread', function()
      return taken
    end)
  end

  it('adds the first number that is free', function()
    expect(slug('Hello')).toBe('hello')
    expect(slug('Hello', 'hello')).toBe('hello-2')
    expect(slug('Hello', 'hello', 'hello-2', 'hello-4')).toBe('hello-3')
    expect(slug('!!!', 'thread')).toBe('thread-2')
  end)
end)

describe('text.isPattern', function()
  it.each({
    { '' },
    { '^%d+$' },
    { '[%w_-]*' },
    { '[]]' },
    { '[^]]' },
    { '[a%]]' },
    { '(a(b)())%1%3' },
    { '%b()' },
    { '%f[%w]x' },
    { 'a-b?c*$' },
    { '%%' },
    { '-*' },
    { ']' },
  })('takes %s', function(pattern)
    expect(text.isPattern(pattern)).toBe(true)
    expect(pcall(string.find, 'aab()%1', pattern)).toBe(true)
  end)

  it.each({
    { '%' },
    { 'a[' },
    { 'a[b' },
    { '[]' },
    { '[^]' },
    { '[a%' },
    { '[a%]' },
    { '(' },
    { '(a' },
    { ')' },
    { '(a))' },
    { '%1' },
    { '(%1)' },
    { '(a)%2' },
    { '%b' },
    { '%b(' },
    { '%f' },
    { '%fa' },
    { '%f[' },
    { ('()'):rep(33) },
  })('refuses %s', function(pattern)
    expect(text.isPattern(pattern)).toBe(false)
  end)
end)

describe('text.matches', function()
  it('finds a pattern, and gives up on one that is too complex', function()
    expect(text.matches('abc1', '%d$')).toBe(true)
    expect(text.matches('abc', '%d')).toBe(false)
    expect(text.matches(('a'):rep(300), ('(a'):rep(40))).toBe(false)
  end)
end)

describe('the form of a text', function()
  it.each({
    { 'isEmail', 'ann.b+c@mail.example.org' },
    { 'isUrl', 'http://example.org' },
    { 'isUrl', 'https://example.org/a?b=c#d' },
    { 'isTelephone', '+49 (30) 123-45' },
  })('%s takes %s', function(name, value)
    expect(text[name](value)).toBe(true)
  end)

  it.each({
    { 'isEmail', 'ann' },
    { 'isEmail', 'ann@host' },
    { 'isEmail', 'a@b@example.org' },
    { 'isEmail', 'ann@-example.org' },
    { 'isEmail', 'ann@example..org' },
    { 'isEmail', 'ann@.example.org' },
    { 'isEmail', '<b>@example.org' },
    { 'isEmail', 'ann@example.org\n' },
    { 'isEmail', ('a'):rep(250) .. '@example.org' },
    { 'isUrl', 'javascript:alert(1)' },
    { 'isUrl', '//example.org' },
    { 'isUrl', 'https://' },
    { 'isUrl', 'https://exa mple.org' },
    { 'isUrl', 'https://example.org/"><b>' },
    { 'isTelephone', 'call me' },
    { 'isTelephone', '+' },
  })('%s refuses "%s"', function(name, value)
    expect(text[name](value)).toBe(false)
  end)
end)
