local db = require('db')
local forms = require('form_builder')
local json = require('json')
local list = require('list')

local function create(fields, texts)
  return forms.createFormTemplate(
    'Contact',
    fields or { { name = 'email', type = 'email' } },
    texts
  )
end

describe('createFormTemplate', function()
  it('keeps the definitions, completed', function()
    local form = create({
      { name = 'name', type = 'text', label = 'Your name', required = true, max = 40 },
      { name = 'topic', type = 'select', options = { 'Sales', { value = 2, label = 'Help' } } },
    }, { title = 'Write to us', description = 'We answer', submitLabel = 'Send' })

    expect(form).toMatchObject({ tenantId = 'default', category = 'form', name = 'Contact' })
    expect(form.content).toEqual({
      title = 'Write to us',
      description = 'We answer',
      submitLabel = 'Send',
      fields = { 'name', 'topic' },
    })
    expect(form.variables[1]).toEqual({
      name = 'name',
      type = 'text',
      label = 'Your name',
      required = true,
      max = 40,
    })
    expect(form.variables[2]).toMatchObject({
      label = 'topic',
      options = { { value = 'Sales', label = 'Sales' }, { value = 2, label = 'Help' } },
    })
    local record = assert(db.template.findUnique({ where = { id = form.id } }))
    expect(record.content).toBeType('string')
    expect(record.variables).toBeType('string')
  end)

  it('takes its title from its name', function()
    expect(create().content).toEqual({ title = 'Contact', fields = { 'email' } })
  end)

  it('belongs to the caller’s tenant', function()
    asCaller({ tenant = 'acme' }, function()
      expect(create().tenantId).toBe('acme')
    end)
  end)

  it.each({
    { { { type = 'text' } }, 'fields[1].name' },
    { { { name = 'a b', type = 'text' } }, 'fields[1].name' },
    { { { name = '1a', type = 'text' } }, 'fields[1].name' },
    { { { name = ('a'):rep(65), type = 'text' } }, 'fields[1].name' },
    { { { name = 'a', type = 'text' }, { name = 'a', type = 'text' } }, 'twice' },
    { { { name = 'a' } }, 'fields[1].type' },
    { { { name = 'a', type = 'slider' } }, 'fields[1].type' },
    { { { name = 'a', type = 'text', requierd = true } }, 'requierd' },
    { { { name = 'a', type = 'text', required = 'yes' } }, 'fields[1].required' },
    { { { name = 'a', type = 'text', min = 'two' } }, 'fields[1].min' },
    { { { name = 'a', type = 'text', min = 3, max = 2 } }, 'fields[1].min' },
    { { { name = 'a', type = 'checkbox', min = 1 } }, 'fields[1].min' },
    { { { name = 'a', type = 'date', max = 'tomorrow' } }, 'fields[1].max' },
    { { { name = 'a', type = 'text', pattern = 'a[' } }, 'fields[1].pattern' },
    { { { name = 'a', type = 'number', pattern = '%d' } }, 'fields[1].pattern' },
    { { { name = 'a', type = 'select' } }, 'fields[1].options' },
    { { { name = 'a', type = 'select', options = {} } }, 'fields[1].options' },
    { { { name = 'a', type = 'select', options = { 'x', 'x' } } }, 'twice' },
    { { { name = 'a', type = 'select', options = { { label = 'x' } } } }, 'fields[1].options[1]' },
    { { { name = 'a', type = 'text', options = { 'x' } } }, 'fields[1].options' },
    { { { name = 'a', type = 'number', default = 'many' } }, 'fields[1].default' },
    { { { name = 'a', type = 'text', visibleWhen = { equals = 1 } } }, 'visibleWhen' },
    { { { name = 'a', type = 'text', visibleWhen = { field = 'a', equals = 1 } } }, 'before it' },
    {
      {
        { name = 'a', type = 'text', visibleWhen = { field = 'b', filled = true } },
        { name = 'b', type = 'text' },
      },
      'before it',
    },
    {
      {
        { name = 'a', type = 'text' },
        { name = 'b', type = 'text', visibleWhen = { field = 'a' } },
      },
      'one of',
    },
    {
      {
        { name = 'a', type = 'text' },
        { name = 'b', type = 'text', visibleWhen = { field = 'a', oneOf = 1 } },
      },
      'oneOf',
    },
    { {}, '1 to 200' },
    { { 'name' }, 'fields[1]' },
  })('refuses %s', function(fields, fault)
    ---@type boolean, any
    local ok, raised = pcall(create, fields)

    expect(ok).toBe(false)
    expect(raised.code).toBe('invalid_fields')
    expect(raised.message).toContain(fault)
    expect(db.template.count()).toBe(0)
  end)

  it('names every fault at once', function()
    ---@type boolean, any
    local _, raised = pcall(create, {
      { name = 'a', type = 'slider' },
      { name = 'b', type = 'select' },
      { name = 'c', type = 'text', min = 'x', max = 'y' },
    })
    expect(raised.faults).toHaveLength(4)
  end)

  it.each({
    { 'name', nil, {} },
    { 'name', ' ', {} },
    { 'fields', 'Contact', nil },
    { 'fields', 'Contact', { a = 1 } },
    { 'texts.title', 'Contact', { { name = 'a', type = 'text' } }, { title = '' } },
    { 'texts', 'Contact', { { name = 'a', type = 'text' } }, 'Title' },
  })('refuses a wrong %s', function(name, ...)
    local arguments = table.pack(...)
    expect(function()
      local operation = forms.createFormTemplate --[[@as function]]
      operation(table.unpack(arguments, 1, arguments.n))
    end).toThrow('`' .. name .. '`')
  end)
end)

describe('getFormTemplate', function()
  it('gives one, or nil', function()
    local form = create()
    expect(forms.getFormTemplate(form.id)).toEqual(form)
    expect(forms.getFormTemplate('nothing')).toBeNil()
    expect(function()
      forms.getFormTemplate({} --[[@as any]])
    end).toThrow('templateId')
  end)

  it('gives forms only', function()
    local other = db.template.create({
      data = { tenantId = 'default', category = 'mail', name = 'A', content = '{}', createdAt = 0 },
    })
    expect(forms.getFormTemplate(other.id)).toBeNil()
    expect(forms.listFormTemplates('default')).toEqual({})
  end)
end)

describe('listFormTemplates', function()
  it('lists a tenant’s by name', function()
    for _, name in ipairs({ 'b', 'a', 'c' }) do
      forms.createFormTemplate(name, { { name = 'x', type = 'text' } })
    end
    asCaller({ tenant = 'acme' }, create)

    expect(list.pluck(forms.listFormTemplates('default'), 'name')).toEqual({ 'a', 'b', 'c' })
    expect(list.pluck(forms.listFormTemplates('default', { take = 1, skip = 1 }), 'name')).toEqual({
      'b',
    })
    expect(list.pluck(forms.listFormTemplates('acme'), 'name')).toEqual({ 'Contact' })
    expect(forms.listFormTemplates('nobody')).toEqual({})
  end)

  it('must be told the tenant', function()
    expect(function()
      forms.listFormTemplates(nil --[[@as any]])
    end).toThrow('tenantId')
  end)
end)

describe('updateFormTemplate', function()
  it('changes what is named, and keeps the rest', function()
    local form = create(nil, { description = 'Old', submitLabel = 'Go' })
    local changed = forms.updateFormTemplate(form.id, {
      name = 'Other',
      description = db.null,
      fields = { { name = 'age', type = 'integer' } },
    })

    expect(changed.name).toBe('Other')
    expect(changed.content).toEqual({ title = 'Contact', submitLabel = 'Go', fields = { 'age' } })
    expect(list.pluck(changed.variables, 'name')).toEqual({ 'age' })
    expect(changed.updatedAt).toBeType('integer')
  end)

  it.each({
    { 'changes.fields[1].type', { fields = { { name = 'a', type = 'x' } } } },
    { 'changes.name', { name = db.null } },
    { 'category', { category = 'mail' } },
  })('refuses a wrong %s', function(name, changes)
    local form = create()
    expect(function()
      forms.updateFormTemplate(form.id, changes)
    end).toThrow(name)
    expect(forms.getFormTemplate(form.id)).toEqual(form)
  end)
end)

describe('submitForm', function()
  it('keeps the values in their own types', function()
    local form = create({
      { name = 'age', type = 'integer', required = true },
      { name = 'news', type = 'checkbox' },
    })
    local answer = asCaller({ tenant = 'default', user = 'ann', level = 1 }, function()
      return forms.submitForm(form.id, { age = '42', news = 'on' })
    end)

    expect(answer).toMatchObject({ templateId = form.id, userId = 'ann' })
    expect(answer.data).toEqual({ age = 42, news = true })
    expect(assert(forms.listSubmissions(form.id)[1]).data).toEqual({ age = 42, news = true })
  end)

  it('refuses what is not valid, with every fault', function()
    local form = create({
      { name = 'age', type = 'integer', required = true },
      { name = 'mail', type = 'email' },
    })
    ---@type boolean, any
    local ok, raised = pcall(forms.submitForm, form.id, { mail = 'nowhere', more = 1 })

    expect(ok).toBe(false)
    expect(raised.code).toBe('invalid_data')
    expect(list.pluck(raised.errors, 'field')).toEqual({ 'age', 'mail', 'more' })
    expect(db.formSubmission.count()).toBe(0)
  end)

  it('refuses a form that is not there', function()
    expect(function()
      forms.submitForm('nothing', {})
    end).toThrow({ code = 'not_found' })
    expect(function()
      forms.submitForm(create().id, 'text' --[[@as any]])
    end).toThrow('data')
  end)
end)

describe('listSubmissions', function()
  it('lists the newest first', function()
    local form = create({ { name = 'n', type = 'integer' } })
    for index = 1, 3 do
      local answer = forms.submitForm(form.id, { n = index })
      db.formSubmission.update({ where = { id = answer.id }, data = { createdAt = index } })
    end
    local function numbers(pagination)
      return list.map(forms.listSubmissions(form.id, pagination), function(answer)
        return answer.data.n
      end)
    end

    expect(numbers()).toEqual({ 3, 2, 1 })
    expect(numbers({ take = 1, skip = 1 })).toEqual({ 2 })
    expect(forms.listSubmissions('nothing')).toEqual({})
  end)
end)

describe('deleteSubmission', function()
  it('deletes one', function()
    local form = create({ { name = 'n', type = 'integer' } })
    local answer = forms.submitForm(form.id, { n = 1 })

    expect(forms.deleteSubmission(answer.id).data).toEqual({ n = 1 })
    expect(function()
      forms.deleteSubmission(answer.id)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('deleteFormTemplate', function()
  it('takes its answers along', function()
    local form = create()
    forms.submitForm(form.id, { email = 'ann@example.org' })

    expect(forms.deleteFormTemplate(form.id).name).toBe('Contact')
    expect(db.formSubmission.count()).toBe(0)
    expect(function()
      forms.deleteFormTemplate(form.id)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('another tenant', function()
  it('reaches neither forms nor answers', function()
    local form = create()
    local answer = forms.submitForm(form.id, { email = 'ann@example.org' })

    asCaller({ tenant = 'globex' }, function()
      expect(forms.getFormTemplate(form.id)).toBeNil()
      expect(forms.listSubmissions(form.id)).toEqual({})
      for name, arguments in pairs({
        renderForm = { form.id },
        validateFormData = { form.id, {} },
        updateFormTemplate = { form.id, { name = 'Mine' } },
        deleteFormTemplate = { form.id },
        submitForm = { form.id, {} },
        deleteSubmission = { answer.id },
      }) do
        expect(function()
          forms[name](table.unpack(arguments))
        end).toThrow({ code = 'not_found' })
      end
      expect(function()
        forms.listFormTemplates('default')
      end).toThrow({ code = 'forbidden' })
    end)

    expect(forms.getFormTemplate(form.id)).toEqual(form)
    expect(json.encode(forms.listSubmissions(form.id)[1])).toBe(json.encode(answer))
  end)
end)

describe('listSubmissions', function()
  it.each({ { '' }, { 7 }, { { 'a' } } })('refuses %s for an id', function(templateId)
    expect(function()
      forms.listSubmissions(templateId)
    end).toThrow('`templateId` must be ')
  end)
end)
