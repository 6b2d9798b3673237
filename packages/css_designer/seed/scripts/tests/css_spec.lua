local css = require('css_designer')
local db = require('db')

local function create(fields)
  fields.name = fields.name or 'Theme'
  return css.createTheme('acme', fields)
end

-- Themes with a value in each place that takes one.
local function placesOf(value)
  return {
    { variables = { x = value } },
    { overrides = { ['.a'] = { color = value } } },
  }
end

local function render(fields)
  return css.renderCss(create(fields).id)
end

describe('renderCss', function()
  it('writes the variables, then the overrides, in the order of their names', function()
    local text = render({
      variables = { ['--space'] = 8, primary = '#0af', ratio = 1.5 },
      overrides = {
        ['.card > h1'] = { color = 'var(--primary)', ['font-size'] = '2rem !important' },
        ['.button:hover'] = { opacity = 0.5 },
      },
    })

    expect(text).toBe([[
:root {
  --primary: #0af;
  --ratio: 1.5;
  --space: 8;
}
.button:hover {
  opacity: 0.5;
}
.card > h1 {
  color: var(--primary);
  font-size: 2rem !important;
}
]])
  end)

  it('leaves out empty rules', function()
    expect(render({})).toBe('')
    expect(render({ name = 'B', overrides = { ['.a'] = {} } })).toBe('')
  end)

  it.each({
    { '#0af' },
    { '0 1px 2px rgb(0 0 0 / 20%), 0 0 4px rgba(1,2,3,.5)' },
    { 'calc((100% - 2rem) / 3)' },
    { '"Inter", \'Segoe UI\', sans-serif' },
    { 'linear-gradient(90deg, var(--a, #fff) 0%, hsl(10deg 50% 50%) 100%)' },
    { 'cubic-bezier(.2, 0, 0, 1)' },
    { '-webkit-linear-gradient(top, red, blue)' },
    { '"Näme: (open"' },
    { 'clamp(1rem, 2vw + 1rem, 3rem)' },
    { '12px/1.5 serif' },
  })('takes the value %s', function(value)
    expect(render({ variables = { x = value } })).toBe(':root {\n  --x: ' .. value .. ';\n}\n')
  end)

  it('refuses what was written past the checks', function()
    local theme = create({ variables = { x = 'red' } })
    db.cssTheme.update({
      where = { id = theme.id },
      data = { variables = '{"x":"red} body{display:none"}' },
    })
    expect(function()
      css.renderCss(theme.id)
    end).toThrow({ code = 'invalid_css' })
  end)

  it('refuses a theme that is not there', function()
    expect(function()
      css.renderCss('nothing')
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('a theme', function()
  it.each({
    { 'red; } body { display: none' },
    { 'red }' },
    { 'red;' },
    { '</style><script>alert(1)</script>' },
    { '"</style>"' },
    { 'red /* ' },
    { '*/ red' },
    { '"open' },
    { "it's" },
    { 'calc(1px' },
    { '1px)' },
    { 'rgb(1]' },
    { '"a" ")" ) (' },
    { 'url(https://evil.example/x)' },
    { 'URL("//evil.example")' },
    { 'u\\72l(x)' },
    { '\\7d body' },
    { 'image-set("https://evil.example/x" 1x)' },
    { '-webkit-image-set(url(x) 1x)' },
    { 'src("x")' },
    { 'expression(alert(1))' },
    { 'element(#a)' },
    { 'url (x)' },
    { 'var(--a, url(x))' },
    { 'javascript:alert(1)' },
    { '@import "x"' },
    { 'red\n}' },
    { 'red\0' },
    { '\xff\xfe' },
    { 'red !ie' },
    { '!important red' },
    { '' },
    { ' ' },
    { ('x'):rep(501) },
    { 0 / 0 },
    { 1 / 0 },
  })('refuses the value %s', function(value)
    for _, fields in ipairs(placesOf(value)) do
      expect(function()
        create(fields)
      end).toThrow({ code = 'invalid_css' })
    end
    expect(db.cssTheme.count()).toBe(0)
  end)

  it.each({ { true }, { { 1 } } })(
    'refuses the value %s, which is neither text nor number',
    function(value)
      for _, fields in ipairs(placesOf(value)) do
        expect(function()
          create(fields)
        end).toThrow(value == true and 'true' or 'a list')
      end
    end
  )

  it.each({
    { 'x y' },
    { 'x:red;--y' },
    { '1x' },
    { '' },
    { '--' },
    { 'x}' },
    { 'x\\' },
    { 'x/**/' },
    { 'größe' },
    { ('x'):rep(101) },
  })('refuses the variable %s', function(name)
    expect(function()
      create({ variables = { [name] = 'red' } })
    end).toThrow({ code = 'invalid_css' })
  end)

  it.each({
    { 'behavior' },
    { '-moz-binding' },
    { 'BEHAVIOR' },
    { 'color: red; --x' },
    { 'color:red}body{color' },
    { '' },
    { '*color' },
    { '1' },
  })('refuses the property %s', function(property)
    expect(function()
      create({ overrides = { ['.a'] = { [property] = 'red' } } })
    end).toThrow({ code = 'invalid_css' })
  end)

  it.each({
    { '.a { } body' },
    { '.a{color:red}b' },
    { '@media print' },
    { '</style>' },
    { '.a /*' },
    { '[href="x' },
    { '[href' },
    { ':not(.a' },
    { '.a)' },
    { '.a\\' },
    { '.a;' },
    { '' },
    { '\n' },
    { '.a\n.b' },
    { '`' },
    { ('a'):rep(501) },
  })('refuses the selector %s', function(selector)
    expect(function()
      create({ overrides = { [selector] = { color = 'red' } } })
    end).toThrow({ code = 'invalid_css' })
  end)

  it.each({
    { '.card > h1 + p ~ ul, #main *' },
    { 'a[href^="https:"]:not(.plain)::after' },
    { ':root[data-mode="dark"] .größe' },
  })('takes the selector %s', function(selector)
    expect(render({ overrides = { [selector] = { color = 'red' } } })).toStartWith(selector .. ' {')
  end)

  it('is told every fault at once', function()
    ---@type boolean, any
    local ok, raised = pcall(create, {
      variables = { a = 'red;', ['b c'] = 'blue', d = 'green' },
      overrides = {
        ['.a'] = { color = 'url(x)' },
        ['}'] = { color = 'red' },
        ['.b'] = 'color: red',
      },
    })

    expect(ok).toBe(false)
    expect(raised.faults).toHaveLength(5)
    expect(raised.message).toContain('`theme.variables["a"]` has the character `;`')
    expect(raised.message).toContain('the function `url`')
  end)

  it('takes a variable once, with or without dashes', function()
    expect(create({ variables = { ['--a'] = 1 } }).variables).toEqual({ ['--a'] = 1 })
    expect(function()
      create({ name = 'B', variables = { ['--a'] = 1, a = 2 } })
    end).toThrow('twice')
  end)

  it('has 500 variables at the most', function()
    local variables = {}
    for index = 1, 501 do
      variables['v' .. index] = index
    end
    expect(function()
      create({ variables = variables })
    end).toThrow('501 entries')
  end)
end)
