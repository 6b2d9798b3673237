--- Removing repositories, and what is remembered of deliveries.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local existing = require('existing') --[[@as github_tools.existing]]
local time = require('time')

local M = {}

--- Deletes a repository with its runs, and returns what it was. On GitHub nothing changes.
---@param repositoryId string
---@return github_tools.Repository
function M.deleteRepository(repositoryId)
  check.id(repositoryId, 'repositoryId')
  return db.transaction(function()
    local repository = existing.repository(repositoryId)
    db.gitHubRepository.delete({ where = { id = repository.id } })
    return repository
  end)
end

--- Forgets deliveries that were received some days ago. GitHub repeats one for three days at most.
---@param days integer at least 3
---@return integer count
function M.forgetDeliveries(days)
  days = check.integer(days, 'days', 3)
  local where = { tenantId = ctx.bound, receivedAt = { lt = time.now() - days * time.day } }
  return db.gitHubDelivery.deleteMany({ where = where }).count
end

return M
