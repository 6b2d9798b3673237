local dataTablePage = require('ui.data_table_page')
local fieldInput = require('ui.field_input')
local list = require('list')
local recordForm = require('ui.record_form')
local recordTable = require('ui.record_table')
local tables = require('data_table')
local ui = require('ui')

---@type data_table.Schema
local schema

before_each(function()
  schema = tables.createSchema('acme', {
    name = 'person',
    label = 'Person',
    labelPlural = 'People',
    icon = 'person',
    fields = {
      { name = 'name', type = 'string', label = 'Name', required = true },
      { name = 'age', type = 'integer', min = 0 },
      { name = 'state', type = 'enum', enum = { 'new', 'old' }, default = 'new' },
      { name = 'active', type = 'boolean' },
      { name = 'notes', type = 'text' },
    },
    listDisplay = { 'name', 'age' },
  })
end)

describe('FieldInput', function()
  it.each({
    { 1, 'Input', { name = 'name', label = 'Name', required = true, type = 'text' } },
    { 2, 'Input', { name = 'age', label = 'age', type = 'number', min = 0 } },
    { 3, 'Select', { name = 'state', label = 'state' } },
    { 4, 'Checkbox', { name = 'active', label = 'active', checked = false } },
    { 5, 'Textarea', { name = 'notes', label = 'notes' } },
  })('is for field %d a %s', function(index, nodeType, props)
    local node = fieldInput.render({ field = schema.fields[index] } --[[@as any]])
    expect(node.type).toBe(nodeType)
    expect(node.props).toEqual(props)
  end)

  it('marks the value that is chosen', function()
    local node = fieldInput.render({ field = schema.fields[3], value = 'old' } --[[@as any]])
    expect(list.map(node.children, function(option)
      return assert(option.props).selected
    end)).toEqual({ false, true })
  end)
end)

describe('RecordForm', function()
  it('has a control for each field', function()
    local node = recordForm.render({ schema = schema })
    expect(node.children).toHaveLength(6)
    expect(ui.textOf(assert(ui.find(node, 'Button')))).toBe('Add Person')
    expect(node.props.onSubmit.args).toEqual({ schema.id })
  end)
end)

describe('RecordTable', function()
  local records = { { id = 'r1', data = { name = ('x'):rep(200), state = { 1 } } } }

  it('shows the fields that the schema names', function()
    local node =
      recordTable.render({ schema = schema, records = records, onDelete = 'a.delete' } --[[@as any]])

    expect(node.props.columns).toEqual({ 'Name', 'age' })
    expect(utf8.len(node.props.rows[1].cells[1])).toBe(80)
    expect(node.props.rows[1].cells[2]).toBe('')
    expect(node.props.rows[1].onDelete.args).toEqual({ 'r1' })
  end)

  it('shows all where the schema names none', function()
    ---@type any
    local props = { schema = { fields = schema.fields }, records = records }
    local node = recordTable.render(props)
    expect(node.props.columns).toHaveLength(5)
    expect(node.props.rows[1].cells[3]).toBe('[1]')
  end)

  it('says that there are none', function()
    expect(recordTable.render({ schema = schema, records = {} }).type).toBe('Alert')
  end)
end)

describe('DataTablePage', function()
  it('shows the tables', function()
    expect(ui.textOf(dataTablePage.render({ tenantId = 'acme' }))).toBe('Tables People')
    expect(ui.textOf(dataTablePage.render({ tenantId = 'nobody' }))).toContain('No tables yet')
  end)

  it('shows a page of records, and leads to the pages around', function()
    for index = 1, 5 do
      tables.createRecord(schema.id, { name = 'Person ' .. index, age = index })
    end
    local function page(props)
      props.schemaId = schema.id
      return dataTablePage.render(props)
    end
    local middle = page({ take = 2, skip = 2, orderBy = 'age' })

    expect(ui.textOf(middle)).toContain('People 5 records')
    expect(list.map(ui.findAll(middle, 'Link'), ui.textOf)).toEqual({ 'Back', 'On' })
    expect(assert(ui.find(middle, 'Table')).props.rows[1].cells).toEqual({ 'Person 3', '3' })
    expect(ui.textOf(page({ query = '4' }))).toContain('1 record')
    expect(ui.findAll(page({ take = 5 }), 'Link')).toBeEmpty()
  end)

  it('says that there is no such table', function()
    expect(dataTablePage.render({ schemaId = 'nothing' }).type).toBe('Alert')
  end)
end)
