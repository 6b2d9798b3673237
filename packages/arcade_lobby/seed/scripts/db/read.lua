--- Reading one thing.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local existing = require('existing') --[[@as arcade_lobby.existing]]

---@class arcade_lobby.db.read
local M = {}

local function findGame(where)
  local record = db.game.findFirst({ where = where })
  return record and existing.decode(record)
end

--- Returns a game; nil where there is none.
---@param gameId string
---@return arcade_lobby.Game?
function M.getGame(gameId)
  check.id(gameId, 'gameId')
  return findGame({ id = gameId, tenantId = ctx.bound })
end

--- Returns a game by its address; nil where there is none.
---@param tenantId string
---@param slug string
---@return arcade_lobby.Game?
function M.getGameBySlug(tenantId, slug)
  check.tenant(tenantId, 'tenantId')
  check.id(slug, 'slug')
  return findGame({ tenantId = tenantId, slug = slug })
end

--- Returns a session; nil where there is none.
---@param sessionId string
---@return arcade_lobby.Session?
function M.getSession(sessionId)
  check.id(sessionId, 'sessionId')
  local where = { id = sessionId, game = existing.games() }
  local record = db.gameSession.findFirst({ where = where })
  return record and existing.decodeSession(record)
end

-- The players with a better best are those who have any better score.
local rankSql = [[
SELECT mine.best AS best,
       (SELECT count(DISTINCT other.userId) FROM GameHighScore AS other
         WHERE other.gameId = mine.gameId AND other.score > mine.best) + 1 AS rank,
       (SELECT count(DISTINCT other.userId) FROM GameHighScore AS other
         WHERE other.gameId = mine.gameId) AS players
  FROM (SELECT score.gameId AS gameId, max(score.score) AS best
          FROM GameHighScore AS score JOIN Game ON Game.id = score.gameId
         WHERE score.gameId = ? AND score.userId = ? AND Game.tenantId = coalesce(?, Game.tenantId)
         GROUP BY score.gameId) AS mine]]

---@class arcade_lobby.Standing
---@field rank integer from 1; users with the same best share a rank
---@field best integer
---@field players integer how many users have a score

--- Returns where a user stands in a game by their best score; nil without a score.
---@param gameId string
---@param userId string
---@return arcade_lobby.Standing?
function M.getUserStanding(gameId, userId)
  check.id(gameId, 'gameId')
  check.id(userId, 'userId')
  return db.queryRaw(rankSql, gameId, userId, ctx.bound or db.null)[1]
end

--- Returns a user's rank in a game by their best score, from 1. Users with the same best share a
--- rank, and those behind them rank as if they did not. Nil without a score.
---@param gameId string
---@param userId string
---@return integer?
function M.getUserRank(gameId, userId)
  check.id(gameId, 'gameId')
  check.id(userId, 'userId')
  local standing = M.getUserStanding(gameId, userId)
  return standing and standing.rank
end

return M
