--- Games, sessions and scores as callers see them. What a caller may not reach, or is not there,
--- raises `not_found`.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')

---@class arcade_lobby.existing
local M = {}

---@class arcade_lobby.Game
---@field id string
---@field tenantId string
---@field name string
---@field slug string
---@field description? string
---@field thumbnail? string
---@field category string
---@field core string
---@field romPath? string
---@field metadata? table<string, any>
---@field enabled boolean
---@field playCount integer
---@field createdAt integer milliseconds since the epoch

---@class arcade_lobby.Session
---@field id string
---@field gameId string
---@field userId string
---@field startedAt integer milliseconds since the epoch
---@field endedAt? integer milliseconds since the epoch
---@field duration? integer seconds
---@field saveState? string
---@field achievements? any

---@class arcade_lobby.Score
---@field id string
---@field gameId string
---@field userId string
---@field score integer
---@field metadata? table<string, any>
---@field createdAt integer milliseconds since the epoch

--- Decodes the JSON column of a Game or of a GameHighScore in place.
---@param record table
---@return any
function M.decode(record)
  return json.decodeFields(record, { 'metadata' })
end

--- Decodes the JSON column of a GameSession in place.
---@param record GameSession
---@return arcade_lobby.Session
function M.decodeSession(record)
  return json.decodeFields(record, { 'achievements' })
end

--- Returns the condition for a game that the caller may reach; nil for one who may reach all.
---@return GameWhereInput?
function M.games()
  return ctx.bound and { tenantId = ctx.bound }
end

--- Returns a game.
---@param gameId string
---@return Game
function M.game(gameId)
  local where = { id = gameId, tenantId = ctx.bound }
  return check.found(db.game.findFirst({ where = where }), 'game', gameId)
end

--- Returns a game that is played; raises `disabled` where it is not.
---@param gameId string
---@return Game
function M.enabledGame(gameId)
  local game = M.game(gameId)
  if not game.enabled then
    error(check.fault('disabled', ('the game "%s" is disabled'):format(game.name)))
  end
  return game
end

return M
