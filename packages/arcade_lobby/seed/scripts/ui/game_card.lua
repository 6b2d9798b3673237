--- GameCard: one game with its picture, and the way to play it.
local text = require('text')
local ui = require('ui')

local M = {}

---@class arcade_lobby.GameCardProps
---@field game arcade_lobby.Game
---@field userId? string who would play; without, there is no button

--- Renders the card.
---@param props arcade_lobby.GameCardProps
---@return ui.Node
function M.render(props)
  local game = props.game
  return ui.Card({
    key = game.id,
    game.thumbnail and ui.Image({ src = game.thumbnail, alt = game.name }),
    ui.Link({ page = 'ArcadePage', params = { gameId = game.id }, game.name }),
    ui.Text({
      variant = 'caption',
      game.category .. ' · ' .. text.plural(game.playCount or 0, 'play'),
    }),
    props.userId and game.enabled and ui.Button({
      onClick = ui.action('arcade_lobby.startSession', game.id, props.userId),
      'Play',
    }),
  })
end

return M
