--- What GitHub sends, in the words of the models.
---
--- Both ways of writing are understood: GitHub's own (`full_name`, `html_url`) and the models'
--- (`fullName`, `url`). What is wrong raises `invalid_payload` with every fault.
local check = require('check')
local db = require('db')
local list = require('list')
local time = require('time')

local M = {}

--- The states of a run, in the order in which they are reached.
M.statuses = { 'queued', 'in_progress', 'completed', 'failed' }

-- What GitHub calls the states besides.
local sameStatus = { requested = 'queued', waiting = 'queued', pending = 'queued' }

local function given(value)
  if value == db.null then
    return nil
  end
  return value
end

-- Reads the first that is there of some fields; a path leads into a table: `owner.login`.
local function read(payload, ...)
  for _, path in ipairs({ ... }) do
    local value = payload
    for name in path:gmatch('[^.]+') do
      value = type(value) == 'table' and given(rawget(value, name)) or nil
    end
    if value ~= nil and type(value) ~= 'table' then
      return value
    end
  end
  return nil
end

local function isAddress(value)
  return value:find('^https?://[^%s%c<>"]+$') ~= nil
end

-- An instant is milliseconds, or GitHub's ISO text.
local function readInstant(value)
  if type(value) == 'string' then
    return time.parse(value)
  end
  return math.tointeger(value)
end

-- What only a payload holds; the other types are those of `check`.
---@type table<string, check.Rule>
local rules = {
  name = {
    noun = 'a name as GitHub has them',
    fits = function(value)
      return type(value) == 'string'
        and #value <= 100
        and value:find('^[%w._-]+$') ~= nil
        and not value:find('^%.+$')
    end,
  },
  address = {
    noun = 'an http or https address',
    fits = function(value)
      return type(value) == 'string' and isAddress(value)
    end,
  },
  instant = {
    noun = 'milliseconds or an ISO 8601 text',
    fits = function(value)
      return readInstant(value) ~= nil
    end,
  },
  status = {
    noun = 'one of ' .. table.concat(M.statuses, ', '),
    fits = function(value)
      return list.contains(M.statuses, sameStatus[value] or value)
    end,
  },
}

local function demand(values, expected)
  local faults, checked = check.faults(values, 'payload', expected, rules)
  if #faults > 0 then
    error(check.fault('invalid_payload', table.concat(faults, '\n'), { faults = faults }))
  end
  return checked
end

-- Only what is counted and small goes along: GitHub sends dozens of addresses beside.
local function metadataOf(payload)
  local own = given(payload.metadata)
  if own ~= nil then
    return check.type(own, 'object', 'payload.metadata')
  end
  local metadata = {
    stars = read(payload, 'stargazers_count', 'stars'),
    forks = read(payload, 'forks_count', 'forks'),
    openIssues = read(payload, 'open_issues_count'),
    language = read(payload, 'language'),
    defaultBranch = read(payload, 'default_branch'),
    archived = read(payload, 'archived'),
  }
  return next(metadata) ~= nil and metadata or nil
end

---@class github_tools.RepositoryPayload GitHub's own `repository`, or these fields.
---@field name? string
---@field owner? string
---@field fullName? string `owner/repo`, in place of the two
---@field url? string made from the name, if left out
---@field description? string
---@field isPrivate? boolean
---@field metadata? table<string, any> stars, forks, ...

--- Returns the columns that a repository's payload gives.
---@param payload github_tools.RepositoryPayload|table
---@return any
function M.repository(payload)
  local fullName = read(payload, 'full_name', 'fullName')
  local owner, name
  if type(fullName) == 'string' then
    owner, name = fullName:match('^([^/]+)/([^/]+)$')
  end
  local values = demand({
    owner = owner or read(payload, 'owner.login', 'owner.name', 'owner'),
    name = name or read(payload, 'name'),
    url = read(payload, 'html_url', 'url'),
    description = read(payload, 'description'),
    isPrivate = read(payload, 'private', 'isPrivate'),
  }, {
    owner = 'name',
    name = 'name',
    url = 'address?',
    description = 'string?',
    isPrivate = 'boolean?',
  })
  values.fullName = values.owner .. '/' .. values.name
  values.url = values.url or 'https://github.com/' .. values.fullName
  values.metadata = metadataOf(payload)
  return values
end

---@class github_tools.ActionPayload GitHub's own `workflow_run`, or these fields.
---@field workflowName string
---@field runNumber integer
---@field attempt? integer 1 if left out
---@field status 'queued'|'in_progress'|'completed'|'failed'
---@field conclusion? 'success'|'failure'|'cancelled'|string
---@field url string
---@field triggeredBy? string
---@field startedAt? integer|string milliseconds since the epoch, or an ISO text
---@field completedAt? integer|string

--- Returns the columns that a run's payload gives.
---@param payload github_tools.ActionPayload|table
---@return any
function M.action(payload)
  local values = demand({
    workflowName = read(payload, 'workflowName', 'name'),
    runNumber = read(payload, 'runNumber', 'run_number'),
    attempt = read(payload, 'attempt', 'run_attempt'),
    status = read(payload, 'status'),
    conclusion = read(payload, 'conclusion'),
    url = read(payload, 'html_url', 'url'),
    triggeredBy = read(payload, 'triggeredBy', 'triggering_actor.login', 'actor.login'),
    startedAt = read(payload, 'startedAt', 'run_started_at'),
    completedAt = read(payload, 'completedAt', 'completed_at'),
  }, {
    workflowName = 'text',
    runNumber = 'count',
    attempt = 'count?',
    status = 'status',
    conclusion = 'text?',
    url = 'address',
    triggeredBy = 'string?',
    startedAt = 'instant?',
    completedAt = 'instant?',
  })
  values.attempt = values.attempt or 1
  values.status = sameStatus[values.status] or values.status
  local isOver = values.status == 'completed' or values.status == 'failed'
  -- A run that is over was last changed when it ended: GitHub says no more.
  values.completedAt = values.completedAt or isOver and read(payload, 'updated_at') or nil
  values.startedAt = readInstant(values.startedAt)
  values.completedAt = readInstant(values.completedAt)
  return values
end

return M
