--- Removing games and scores.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as arcade_lobby.existing]]

local M = {}

--- Deletes a game with its sessions and scores, and returns what it was.
---@param gameId string
---@return arcade_lobby.Game
function M.deleteGame(gameId)
  check.id(gameId, 'gameId')
  return db.transaction(function()
    local game = existing.game(gameId)
    return existing.decode(db.game.delete({ where = { id = game.id } }))
  end)
end

--- Deletes a score (one that was cheated), and returns what it was.
---@param scoreId string
---@return arcade_lobby.Score
function M.deleteScore(scoreId)
  check.id(scoreId, 'scoreId')
  return db.transaction(function()
    local where = { id = scoreId, game = existing.games() }
    local score = check.found(db.gameHighScore.findFirst({ where = where }), 'score', scoreId)
    return existing.decode(db.gameHighScore.delete({ where = { id = score.id } }))
  end)
end

return M
