local db = require('db')
local github = require('github_tools')
local hash = require('hash')
local json = require('json')
local time = require('time')

local secret = "It's a Secret to Everybody"

local function setSecret(tenantId, value, expiresAt)
  db.keyValue.create({
    data = {
      tenantId = tenantId,
      namespace = 'github',
      key = 'webhookSecret',
      value = value,
      expiresAt = expiresAt,
    },
  })
end

before_each(function()
  setSecret('acme', secret)
end)

local function sign(body, with)
  return 'sha256=' .. hash.hmacSha256(with or secret, body)
end

local count = 0
local function delivery(event, payload, id)
  count = count + 1
  local body = type(payload) == 'string' and payload or json.encode(payload)
  return { id = id or 'delivery-' .. count, event = event, body = body, signature = sign(body) }
end

local repository = {
  full_name = 'acme/tools',
  name = 'tools',
  owner = { login = 'acme' },
  private = false,
  html_url = 'https://github.com/acme/tools',
  stargazers_count = 3,
}

local function run(fields)
  local payload = {
    name = 'CI',
    run_number = 4,
    status = 'completed',
    conclusion = 'success',
    html_url = 'https://github.com/acme/tools/actions/runs/1',
  }
  for key, value in pairs(fields or {}) do
    payload[key] = value
  end
  return payload
end

describe('handleWebhook', function()
  it('knows the signature of GitHub’s own example', function()
    expect(sign('Hello, World!')).toBe(
      'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    )
  end)

  it('takes a push', function()
    local outcome = github.handleWebhook(
      'acme',
      delivery('push', {
        ref = 'refs/heads/main',
        after = 'abc123',
        repository = repository,
      })
    )
    local stored = assert(github.getRepository('acme', 'acme/tools'))

    expect(outcome).toMatchObject({ event = 'push', status = 'applied', repositoryId = stored.id })
    expect(stored.metadata).toEqual({
      stars = 3,
      lastPush = { ref = 'refs/heads/main', commit = 'abc123' },
    })
  end)

  it('takes a workflow_run', function()
    local outcome = github.handleWebhook(
      'acme',
      delivery('workflow_run', {
        action = 'completed',
        repository = repository,
        workflow_run = run(),
      })
    )
    local actions = github.listActions(assert(outcome.repositoryId))

    expect(actions).toHaveLength(1)
    expect(actions[1]).toMatchObject({
      id = outcome.actionId,
      runNumber = 4,
      conclusion = 'success',
    })
  end)

  it('takes a repository that was renamed, and keeps its runs', function()
    local known = github.upsertRepository('acme', { fullName = 'acme/old' })
    github.recordAction(known.id, run())
    github.handleWebhook(
      'acme',
      delivery('repository', {
        action = 'renamed',
        changes = { repository = { name = { from = 'old' } } },
        repository = repository,
      })
    )

    expect(assert(github.getRepository('acme', 'acme/tools')).id).toBe(known.id)
    expect(github.getRepository('acme', 'acme/old')).toBeNil()
    expect(github.listActions(known.id)).toHaveLength(1)
  end)

  it('takes a repository that was given to somebody else', function()
    local known = github.upsertRepository('acme', { fullName = 'octocat/tools' })
    github.handleWebhook(
      'acme',
      delivery('repository', {
        action = 'transferred',
        changes = { owner = { from = { user = { login = 'octocat' } } } },
        repository = repository,
      })
    )
    expect(assert(github.getRepository('acme', 'acme/tools')).id).toBe(known.id)
  end)

  it('takes a repository that was deleted', function()
    github.upsertRepository('acme', { fullName = 'acme/tools' })
    local payload = { action = 'deleted', repository = repository }

    expect(github.handleWebhook('acme', delivery('repository', payload)).status).toBe('applied')
    expect(github.getRepository('acme', 'acme/tools')).toBeNil()
    expect(github.handleWebhook('acme', delivery('repository', payload)).status).toBe('ignored')
  end)

  it('ignores what there is nothing to do for', function()
    local outcome = github.handleWebhook('acme', delivery('ping', { zen = 'Keep it simple' }))

    expect(outcome.status).toBe('ignored')
    expect(db.gitHubRepository.count()).toBe(0)
    expect(db.gitHubDelivery.count()).toBe(1)
  end)

  it('applies a delivery once', function()
    local once = delivery('push', { ref = 'refs/heads/one', repository = repository })
    local first = github.handleWebhook('acme', once)
    github.handleWebhook(
      'acme',
      delivery('push', { ref = 'refs/heads/two', repository = repository })
    )
    local before = assert(github.getRepository('acme', 'acme/tools'))

    expect(github.handleWebhook('acme', once)).toEqual({
      id = once.id,
      event = 'push',
      status = 'duplicate',
    })
    expect(github.getRepository('acme', 'acme/tools')).toEqual(before)
    expect(before.id).toBe(first.repositoryId)
    expect(db.gitHubDelivery.count()).toBe(2)
  end)

  it('lets a delivery that failed come again', function()
    local broken = delivery('push', { repository = { name = 'tools' } }, 'd1')
    expect(function()
      github.handleWebhook('acme', broken)
    end).toThrow({ code = 'invalid_payload' })
    expect(db.gitHubDelivery.count()).toBe(0)
    local mended = delivery('push', { repository = repository }, 'd1')
    expect(github.handleWebhook('acme', mended).status).toBe('applied')
  end)

  it.each({
    { false },
    { '' },
    { 'sha256=' },
    { 'sha1=0123456789' },
    { 'sha256=' .. ('0'):rep(64) },
  })('refuses the signature %s', function(signature)
    local forged = delivery('push', { repository = repository })
    forged.signature = signature or nil
    expect(function()
      github.handleWebhook('acme', forged)
    end).toThrow({ code = 'bad_signature' })
    expect(db.gitHubRepository.count()).toBe(0)
    expect(db.gitHubDelivery.count()).toBe(0)
  end)

  it('refuses a body that was changed, and another secret', function()
    local changed = delivery('push', { repository = repository })
    changed.body = changed.body .. ' '
    expect(function()
      github.handleWebhook('acme', changed)
    end).toThrow({ code = 'bad_signature' })

    local foreign = delivery('push', { repository = repository })
    foreign.signature = sign(foreign.body, 'another secret')
    expect(function()
      github.handleWebhook('acme', foreign)
    end).toThrow({ code = 'bad_signature' })
    foreign.signature = sign(foreign.body):upper()
    expect(function()
      github.handleWebhook('acme', foreign)
    end).toThrow({ code = 'bad_signature' })
  end)

  it('refuses where there is no secret', function()
    setSecret('expired', secret, time.now() - 1)
    setSecret('empty', '')
    for _, tenantId in ipairs({ 'globex', 'expired', 'empty' }) do
      expect(function()
        github.handleWebhook(tenantId, delivery('push', { repository = repository }))
      end).toThrow({ code = 'no_secret' })
    end
  end)

  it.each({
    { 'no json' },
    { '[]' },
    { '7' },
    { '{}' },
    { '{"repository":7}' },
    { '{"repository":{"full_name":"../etc"}}' },
    { '{"repository":{"full_name":{"a":1}}}' },
  })('refuses the body %s', function(body)
    expect(function()
      github.handleWebhook('acme', delivery('push', body))
    end).toThrow({ code = 'invalid_payload' })
    expect(db.gitHubRepository.count()).toBe(0)
  end)

  it.each({
    { 'tenantId', nil, {} },
    { 'delivery.id', 'acme', { event = 'push', body = '{}' } },
    { 'delivery.event', 'acme', { id = 'd', body = '{}' } },
    { 'delivery.body', 'acme', { id = 'd', event = 'push', body = {} } },
    { 'delivery', 'acme', 'push' },
    { 'headers', 'acme', { id = 'd', event = 'push', body = '{}', headers = {} } },
  })('refuses a wrong %s', function(name, tenantId, wrong)
    expect(function()
      github.handleWebhook(tenantId, wrong)
    end).toThrow(name)
  end)
end)

describe('forgetDeliveries', function()
  it('forgets old ones of the caller’s tenant', function()
    for index, row in ipairs({
      { 'acme', 1 },
      { 'acme', time.now() },
      { 'globex', 1 },
    }) do
      db.gitHubDelivery.create({
        data = { tenantId = row[1], deliveryId = 'd' .. index, event = 'push', receivedAt = row[2] },
      })
    end

    asCaller({ tenant = 'acme' }, function()
      expect(github.forgetDeliveries(7)).toBe(1)
    end)
    expect(github.forgetDeliveries(3)).toBe(1)
    expect(function()
      github.forgetDeliveries(2)
    end).toThrow('days')
  end)
end)

describe('another tenant', function()
  it('reaches neither a repository nor a run', function()
    local known = github.upsertRepository('acme', { fullName = 'acme/tools' })
    github.recordAction(known.id, run())

    asCaller({ tenant = 'globex' }, function()
      expect(github.listActions(known.id)).toEqual({})
      for name, arguments in pairs({
        recordAction = { known.id, run() },
        getActionStats = { known.id },
        deleteRepository = { known.id },
      }) do
        expect(function()
          github[name](table.unpack(arguments))
        end).toThrow({ code = 'not_found' })
      end
      for name, argument in pairs({
        upsertRepository = { fullName = 'acme/tools' },
        listRepositories = {},
        getRepository = 'acme/tools',
        handleWebhook = delivery('push', { repository = repository }),
      }) do
        expect(function()
          github[name]('acme', argument)
        end).toThrow({ code = 'forbidden' })
      end
    end)

    expect(github.getRepository('acme', 'acme/tools')).toEqual(known)
    expect(db.gitHubAction.count()).toBe(1)
  end)
end)
