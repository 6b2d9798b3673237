--- Lists of repositories and runs.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as github_tools.existing]]
local list = require('list')

---@class github_tools.db.queries
local M = {}

---@class github_tools.RepositoryFilters: list.Page
---@field owner? string
---@field isPrivate? boolean
---@field search? string a part of the full name

--- Lists a tenant's repositories by their full names.
---@param tenantId string
---@param filters? github_tools.RepositoryFilters
---@return github_tools.Repository[]
function M.listRepositories(tenantId, filters)
  check.tenant(tenantId, 'tenantId')
  local fields = list.pageFields({ owner = 'string?', isPrivate = 'boolean?', search = 'string?' })
  filters = check.fields(filters, 'filters', fields)

  local records = db.gitHubRepository.findMany(list.page({
    where = {
      tenantId = tenantId,
      owner = filters.owner,
      isPrivate = filters.isPrivate,
      fullName = filters.search and { contains = filters.search },
    },
    orderBy = { { fullName = 'asc' }, { id = 'asc' } },
  }, filters))
  return list.map(records, existing.decode)
end

---@class github_tools.ActionFilters: list.Page
---@field status? 'queued'|'in_progress'|'completed'|'failed'
---@field conclusion? 'success'|'failure'|'cancelled'|string
---@field workflowName? string
---@field triggeredBy? string

--- Lists the runs of a repository, newest first.
---@param repositoryId string
---@param filters? github_tools.ActionFilters
---@return GitHubAction[]
function M.listActions(repositoryId, filters)
  check.id(repositoryId, 'repositoryId')
  filters = check.fields(
    filters,
    'filters',
    list.pageFields({
      status = 'string?',
      conclusion = 'string?',
      workflowName = 'string?',
      triggeredBy = 'string?',
    })
  )
  return db.gitHubAction.findMany(list.page({
    where = {
      repositoryId = repositoryId,
      repository = existing.reachable(),
      status = filters.status,
      conclusion = filters.conclusion,
      workflowName = filters.workflowName,
      triggeredBy = filters.triggeredBy,
    },
    orderBy = { { createdAt = 'desc' }, { runNumber = 'desc' }, { id = 'desc' } },
  }, filters))
end

return M
