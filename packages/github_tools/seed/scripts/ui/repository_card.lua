--- RepositoryCard: one repository with its stars and forks.
local text = require('text')
local time = require('time')
local ui = require('ui')

local M = {}

---@class github_tools.RepositoryCardProps
---@field repository github_tools.Repository

-- What GitHub counts; anything else in the metadata is not shown.
local function count(value, noun)
  return math.type(value) == 'integer' and ui.Badge(text.plural(value, noun))
end

--- Renders the card.
---@param props github_tools.RepositoryCardProps
---@return ui.Node
function M.render(props)
  local repository = props.repository
  local metadata = repository.metadata or {}
  return ui.Card({
    key = repository.id,
    ui.Link({
      page = 'RepositoriesPage',
      params = { fullName = repository.fullName },
      repository.fullName,
    }),
    repository.isPrivate and ui.Chip('Private'),
    repository.description and ui.Text(repository.description),
    ui.Flex({ count(metadata.stars, 'star'), count(metadata.forks, 'fork') }),
    repository.lastSync
      and ui.Text({ variant = 'caption', 'as of ' .. time.iso(repository.lastSync) }),
  })
end

return M
