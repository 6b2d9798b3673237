--- Lists of games, sessions and high scores.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local existing = require('existing') --[[@as arcade_lobby.existing]]
local list = require('list')

---@class arcade_lobby.db.queries
local M = {}

local defaultScores, mostScores = 10, 100

---@class arcade_lobby.GameFilters: list.Page
---@field category? string
---@field core? string
---@field enabled? boolean
---@field search? string a part of the name
---@field sortBy? 'name'|'plays'|'newest' by name, if left out

local orders = {
  name = { { name = 'asc' }, { id = 'asc' } },
  plays = { { playCount = 'desc' }, { name = 'asc' }, { id = 'asc' } },
  newest = { { createdAt = 'desc' }, { id = 'desc' } },
}

--- Lists a tenant's games.
---@param tenantId string
---@param filters? arcade_lobby.GameFilters
---@return arcade_lobby.Game[]
function M.listGames(tenantId, filters)
  check.tenant(tenantId, 'tenantId')
  filters = check.fields(
    filters,
    'filters',
    list.pageFields({
      category = 'string?',
      core = 'string?',
      enabled = 'boolean?',
      search = 'string?',
      sortBy = 'string?',
    })
  )
  check.oneOf(filters.sortBy or 'name', list.keys(orders), 'filters.sortBy')

  local records = db.game.findMany(list.page({
    where = {
      tenantId = tenantId,
      category = filters.category,
      core = filters.core,
      enabled = filters.enabled,
      name = filters.search and { contains = filters.search },
    },
    orderBy = orders[filters.sortBy or 'name'],
  }, filters))
  return list.map(records, existing.decode)
end

---@class arcade_lobby.SessionFilters: list.Page
---@field userId? string
---@field ended? boolean

--- Lists a game's sessions, newest first.
---@param gameId string
---@param filters? arcade_lobby.SessionFilters
---@return arcade_lobby.Session[]
function M.listSessions(gameId, filters)
  check.id(gameId, 'gameId')
  local fields = list.pageFields({ userId = 'string?', ended = 'boolean?' })
  filters = check.fields(filters, 'filters', fields)

  local where = { gameId = gameId, game = existing.games(), userId = filters.userId }
  if filters.ended ~= nil then
    where.endedAt = filters.ended and { ['not'] = db.null } or db.null
  end
  local newestFirst = { { startedAt = 'desc' }, { id = 'desc' } }
  local args = list.page({ where = where, orderBy = newestFirst }, filters)
  return list.map(db.gameSession.findMany(args), existing.decodeSession)
end

-- Of each user the best score, and of equal ones the first.
local highScoresSql = [[
SELECT rank() OVER (ORDER BY best.score DESC) AS rank,
       best.id, best.gameId, best.userId, best.score, best.metadata, best.createdAt
  FROM (SELECT score.*,
               row_number() OVER (PARTITION BY score.userId
                                  ORDER BY score.score DESC, score.createdAt, score.id) AS place
          FROM GameHighScore AS score JOIN Game ON Game.id = score.gameId
         WHERE score.gameId = ? AND Game.tenantId = coalesce(?, Game.tenantId)) AS best
 WHERE best.place = 1
 ORDER BY best.score DESC, best.createdAt, best.id
 LIMIT ?]]

---@class arcade_lobby.RankedScore: arcade_lobby.Score
---@field rank integer from 1; equal scores share a rank, and those behind them rank as if they did not

--- Lists the best score of each user, highest first; of equal ones, who had it first.
---@param gameId string
---@param limit? integer at most 100, 10 if left out
---@return arcade_lobby.RankedScore[]
function M.getHighScores(gameId, limit)
  check.id(gameId, 'gameId')
  limit = math.min(check.type(limit, 'count?', 'limit') or defaultScores, mostScores)
  local records = db.queryRaw(highScoresSql, gameId, ctx.bound or db.null, limit)
  return list.map(records, existing.decode)
end

--- Lists all scores of a user in a game, highest first.
---@param gameId string
---@param userId string
---@param pagination? list.Page
---@return arcade_lobby.Score[]
function M.listUserScores(gameId, userId, pagination)
  check.id(gameId, 'gameId')
  check.id(userId, 'userId')
  pagination = check.fields(pagination, 'pagination', list.pageFields())
  local records = db.gameHighScore.findMany(list.page({
    where = { gameId = gameId, userId = userId, game = existing.games() },
    orderBy = { { score = 'desc' }, { createdAt = 'asc' }, { id = 'asc' } },
  }, pagination))
  return list.map(records, existing.decode)
end

return M
