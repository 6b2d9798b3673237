--- Repositories as callers see them. What a caller may not reach, or is not there, raises
--- `not_found`.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')

---@class github_tools.existing
local M = {}

---@class github_tools.Repository A repository with its JSON field as a table.
---@field id string
---@field tenantId string
---@field name string
---@field owner string
---@field fullName string
---@field url string
---@field description? string
---@field isPrivate boolean
---@field lastSync? integer milliseconds since the epoch
---@field metadata? table<string, any>
---@field createdAt integer milliseconds since the epoch

--- Returns the condition for a repository that the caller may reach; nil for one who may reach all.
---@return GitHubRepositoryWhereInput?
function M.reachable()
  return ctx.bound and { tenantId = ctx.bound }
end

--- Decodes the JSON column of a GitHubRepository in place.
---@param record GitHubRepository
---@return github_tools.Repository
function M.decode(record)
  return json.decodeFields(record, { 'metadata' })
end

--- Returns a repository.
---@param repositoryId string
---@return github_tools.Repository
function M.repository(repositoryId)
  local where = { id = repositoryId, tenantId = ctx.bound }
  local record = db.gitHubRepository.findFirst({ where = where })
  return M.decode(check.found(record, 'repository', repositoryId))
end

return M
