--- GameGrid: games, one card each.
local gameCard = require('ui.game_card')
local list = require('list')
local ui = require('ui')

local M = {}

---@class arcade_lobby.GameGridProps
---@field games arcade_lobby.Game[]
---@field userId? string who would play; without, there is no button

--- Renders the grid, or a line that says that there are none yet.
---@param props arcade_lobby.GameGridProps
---@return ui.Node
function M.render(props)
  local games = props.games or {}
  if #games == 0 then
    return ui.Alert({ severity = 'info', 'No games yet' })
  end
  return ui.Grid({
    list.map(games, function(game)
      return gameCard.render({ game = game, userId = props.userId })
    end),
  })
end

return M
