local formField = require('ui.form_field')
local formPage = require('ui.form_page')
local formView = require('ui.form_view')
local forms = require('form_builder')
local json = require('json')
local list = require('list')
local templateList = require('ui.template_list')
local ui = require('ui')

local function create()
  return forms.createFormTemplate('Contact', {
    { name = 'name', type = 'text', label = 'Your name', required = true, default = 'Ann' },
    { name = 'topic', type = 'select', options = { 'Sales', 'Help' } },
    { name = 'order', type = 'integer', visibleWhen = { field = 'topic', equals = 'Help' } },
  }, { title = 'Write to us' })
end

local function names(node)
  local result = {}
  for _, nodeType in ipairs({ 'Input', 'Select', 'Textarea', 'Checkbox' }) do
    for _, control in ipairs(ui.findAll(node, nodeType)) do
      result[#result + 1] = control.props.name
    end
  end
  return result
end

describe('FormField', function()
  local function field(fields, value, errors)
    fields.name, fields.label = 'x', 'Label'
    return formField.render({ field = fields, value = value, errors = errors })
  end

  it('shows its rules, its value and its faults', function()
    local node = field(
      { type = 'number', min = 1, max = 5, required = true, placeholder = 'P', help = 'H' },
      7,
      { 'too much', 'odd' }
    )

    expect(assert(ui.find(node, 'Input')).props).toEqual({
      name = 'x',
      label = 'Label',
      type = 'number',
      min = 1,
      max = 5,
      required = true,
      placeholder = 'P',
      value = 7,
      invalid = true,
    })
    expect(ui.textOf(node)).toBe('H too much odd')
  end)

  it.each({
    { { type = 'textarea' }, 'Textarea' },
    { { type = 'checkbox' }, 'Checkbox' },
    { { type = 'select', options = {} }, 'Select' },
    { { type = 'email' }, 'Input' },
    { { type = 'hidden' }, 'Input' },
  })('is for %s a %s', function(fields, nodeType)
    expect(assert(ui.find(field(fields), nodeType)).props.name).toBe('x')
  end)

  it('marks what was chosen', function()
    local options = { { value = 1, label = 'One' }, { value = 2, label = 'Two' } }
    local function chosen(node, nodeType, prop)
      return list.map(ui.findAll(node, nodeType), function(option)
        return option.props[prop]
      end)
    end

    expect(chosen(field({ type = 'select', options = options }, '2'), 'Option', 'selected')).toEqual({
      false,
      true,
    })
    expect(
      chosen(field({ type = 'multiselect', options = options }, { 1, 2 }), 'Option', 'selected')
    ).toEqual({ true, true })
    expect(chosen(field({ type = 'radio', options = options }, 1), 'Input', 'checked')).toEqual({
      true,
      false,
    })
    expect(assert(ui.find(field({ type = 'checkbox' }, 'on'), 'Checkbox')).props.checked).toBe(true)
  end)

  it('never sends a password back', function()
    expect(assert(ui.find(field({ type = 'password' }, 'hunter2'), 'Input')).props.value).toBeNil()
  end)

  it('shows nothing of a value that is none', function()
    expect(assert(ui.find(field({ type = 'text' }, { 1 }), 'Input')).props.value).toBeNil()
    expect(assert(ui.find(field({ type = 'text' }, json.null), 'Input')).props.value).toBeNil()
  end)
end)

describe('renderForm', function()
  it('shows the defaults, and no faults', function()
    local node = forms.renderForm(create().id)

    expect(node.type).toBe('Form')
    expect(ui.textOf(assert(ui.find(node, 'Heading')))).toBe('Write to us')
    expect(names(node)).toEqual({ 'name', 'topic' })
    expect(assert(ui.find(node, 'Input')).props.value).toBe('Ann')
    expect(ui.find(node, 'Alert')).toBeNil()
  end)

  it('shows what was filled in, and what is wrong with it', function()
    local form = create()
    local node = forms.renderForm(form.id, { name = '', topic = 'Help', order = 'x', more = 1 })

    expect(names(node)).toEqual({ 'name', 'order', 'topic' })
    expect(ui.textOf(node)).toContain('3 entries need attention')
    expect(ui.textOf(node)).toContain('Your name is required')
    expect(ui.textOf(node)).toContain('order must be a number')
    expect(ui.textOf(node)).toContain('there is no field more')
    expect(node.props.onSubmit).toEqual({
      operation = 'form_builder.submitForm',
      args = { form.id },
    })
  end)

  it('takes hostile text as text', function()
    local hostile = '"><script>alert(1)</script>'
    local node = forms.renderForm(create().id, { name = hostile, topic = hostile })

    expect(assert(ui.find(node, 'Input')).props.value).toBe(hostile)
    expect(ui.textOf(node)).toContain('1 entry needs attention')
  end)

  it('refuses a form that is not there', function()
    expect(function()
      forms.renderForm('nothing')
    end).toThrow({ code = 'not_found' })
    expect(function()
      forms.renderForm('f', 'data' --[[@as any]])
    end).toThrow('data')
  end)
end)

describe('FormView', function()
  it('needs neither values nor an operation', function()
    ---@type any
    local props = { template = { id = 't1', name = 'Empty' } }
    local node = formView.render(props)

    expect(ui.textOf(node)).toBe('Empty Submit')
    expect(node.props.onSubmit).toBeNil()
  end)
end)

describe('TemplateList', function()
  it('has a row for each form', function()
    ---@type any
    local props = {
      templates = { { id = 't1', name = 'A', variables = { {} } } },
    }
    local node = templateList.render(props)
    expect(ui.textOf(node)).toBe('A 1 field')
    expect(templateList.render({ templates = {} }).type).toBe('Alert')
  end)
end)

describe('FormPage', function()
  it('shows the forms, or one of them', function()
    local form = create()

    expect(ui.textOf(formPage.render({ tenantId = 'default' }))).toBe('Forms Contact 3 fields')
    expect(ui.find(formPage.render({ templateId = form.id }), 'Form')).toBeDefined()
    expect(ui.textOf(formPage.render({ templateId = form.id, data = {} }))).toContain('is required')
    expect(formPage.render({ templateId = 'nothing' }).type).toBe('Alert')
  end)
end)
