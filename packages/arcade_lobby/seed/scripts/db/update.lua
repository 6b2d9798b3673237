--- Changes of games, and the end of sessions.
local check = require('check')
local db = require('db')
local existing = require('existing') --[[@as arcade_lobby.existing]]
local json = require('json')
local scores = require('scores')
local time = require('time')

local M = {}

---@class arcade_lobby.GameChanges
---@field name? string the address stays as it is
---@field description? string|db.Null null empties it, as with every field that may be empty
---@field thumbnail? string|db.Null
---@field category? string
---@field core? string
---@field romPath? string|db.Null
---@field metadata? table<string, any>|db.Null
---@field enabled? boolean

--- Changes a game; what is not named stays.
---@param gameId string
---@param changes arcade_lobby.GameChanges
---@return arcade_lobby.Game
function M.updateGame(gameId, changes)
  check.id(gameId, 'gameId')
  changes = check.changes(changes, 'changes', {
    name = 'text',
    category = 'text',
    core = 'text',
    enabled = 'boolean',
    metadata = 'object?',
    description = 'string?',
    thumbnail = 'string?',
    romPath = 'string?',
  })
  return db.transaction(function()
    local game = existing.game(gameId)
    local data = json.encodeFields(changes, { 'metadata' })
    return existing.decode(db.game.update({ where = { id = game.id }, data = data }))
  end)
end

---@class arcade_lobby.Result What a session ended with.
---@field score? integer submitted as the user's score
---@field metadata? table<string, any> of the score
---@field saveState? string
---@field achievements? table

--- Ends a session, and submits its score in the same transaction. A session ends once: after that
--- the code is `ended`.
---@param sessionId string
---@param result? arcade_lobby.Result
---@return arcade_lobby.Session
function M.endSession(sessionId, result)
  check.id(sessionId, 'sessionId')
  result = check.fields(result, 'result', {
    score = 'integer?',
    metadata = 'object?',
    saveState = 'string?',
    achievements = 'table?',
  })

  return db.transaction(function()
    local where = { id = sessionId, game = existing.games() }
    local session = check.found(db.gameSession.findFirst({ where = where }), 'session', sessionId)
    if session.endedAt then
      error(check.fault('ended', 'the session has ended at ' .. time.iso(session.endedAt)))
    end
    if result.score then
      scores.add(session.gameId, session.userId, result.score, result.metadata)
    end
    local now = time.now()
    return existing.decodeSession(db.gameSession.update({
      where = { id = session.id },
      data = json.encodeFields({
        endedAt = now,
        -- A clock that was set back makes no session shorter than nothing.
        duration = math.max(now - session.startedAt, 0) // time.second,
        saveState = result.saveState,
        achievements = result.achievements,
      }, { 'achievements' }),
    }))
  end)
end

return M
