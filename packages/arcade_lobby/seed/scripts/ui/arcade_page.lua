--- ArcadePage: a tenant's games; with one of them, its high scores.
local ctx = require('ctx')
local gameGrid = require('ui.game_grid')
local highScoreTable = require('ui.high_score_table')
local queries = require('db.queries') --[[@as arcade_lobby.db.queries]]
local read = require('db.read') --[[@as arcade_lobby.db.read]]
local text = require('text')
local ui = require('ui')

local M = {}

---@class arcade_lobby.ArcadePageProps
---@field tenantId? string the caller's, if left out
---@field gameId? string
---@field category? string

local function gameView(game)
  local standing = ctx.user and read.getUserStanding(game.id, ctx.user)
  return ui.Container({
    ui.Heading({ level = 1, game.name }),
    game.description and ui.Text(game.description),
    ui.Flex({
      ui.Chip(game.category),
      ui.Badge(text.plural(game.playCount, 'play')),
      not game.enabled and ui.Chip('Disabled'),
    }),
    ctx.user and game.enabled and ui.Button({
      onClick = ui.action('arcade_lobby.startSession', game.id, ctx.user),
      'Play',
    }),
    ui.Heading({ level = 2, 'High scores' }),
    standing and ui.Text(('You are number %d of %d'):format(standing.rank, standing.players)),
    highScoreTable.render({ scores = queries.getHighScores(game.id), userId = ctx.user }),
  })
end

--- Renders the page from `listGames`, `getGame` and `getHighScores`.
---@param props arcade_lobby.ArcadePageProps
---@return ui.Node
function M.render(props)
  if props.gameId then
    local game = read.getGame(props.gameId)
    return game and gameView(game) or ui.Alert({ severity = 'error', 'There is no such game' })
  end
  local games = queries.listGames(props.tenantId or ctx.tenant, {
    category = props.category,
    enabled = true,
    sortBy = 'plays',
  })
  return ui.Container({
    ui.Heading({ level = 1, props.category or 'Arcade' }),
    gameGrid.render({ games = games, userId = ctx.user }),
  })
end

return M
