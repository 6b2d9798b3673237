--- RepositoriesPage: a tenant's repositories; with one of them, its workflow runs.
local actionStats = require('ui.action_stats')
local actionTable = require('ui.action_table')
local ctx = require('ctx')
local list = require('list')
local queries = require('db.queries') --[[@as github_tools.db.queries]]
local read = require('db.read') --[[@as github_tools.db.read]]
local repositoryCard = require('ui.repository_card')
local ui = require('ui')

local M = {}

---@class github_tools.RepositoriesPageProps
---@field tenantId? string the caller's, if left out
---@field fullName? string `owner/repo`

local function repositoryView(repository)
  return ui.Container({
    ui.Heading({ level = 1, repository.fullName }),
    repository.description and ui.Text(repository.description),
    ui.Link({ href = repository.url, 'On GitHub' }),
    actionStats.render({ stats = read.getActionStats(repository.id) }),
    actionTable.render({ actions = queries.listActions(repository.id) }),
  })
end

--- Renders the page from `listRepositories`, or from `getRepository` and `listActions`.
---@param props github_tools.RepositoriesPageProps
---@return ui.Node
function M.render(props)
  local tenantId = props.tenantId or ctx.tenant
  if props.fullName then
    local repository = read.getRepository(tenantId, props.fullName)
    return repository and repositoryView(repository)
      or ui.Alert({ severity = 'error', 'There is no such repository' })
  end
  local repositories = queries.listRepositories(tenantId)
  return ui.Container({
    ui.Heading({ level = 1, 'Repositories' }),
    #repositories == 0 and ui.Alert({ severity = 'info', 'No repositories yet' }),
    ui.Grid({
      list.map(repositories, function(repository)
        return repositoryCard.render({ repository = repository })
      end),
    }),
  })
end

return M
