--- Webhooks: whether one comes from GitHub, and what it tells.
local check = require('check')
local db = require('db')
local hash = require('hash')
local json = require('json')
local payloads = require('payloads')
local sync = require('sync')
local time = require('time')

local M = {}

local function secretOf(tenantId)
  local record = db.keyValue.findFirst({
    where = {
      tenantId = tenantId,
      namespace = 'github',
      key = 'webhookSecret',
      OR = { { expiresAt = db.null }, { expiresAt = { gt = time.now() } } },
    },
  })
  if not record or record.value == '' then
    local message = 'no secret is set: KeyValue namespace `github`, key `webhookSecret`'
    error(check.fault('no_secret', message))
  end
  return record.value
end

--- Checks a delivery's signature in constant time. Raises `bad_signature`, or `no_secret`.
---@param tenantId string
---@param delivery github_tools.Delivery
function M.verify(tenantId, delivery)
  local expected = 'sha256=' .. hash.hmacSha256(secretOf(tenantId), delivery.body)
  if not hash.equal(expected, delivery.signature) then
    error(check.fault('bad_signature', 'the signature does not fit the body'))
  end
end

local function demandTable(payload, name)
  local value = payload[name]
  if type(value) ~= 'table' then
    local message = '`body.%s` must be an object, found %s'
    error(check.fault('invalid_payload', message:format(name, check.describe(value))))
  end
  return value
end

-- The full name that a repository had before it was renamed or given to somebody else.
local function formerName(payload, values)
  local changes = payload.changes
  local function at(...)
    local value = changes
    for _, name in ipairs({ ... }) do
      value = type(value) == 'table' and value[name] or nil
    end
    return type(value) == 'string' and value or nil
  end
  local name = at('repository', 'name', 'from') or values.name
  local owner = at('owner', 'from', 'user', 'login')
    or at('owner', 'from', 'organization', 'login')
    or values.owner
  return owner .. '/' .. name
end

local function push(tenantId, payload)
  local values = payloads.repository(demandTable(payload, 'repository'))
  values.metadata = values.metadata or {}
  values.metadata.lastPush = {
    ref = type(payload.ref) == 'string' and payload.ref or nil,
    commit = type(payload.after) == 'string' and payload.after or nil,
  }
  return { repositoryId = sync.repository(tenantId, values).id }
end

local function workflowRun(tenantId, payload)
  local repository = payloads.repository(demandTable(payload, 'repository'))
  local action = payloads.action(demandTable(payload, 'workflow_run'))
  local repositoryId = sync.repository(tenantId, repository).id
  return { repositoryId = repositoryId, actionId = sync.action(repositoryId, action).id }
end

local function repository(tenantId, payload)
  local values = payloads.repository(demandTable(payload, 'repository'))
  if payload.action == 'deleted' then
    local where = { tenantId = tenantId, fullName = values.fullName }
    local deleted = db.gitHubRepository.deleteMany({ where = where })
    return deleted.count > 0 and {} or nil
  end
  local former = formerName(payload, values)
  return { repositoryId = sync.repository(tenantId, values, former).id }
end

-- Each returns what it wrote; nil where there was nothing to do.
---@type table<string, fun(tenantId: string, payload: table): table?>
local events = { push = push, workflow_run = workflowRun, repository = repository }

local function decode(body)
  local payload, problem = json.decode(body)
  if type(payload) ~= 'table' or json.isArray(payload) then
    local message = 'the body must be a JSON object: ' .. (problem or check.describe(payload))
    error(check.fault('invalid_payload', message))
  end
  return payload
end

--- Does what a delivery tells, once.
---@param tenantId string
---@param delivery github_tools.Delivery
---@return github_tools.Outcome
function M.apply(tenantId, delivery)
  return db.transaction(function()
    local key = { tenantId = tenantId, deliveryId = delivery.id }
    local outcome = { id = delivery.id, event = delivery.event, status = 'duplicate' }
    if db.gitHubDelivery.findFirst({ where = key }) then
      return outcome
    end
    local handle = events[delivery.event]
    local written = handle and handle(tenantId, decode(delivery.body))
    outcome.status = written and 'applied' or 'ignored'
    for name, id in pairs(written or {}) do
      outcome[name] = id
    end
    key.event = delivery.event
    key.receivedAt = time.now()
    db.gitHubDelivery.create({ data = key })
    return outcome
  end)
end

return M
