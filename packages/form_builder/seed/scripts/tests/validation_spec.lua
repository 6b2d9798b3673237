local forms = require('form_builder')
local json = require('json')
local list = require('list')

local function validate(fields, data)
  return forms.validateFormData(forms.createFormTemplate('Form', fields).id, data)
end

-- Validates one field called `x`. Returns its value, and the rules that it breaks.
local function judge(rules, value)
  local field = { name = 'x' }
  for key, rule in pairs(rules) do
    field[key] = rule
  end
  local result = validate({ field }, { x = value })
  return result.values.x, table.concat(list.pluck(result.errors, 'rule'), ' ')
end

describe('validateFormData', function()
  it.each({
    { { type = 'text' }, 'hello', 'hello' },
    { { type = 'text', min = 2, max = 3 }, 'äöü', 'äöü' },
    { { type = 'text', pattern = '^%u' }, 'Hello', 'Hello' },
    { { type = 'textarea' }, 'two\nlines', 'two\nlines' },
    { { type = 'email' }, ' ann.b+c@mail.example.org ', 'ann.b+c@mail.example.org' },
    { { type = 'url' }, 'https://example.org/a?b=c#d', 'https://example.org/a?b=c#d' },
    { { type = 'tel' }, '+49 (30) 123-45', '+49 (30) 123-45' },
    { { type = 'password' }, 'pass word', 'pass word' },
    { { type = 'number' }, '1.50', 1.5 },
    { { type = 'number' }, '-3', -3 },
    { { type = 'number' }, 1e3, 1000 },
    { { type = 'integer', min = 1, max = 5 }, '5', 5 },
    { { type = 'integer' }, 3.0, 3 },
    { { type = 'checkbox' }, 'on', true },
    { { type = 'checkbox' }, nil, false },
    { { type = 'checkbox', required = true }, true, true },
    { { type = 'select', options = { 'a', 'b' } }, 'b', 'b' },
    { { type = 'select', options = { 1, 2 } }, '2', 2 },
    { { type = 'radio', options = { { value = 'a', label = 'A' } } }, 'a', 'a' },
    { { type = 'date', min = '2026-01-01' }, '2026-02-28', '2026-02-28' },
    { { type = 'time' }, '23:59:59', '23:59:59' },
    { { type = 'datetime' }, '2026-01-31T09:30', '2026-01-31T09:30' },
    { { type = 'datetime' }, '2026-01-31T09:30:00Z', '2026-01-31T09:30:00Z' },
    { { type = 'hidden' }, 'token', 'token' },
    { { type = 'text' }, '', nil },
    { { type = 'number' }, '  ', nil },
    { { type = 'email' }, json.null, nil },
  })('takes for %s the value %s', function(rules, given, expected)
    local value, broken = judge(rules, given)

    expect(broken).toBe('')
    expect(value).toBe(expected)
    expect(math.type(value)).toBe(math.type(expected))
  end)

  it.each({
    { { type = 'text', required = true }, nil, 'required' },
    { { type = 'text', required = true }, ' \n', 'required' },
    { { type = 'text' }, 7, 'type' },
    { { type = 'text' }, '\xff', 'type' },
    { { type = 'text' }, { a = 1 }, 'type' },
    { { type = 'text', min = 3 }, 'äö', 'min' },
    { { type = 'text', max = 3 }, 'äöüß', 'max' },
    { { type = 'text', pattern = '^%d+$' }, '12a', 'pattern' },
    { { type = 'textarea' }, ('x'):rep(100001), 'type' },
    { { type = 'email' }, 'ann', 'type' },
    { { type = 'email' }, 'ann@host', 'type' },
    { { type = 'email' }, 'a@b@example.org', 'type' },
    { { type = 'email' }, 'ann@-example.org', 'type' },
    { { type = 'email' }, '<script>@example.org', 'type' },
    { { type = 'url' }, 'javascript:alert(1)', 'type' },
    { { type = 'url' }, 'https://exa mple.org', 'type' },
    { { type = 'tel' }, 'call me', 'type' },
    { { type = 'number' }, 'one', 'type' },
    { { type = 'number' }, '0x10', 'type' },
    { { type = 'number' }, 0 / 0, 'type' },
    { { type = 'number' }, 'inf', 'type' },
    { { type = 'number', min = 1 }, 0.5, 'min' },
    { { type = 'integer' }, 1.5, 'type' },
    { { type = 'integer', max = 5 }, '6', 'max' },
    { { type = 'checkbox' }, 'perhaps', 'type' },
    { { type = 'checkbox', required = true }, false, 'required' },
    { { type = 'checkbox', required = true }, nil, 'required' },
    { { type = 'select', options = { 'a' } }, 'b', 'options' },
    { { type = 'select', options = { 'a' } }, { 'a' }, 'type' },
    { { type = 'radio', options = { 'a' } }, true, 'type' },
    { { type = 'multiselect', options = { 'a', 'b' } }, { 'a', 'c' }, 'options' },
    { { type = 'multiselect', options = { 'a', 'b' }, max = 1 }, { 'a', 'b' }, 'max' },
    { { type = 'multiselect', options = { 'a' }, required = true }, {}, 'required' },
    { { type = 'multiselect', options = { 'a' } }, { a = 'a' }, 'type' },
    { { type = 'date' }, '2026-02-30', 'type' },
    { { type = 'date' }, '31.01.2026', 'type' },
    { { type = 'date', max = '2026-01-31' }, '2026-02-01', 'max' },
    { { type = 'time' }, '24:00', 'type' },
    { { type = 'time' }, '09:30:61', 'type' },
    { { type = 'datetime' }, '2026-01-31', 'type' },
  })('refuses for %s the value %s: %s', function(rules, given, rule)
    local value, broken = judge(rules, given)

    expect(broken).toBe(rule)
    expect(value).toBeNil()
  end)

  it('takes several options once each', function()
    local field = { name = 'x', type = 'multiselect', options = { 'a', 'b', 3 } }
    expect(validate({ field }, { x = { 'b', '3', 'b' } }).values.x).toEqual({ 'b', 3 })
    expect(validate({ field }, { x = 'a' }).values.x).toEqual({ 'a' })
  end)

  it('names every fault, with the label, in the order of the fields', function()
    local result = validate({
      { name = 'name', type = 'text', label = 'Your name', required = true },
      { name = 'age', type = 'integer', label = 'Your age', min = 18 },
      { name = 'code', type = 'text', pattern = '^%d$', message = 'must be a digit' },
    }, { age = 17, code = 'x', zip = 1 })

    expect(result.valid).toBe(false)
    expect(result.errors).toEqual({
      { field = 'name', rule = 'required', message = 'Your name is required' },
      { field = 'age', rule = 'min', message = 'Your age must be at least 18' },
      { field = 'code', rule = 'pattern', message = 'code must be a digit' },
      { field = 'zip', rule = 'unknown', message = 'there is no field zip' },
    })
  end)

  it('says that all is well', function()
    local result = validate({ { name = 'x', type = 'text' } }, {})
    expect(json.encode(result)).toBe('{"errors":[],"valid":true,"values":{}}')
  end)

  it('refuses a form that is not there, and data that is none', function()
    expect(function()
      forms.validateFormData('nothing', {})
    end).toThrow({ code = 'not_found' })
    expect(function()
      forms.validateFormData('f', nil --[[@as any]])
    end).toThrow('data')
    expect(function()
      forms.validateFormData('f', { 1, 2 })
    end).toThrow('data')
  end)
end)

describe('a field with a condition', function()
  local fields = {
    { name = 'contact', type = 'select', options = { 'mail', 'phone', 'none' } },
    {
      name = 'mail',
      type = 'email',
      required = true,
      visibleWhen = { field = 'contact', equals = 'mail' },
    },
    {
      name = 'phone',
      type = 'tel',
      required = true,
      visibleWhen = { field = 'contact', equals = 'phone' },
    },
    {
      name = 'when',
      type = 'text',
      required = true,
      visibleWhen = {
        { field = 'contact', oneOf = { 'mail', 'phone' } },
        { field = 'phone', filled = true },
      },
    },
    {
      name = 'why',
      type = 'text',
      required = true,
      visibleWhen = { field = 'contact', notEquals = 'mail' },
    },
  }

  it.each({
    { { contact = 'mail' }, 'mail' },
    { { contact = 'phone' }, 'phone why' },
    { { contact = 'phone', phone = '123' }, 'when why' },
    { { contact = 'none' }, 'why' },
    { {}, 'why' },
    { { contact = 'mail', mail = 'ann@example.org' }, '' },
  })('counts only while it is seen: of %s there are missing "%s"', function(data, missing)
    local result = validate(fields, data)
    expect(table.concat(list.pluck(result.errors, 'field'), ' ')).toBe(missing)
  end)

  it('is left out of the values while it is not seen', function()
    local result = validate(fields, {
      contact = 'mail',
      mail = 'ann@example.org',
      phone = 'not even a number',
      when = 'never',
    })

    expect(result.valid).toBe(true)
    expect(result.values).toEqual({ contact = 'mail', mail = 'ann@example.org' })
  end)

  it('is not seen where what it depends on is not', function()
    local result = validate({
      { name = 'a', type = 'checkbox' },
      { name = 'b', type = 'checkbox', visibleWhen = { field = 'a', equals = true } },
      { name = 'c', type = 'text', required = true, visibleWhen = { field = 'b', filled = true } },
    }, { a = false, b = true })

    expect(result).toMatchObject({ valid = true, values = { a = false } })
  end)
end)
