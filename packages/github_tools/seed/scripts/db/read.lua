--- Reading one repository, and how its runs went.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as github_tools.existing]]
local json = require('json')

---@class github_tools.db.read
local M = {}

--- Returns a repository by its full name; nil where there is none.
---@param tenantId string
---@param fullName string `owner/repo`
---@return github_tools.Repository?
function M.getRepository(tenantId, fullName)
  check.tenant(tenantId, 'tenantId')
  check.id(fullName, 'fullName')
  local where = { tenantId = tenantId, fullName = fullName }
  local record = db.gitHubRepository.findFirst({ where = where })
  return record and existing.decode(record)
end

---@class github_tools.Stats
---@field total integer
---@field byStatus table<string, integer>
---@field byConclusion table<string, integer> of the runs that have one
---@field successRate? number the part of the runs with a conclusion that were a success, from 0 to 1
---@field averageDurationMs? number of the runs whose beginning and end are known
---@field lastRunAt? integer milliseconds since the epoch

local function countsBy(where, field)
  local groups = db.gitHubAction.groupBy({
    by = { field },
    where = where,
    _count = { _all = true },
  })
  local counts = {}
  for _, group in ipairs(groups) do
    if group[field] then
      counts[group[field]] = group._count._all
    end
  end
  return counts
end

-- Prisma's API knows no average of a difference; that of sums is the same.
local function averageDuration(where)
  local timed = db.gitHubAction.aggregate({
    where = {
      repositoryId = where.repositoryId,
      startedAt = { ['not'] = db.null },
      completedAt = { ['not'] = db.null },
    },
    _avg = { startedAt = true, completedAt = true },
    _count = { _all = true },
  })
  if timed._count._all == 0 then
    return nil
  end
  return math.max(timed._avg.completedAt - timed._avg.startedAt, 0)
end

--- Tells how the runs of a repository went.
---@param repositoryId string
---@return github_tools.Stats
function M.getActionStats(repositoryId)
  check.id(repositoryId, 'repositoryId')
  return db.transaction(function()
    local where = { repositoryId = existing.repository(repositoryId).id }
    local all = db.gitHubAction.aggregate({
      where = where,
      _count = { _all = true },
      _max = { startedAt = true },
    })
    local byConclusion = countsBy(where, 'conclusion')
    local concluded = 0
    for _, count in pairs(byConclusion) do
      concluded = concluded + count
    end
    return {
      total = all._count._all,
      byStatus = json.object(countsBy(where, 'status')),
      byConclusion = json.object(byConclusion),
      successRate = concluded > 0 and (byConclusion.success or 0) / concluded or nil,
      averageDurationMs = averageDuration(where),
      lastRunAt = all._max.startedAt,
    }
  end)
end

return M
