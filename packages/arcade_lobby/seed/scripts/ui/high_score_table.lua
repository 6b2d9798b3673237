--- HighScoreTable: the best of each player, with the ranks.
local list = require('list')
local time = require('time')
local ui = require('ui')

local M = {}

---@class arcade_lobby.HighScoreTableProps
---@field scores arcade_lobby.RankedScore[]
---@field userId? string whose row is marked

--- Renders the table, or a line that says that there are no scores yet.
---@param props arcade_lobby.HighScoreTableProps
---@return ui.Node
function M.render(props)
  local scores = props.scores or {}
  if #scores == 0 then
    return ui.Alert({ severity = 'info', 'No scores yet' })
  end
  return ui.Table({
    columns = { 'Rank', 'Player', 'Score', 'Date' },
    rows = list.map(scores, function(score)
      return {
        id = score.id,
        selected = score.userId == props.userId,
        cells = { score.rank, score.userId, score.score, time.iso(score.createdAt) },
      }
    end),
  })
end

return M
