local config = require('config_summary')
local configPage = require('ui.config_page')
local configTable = require('ui.config_table')
local configValue = require('ui.config_value')
local json = require('json')
local list = require('list')
local ui = require('ui')

describe('ConfigValue', function()
  it.each({
    { 'text', 'text' },
    { 7, '7' },
    { false, 'false' },
    { { a = { 1 } }, '{"a":[1]}' },
    { json.null, 'null' },
    { nil, 'null' },
  })('shows %s as "%s"', function(value, shown)
    expect(ui.textOf(configValue.render({ value = value }))).toBe(shown)
  end)

  it('cuts a long text, and marks a secret', function()
    local node = configValue.render({ value = ('x'):rep(10000), masked = true })

    expect(#ui.textOf(node)).toBeLessThan(250)
    expect(assert(ui.find(node, 'Icon')).props.label).toBe('Secret')
  end)
end)

describe('ConfigTable', function()
  it('has a row for each key', function()
    local entries = {
      { key = 'a', value = 1, masked = false, expiresAt = 0 },
      { key = 'b', value = '********', masked = true },
    }
    local node = configTable.render({ title = 'app', entries = entries })

    expect(list.map(ui.findAll(node, 'ListItem'), ui.textOf)).toEqual({
      'a 1 until 1970-01-01T00:00:00.000Z',
      'b ********',
    })
  end)

  it('says that nothing is set', function()
    expect(ui.textOf(configTable.render({ title = 'app', entries = {} }))).toBe(
      'app Nothing is set'
    )
  end)
end)

describe('ConfigPage', function()
  it('shows the summary, and no secret', function()
    config.setConfig('site.name', 'Mine')
    config.setValue('acme', 'github', 'webhookSecret', 'hunter2')
    local page = configPage.render({ tenantId = 'acme' })

    expect(ui.textOf(page)).toContain('2 values')
    expect(ui.textOf(page)).toContain('webhookSecret ********')
    expect(json.encode(page)).never.toContain('hunter2')
  end)
end)
