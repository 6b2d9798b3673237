--- Writing scores.
local db = require('db')
local existing = require('existing') --[[@as arcade_lobby.existing]]
local json = require('json')
local time = require('time')

local M = {}

--- Adds a score to a game.
---@param gameId string
---@param userId string
---@param score integer
---@param metadata? table<string, any>
---@return arcade_lobby.Score
function M.add(gameId, userId, score, metadata)
  return existing.decode(db.gameHighScore.create({
    data = json.encodeFields({
      gameId = gameId,
      userId = userId,
      score = score,
      metadata = metadata,
      createdAt = time.now(),
    }, { 'metadata' }),
  }))
end

return M
