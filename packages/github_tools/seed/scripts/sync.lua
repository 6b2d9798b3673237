--- Writing what GitHub tells: what is known already is brought up to date. Call it in a
--- transaction.
local db = require('db')
local existing = require('existing') --[[@as github_tools.existing]]
local json = require('json')
local list = require('list')
local payloads = require('payloads')
local time = require('time')

local M = {}

--- Adds a repository, or brings the one of the same full name up to date.
---@param tenantId string
---@param values any as `payloads.repository` gives them
---@param knownAs? string the full name that it had before
---@return github_tools.Repository
function M.repository(tenantId, values, knownAs)
  local now = time.now()
  local function find(fullName)
    return db.gitHubRepository.findFirst({ where = { tenantId = tenantId, fullName = fullName } })
  end
  local record = find(values.fullName) or knownAs and find(knownAs) or nil
  values.lastSync = now
  if record then
    -- What is left out of the metadata stays.
    local metadata = existing.decode(record).metadata or {}
    for name, value in pairs(values.metadata or {}) do
      metadata[name] = value
    end
    values.metadata = next(metadata) ~= nil and metadata or nil
    return existing.decode(db.gitHubRepository.update({
      where = { id = record.id },
      data = json.encodeFields(values, { 'metadata' }),
    }))
  end
  values.tenantId = tenantId
  values.createdAt = now
  local data = json.encodeFields(values, { 'metadata' })
  return existing.decode(db.gitHubRepository.create({ data = data }))
end

-- Webhooks do not arrive in order: a run that is over does not begin again, but in a later attempt.
local function isOlder(values, action)
  if values.attempt ~= action.attempt then
    return values.attempt < action.attempt
  end
  local function place(status)
    return math.min(list.indexOf(payloads.statuses, status) or 0, 3)
  end
  return place(values.status) < place(action.status)
end

--- Adds a run, or brings the one with the same number up to date. What is older than what is known
--- changes nothing.
---@param repositoryId string
---@param values any as `payloads.action` gives them
---@return GitHubAction
function M.action(repositoryId, values)
  local action = db.gitHubAction.findFirst({
    where = {
      repositoryId = repositoryId,
      workflowName = values.workflowName,
      runNumber = values.runNumber,
    },
  })
  if not action then
    values.repositoryId = repositoryId
    values.createdAt = time.now()
    return db.gitHubAction.create({ data = values })
  elseif isOlder(values, action) then
    return action
  elseif values.attempt > action.attempt then
    -- A new attempt has not come to an end yet, whatever the one before did.
    values.conclusion = values.conclusion or db.null
    values.completedAt = values.completedAt or db.null
  end
  return db.gitHubAction.update({ where = { id = action.id }, data = values })
end

return M
