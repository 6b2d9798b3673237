local config = require('config_summary')
local db = require('db')
local json = require('json')
local list = require('list')
local secrets = require('secrets')

describe('a key', function()
  it.each({
    { 'password' },
    { 'smtp.password' },
    { 'DB_PASSWORD' },
    { 'dbPwd' },
    { 'API_KEY' },
    { 'apiKey' },
    { 'api-key' },
    { 'webhookSecret' },
    { 'access_token' },
    { 'refreshToken' },
    { 'privateKey' },
    { 'aws.accessKeyId' },
    { 'Authorization' },
    { 'credentials' },
    { 'signing_key' },
    { 'connectionString' },
    { 'session.cookie' },
    { 'jwt' },
  })('%s looks secret', function(key)
    expect(secrets.isSecret(key)).toBe(true)
  end)

  it.each({
    { 'site.name' },
    { 'monkey' },
    { 'keyboard' },
    { 'author' },
    { 'passenger' },
    { 'pinned' },
    { 'saltwater' },
    { '' },
  })('%s does not look secret', function(key)
    expect(secrets.isSecret(key)).toBe(false)
  end)
end)

describe('summarizeConfig', function()
  it('gathers the settings and the tenant’s values', function()
    config.setConfig('site.name', 'Mine')
    config.setValue('acme', 'mail', 'port', 25)
    config.setValue('acme', 'app', 'theme', 'dark')
    config.setValue('globex', 'app', 'theme', 'light')
    config.setValue(nil, 'app', 'theme', 'plain')

    expect(config.summarizeConfig('acme')).toEqual({
      tenantId = 'acme',
      config = { { key = 'site.name', value = 'Mine', masked = false } },
      namespaces = {
        {
          namespace = 'app',
          values = { { key = 'theme', value = 'dark', masked = false, type = 'string' } },
        },
        {
          namespace = 'mail',
          values = { { key = 'port', value = 25, masked = false, type = 'number' } },
        },
      },
      total = 3,
    })
  end)

  it('shows no secret, wherever it lies', function()
    config.setConfig('smtp.password', 'hunter2')
    config.setValue('acme', 'github', 'webhookSecret', 'hunter2')
    config.setValue('acme', 'app', 'pin', 1234)
    config.setValue('acme', 'app', 'smtp', {
      host = 'mail.example',
      auth = { user = 'ann', pass = 'hunter2' },
      accounts = { { name = 'a', token = 'hunter2' } },
    })
    config.setValue('acme', 'app', 'database', 'postgres://ann:hunter2@db.example/app')

    local summary = config.summarizeConfig('acme')
    local written = json.encode(summary)
    expect(written).never.toContain('hunter2')
    expect(written).never.toContain('1234')
    expect(written).toContain('mail.example')
    expect(written).toContain('postgres://ann:********@db.example/app')
    expect(list.all(summary.config, function(entry)
      return entry.masked
    end)).toBe(true)
  end)

  it('tells nothing of a secret, not even its length', function()
    config.setValue('acme', 'app', 'token', 'x')
    config.setValue('acme', 'app', 'secret', ('x'):rep(100))
    local values = assert(config.summarizeConfig('acme').namespaces[1]).values

    expect(assert(values[1]).value).toBe(assert(values[2]).value)
  end)

  it('shows that a secret is empty', function()
    config.setConfig('password', '')
    expect(config.summarizeConfig('acme').config[1]).toMatchObject({ value = '', masked = false })
  end)

  it('leaves out what has expired', function()
    db.keyValue.create({
      data = { tenantId = 'acme', namespace = 'app', key = 'a', value = 'x', expiresAt = 1 },
    })
    expect(config.summarizeConfig('acme')).toMatchObject({ namespaces = {}, total = 0 })
  end)

  it('shows a tenant of the settings what is public', function()
    config.setConfig('site.name', 'Mine')
    config.setConfig('smtp.password', 'hunter2')
    config.setConfig('public.motto', 'Ours')
    config.setConfig('public.token', 'hunter2')
    config.setValue('acme', 'app', 'theme', 'dark')

    local summary = asCaller({ tenant = 'acme', level = 6 }, function()
      return config.summarizeConfig('acme')
    end)
    expect(summary.config).toEqual({
      { key = 'public.motto', value = 'Ours', masked = false },
      { key = 'public.token', value = secrets.mask, masked = true },
    })
    expect(summary.total).toBe(3)
    expect(config.summarizeConfig('acme').total).toBe(5)
  end)

  it('must be told the tenant', function()
    expect(function()
      config.summarizeConfig(nil --[[@as any]])
    end).toThrow('tenantId')
  end)
end)
