--- New games, sessions and scores.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as arcade_lobby.existing]]
local json = require('json')
local scores = require('scores')
local text = require('text')
local time = require('time')

local M = {}

---@class arcade_lobby.NewGame
---@field name string
---@field slug? string made from the name, if left out; a number is added where another game has it
---@field description? string
---@field thumbnail? string
---@field category string
---@field core string
---@field romPath? string
---@field metadata? table<string, any>
---@field enabled? boolean

--- Adds a game.
---@param tenantId string
---@param game arcade_lobby.NewGame
---@return arcade_lobby.Game
function M.createGame(tenantId, game)
  check.tenant(tenantId, 'tenantId')
  local data = check.fields(game, 'game', {
    name = 'text',
    slug = 'text?',
    category = 'text',
    core = 'text',
    enabled = 'boolean?',
    description = 'string?',
    thumbnail = 'string?',
    romPath = 'string?',
    metadata = 'object?',
  })

  return db.transaction(function()
    data.slug = text.uniqueSlug(data.slug or data.name, 'game', function(prefix)
      local where = { tenantId = tenantId, slug = { startsWith = prefix } }
      return db.game.findMany({ where = where, select = { slug = true } })
    end)
    data.tenantId = tenantId
    data.createdAt = time.now()
    return existing.decode(db.game.create({ data = json.encodeFields(data, { 'metadata' }) }))
  end)
end

--- Begins to play, and counts it. A disabled game refuses with the code `disabled`.
---@param gameId string
---@param userId string
---@return arcade_lobby.Session
function M.startSession(gameId, userId)
  check.id(gameId, 'gameId')
  check.id(userId, 'userId')
  return db.transaction(function()
    local game = existing.enabledGame(gameId)
    db.game.update({ where = { id = game.id }, data = { playCount = { increment = 1 } } })
    return existing.decodeSession(db.gameSession.create({
      data = { gameId = game.id, userId = userId, startedAt = time.now() },
    }))
  end)
end

--- Keeps a score. A disabled game refuses with the code `disabled`.
---@param gameId string
---@param userId string
---@param score integer
---@param metadata? table<string, any>
---@return arcade_lobby.Score
function M.submitScore(gameId, userId, score, metadata)
  check.id(gameId, 'gameId')
  check.id(userId, 'userId')
  score = check.integer(score, 'score')
  metadata = check.type(metadata, 'object?', 'metadata')
  return db.transaction(function()
    return scores.add(existing.enabledGame(gameId).id, userId, score, metadata)
  end)
end

return M
