local config = require('config_summary')
local db = require('db')
local list = require('list')

describe('setConfig', function()
  it('sets a setting once and again', function()
    expect(config.setConfig('site.name', 'One')).toEqual({ key = 'site.name', value = 'One' })
    config.setConfig('site.name', 'Two')

    expect(config.getConfig('site.name')).toBe('Two')
    expect(db.systemConfig.count()).toBe(1)
  end)

  it.each({ { 12, '12' }, { 1.5, '1.5' }, { true, 'true' }, { false, 'false' }, { '', '' } })(
    'keeps %s as the text "%s"',
    function(value, stored)
      config.setConfig('a', value)
      expect(config.getConfig('a')).toBe(stored)
    end
  )

  it.each({
    { 'key', nil, 'x' },
    { 'key', '', 'x' },
    { 'key', {}, 'x' },
    { 'value', 'a', nil },
    { 'value', 'a', { 1 } },
    { 'value', 'a', db.null },
    { 'value', 'a', print },
  })('refuses a wrong %s', function(name, key, value)
    expect(function()
      config.setConfig(key, value)
    end).toThrow('`' .. name .. '`')
    expect(db.systemConfig.count()).toBe(0)
  end)
end)

describe('getConfig', function()
  it('gives nil where nothing is set', function()
    config.setConfig('a', 'x')
    expect(config.getConfig('b')).toBeNil()
    expect(config.getConfig('A')).toBeNil()
    expect(function()
      config.getConfig(nil --[[@as any]])
    end).toThrow('key')
  end)
end)

describe('listConfig', function()
  before_each(function()
    for _, key in ipairs({ 'mail.host', 'mail_port', 'mailXport', 'MAIL.from', 'site' }) do
      config.setConfig(key, 'x')
    end
  end)

  it.each({
    { prefix = nil, expected = { 'MAIL.from', 'mail.host', 'mailXport', 'mail_port', 'site' } },
    { prefix = 'mail.', expected = { 'mail.host' } },
    { prefix = 'mail_', expected = { 'mail_port' } },
    { prefix = '%', expected = {} },
    { prefix = '', expected = { 'MAIL.from', 'mail.host', 'mailXport', 'mail_port', 'site' } },
  })('lists by the prefix $prefix', function(case)
    expect(list.pluck(config.listConfig(case.prefix), 'key')).toEqual(case.expected)
  end)

  it('refuses a prefix that is no text', function()
    expect(function()
      config.listConfig({ contains = '' } --[[@as any]])
    end).toThrow('prefix')
  end)
end)

describe('deleteConfig', function()
  it('says whether it was there', function()
    config.setConfig('a', 'x')
    config.setConfig('b', 'y')

    expect(config.deleteConfig('a')).toBe(true)
    expect(config.deleteConfig('a')).toBe(false)
    expect(list.pluck(config.listConfig(), 'key')).toEqual({ 'b' })
  end)

  it('must be told which', function()
    config.setConfig('a', 'x')
    expect(function()
      config.deleteConfig(nil --[[@as any]])
    end).toThrow('key')
    expect(config.getConfig('a')).toBe('x')
  end)
end)

describe('a caller who belongs to a tenant', function()
  before_each(function()
    for key, value in pairs({ ['site.name'] = 'A', ['public.name'] = 'B', ['publicity'] = 'C' }) do
      config.setConfig(key, value)
    end
  end)

  it('reads of the settings what is public', function()
    asCaller({ tenant = 'acme', level = 6 }, function()
      expect(config.getConfig('public.name')).toBe('B')
      expect(config.getConfig('public.nothing')).toBeNil()
      expect(list.pluck(config.listConfig(), 'key')).toEqual({ 'public.name' })
      expect(list.pluck(config.listConfig('public.n'), 'key')).toEqual({ 'public.name' })
      expect(config.listConfig('site')).toEqual({})
    end)
  end)

  it.each({ { 'site.name' }, { 'publicity' }, { 'Public.name' }, { 'nothing' } })(
    'is not told whether there is `%s`',
    function(key)
      expect(function()
        asCaller({ tenant = 'acme', level = 6 }, function()
          config.getConfig(key)
        end)
      end).toThrow({ code = 'forbidden', key = key })
    end
  )

  it.each({ { 'setConfig' }, { 'deleteConfig' } })('cannot %s', function(name)
    for _, key in ipairs({ 'site.name', 'public.name', 'public.new' }) do
      expect(function()
        asCaller({ tenant = 'acme', level = 6 }, function()
          config[name](key, name == 'setConfig' and 'x' or nil)
        end)
      end).toThrow({ code = 'forbidden', key = key })
    end
    expect(list.pluck(config.listConfig(), 'value')).toEqual({ 'B', 'C', 'A' })
  end)
end)
