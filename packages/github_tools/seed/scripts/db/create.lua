--- Repositories, runs, and the webhooks that tell of them.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as github_tools.existing]]
local payloads = require('payloads')
local sync = require('sync')
local webhook = require('webhook')

local M = {}

--- Adds a repository, or brings the one of the same full name up to date. A payload that does not
--- say what is needed raises `invalid_payload` with every fault.
---@param tenantId string
---@param payload github_tools.RepositoryPayload|table GitHub's own `repository`, or the model's fields
---@return github_tools.Repository
function M.upsertRepository(tenantId, payload)
  check.tenant(tenantId, 'tenantId')
  check.type(payload, 'object', 'payload')
  local values = payloads.repository(payload)
  return db.transaction(function()
    return sync.repository(tenantId, values)
  end)
end

--- Adds a run of a workflow, or brings the one with the same number up to date. What arrives late
--- changes nothing: a run that is over does not begin again, but in a later attempt.
---@param repositoryId string
---@param payload github_tools.ActionPayload|table GitHub's own `workflow_run`, or the model's fields
---@return GitHubAction
function M.recordAction(repositoryId, payload)
  check.id(repositoryId, 'repositoryId')
  check.type(payload, 'object', 'payload')
  local values = payloads.action(payload)
  return db.transaction(function()
    return sync.action(existing.repository(repositoryId).id, values)
  end)
end

---@class github_tools.Delivery
---@field id string X-GitHub-Delivery
---@field event string X-GitHub-Event
---@field body string the raw body, as GitHub sends it
---@field signature? string X-Hub-Signature-256

---@class github_tools.Outcome
---@field id string
---@field event string
---@field status 'applied'|'duplicate'|'ignored' ignored is what there is nothing to do for
---@field repositoryId? string
---@field actionId? string

--- Takes a webhook: push, workflow_run, repository. Its signature is checked first, against the
--- tenant's secret (KeyValue namespace `github`, key `webhookSecret`): the code is `bad_signature`,
--- or `no_secret` where there is none. The same delivery a second time changes nothing.
---@param tenantId string
---@param delivery github_tools.Delivery
---@return github_tools.Outcome
function M.handleWebhook(tenantId, delivery)
  check.tenant(tenantId, 'tenantId')
  delivery = check.fields(delivery, 'delivery', {
    id = 'id',
    event = 'id',
    body = 'string',
    signature = 'string?',
  })
  webhook.verify(tenantId, delivery)
  return webhook.apply(tenantId, delivery)
end

return M
