local arcade = require('arcade_lobby')
local db = require('db')
local list = require('list')

---@type arcade_lobby.Game
local game

before_each(function()
  game = arcade.createGame('acme', { name = 'Pong', category = 'arcade', core = 'mame' })
end)

-- Scores with times of their own: those that are made in one go share a millisecond.
local clock = 0
local function submit(userId, score)
  clock = clock + 1
  local made = arcade.submitScore(game.id, userId, score)
  return db.gameHighScore.update({ where = { id = made.id }, data = { createdAt = clock } })
end

local function ranking(limit)
  return list.map(arcade.getHighScores(game.id, limit), function(score)
    return ('%d %s %d'):format(score.rank, score.userId, score.score)
  end)
end

describe('submitScore', function()
  it('keeps every score', function()
    local score = arcade.submitScore(game.id, 'ann', 100, { level = 3 })
    arcade.submitScore(game.id, 'ann', 50)

    expect(score).toMatchObject({ gameId = game.id, userId = 'ann', score = 100 })
    expect(score.metadata).toEqual({ level = 3 })
    expect(db.gameHighScore.count()).toBe(2)
  end)

  it.each({ { 0 }, { -5 }, { 3.0 }, { math.maxinteger }, { math.mininteger } })(
    'takes the score %s',
    function(score)
      expect(arcade.submitScore(game.id, 'ann', score).score).toBe(math.tointeger(score))
      expect(assert(arcade.getHighScores(game.id)[1]).score).toBe(math.tointeger(score))
    end
  )

  it.each({
    { 'gameId', nil, 'ann', 1 },
    { 'userId', 'g', {}, 1 },
    { 'score', 'g', 'ann', nil },
    { 'score', 'g', 'ann', 1.5 },
    { 'score', 'g', 'ann', '100' },
    { 'score', 'g', 'ann', 1 / 0 },
    { 'metadata', 'g', 'ann', 1, 'x' },
  })('refuses a wrong %s', function(name, gameId, userId, score, metadata)
    expect(function()
      arcade.submitScore(gameId, userId, score, metadata)
    end).toThrow('`' .. name .. '`')
    expect(db.gameHighScore.count()).toBe(0)
  end)

  it('refuses a game that is disabled, or not there', function()
    arcade.updateGame(game.id, { enabled = false })
    expect(function()
      arcade.submitScore(game.id, 'ann', 1)
    end).toThrow({ code = 'disabled' })
    expect(function()
      arcade.submitScore('nothing', 'ann', 1)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('getHighScores', function()
  it('has each user once, with the best', function()
    submit('ann', 10)
    submit('ben', 30)
    submit('ann', 40)
    submit('ann', 20)

    expect(ranking()).toEqual({ '1 ann 40', '2 ben 30' })
  end)

  it('lets ties share a rank; who had it first comes first', function()
    submit('ann', 10)
    submit('ben', 30)
    submit('cleo', 30)
    submit('dan', 20)
    submit('eve', 20)
    submit('ben', 30)

    expect(ranking()).toEqual({ '1 ben 30', '1 cleo 30', '3 dan 20', '3 eve 20', '5 ann 10' })
  end)

  it('gives 10 if no limit is asked for, and never more than 100', function()
    for index = 1, 105 do
      submit('user' .. index, index)
    end

    expect(ranking()).toHaveLength(10)
    expect(ranking(3)).toEqual({ '1 user105 105', '2 user104 104', '3 user103 103' })
    expect(ranking(0)).toEqual({})
    expect(ranking(1000)).toHaveLength(100)
  end)

  it('takes one statement', function()
    submit('ann', 1)
    local told = db.explain(function()
      return arcade.getHighScores(game.id)
    end)
    expect(told.count).toBe(1)
  end)

  it('has the scores of one game', function()
    local other = arcade.createGame('acme', { name = 'Duel', category = 'arcade', core = 'mame' })
    arcade.submitScore(other.id, 'ann', 99)

    expect(ranking()).toEqual({})
    expect(arcade.getHighScores('nothing')).toEqual({})
  end)

  it.each({ { 'gameId', nil }, { 'gameId', {} }, { 'limit', 'g', -1 }, { 'limit', 'g', 'all' } })(
    'refuses a wrong %s',
    function(name, gameId, limit)
      expect(function()
        arcade.getHighScores(gameId, limit)
      end).toThrow(name)
    end
  )
end)

describe('getUserRank', function()
  it('ranks by the best score, with ties', function()
    submit('ann', 10)
    submit('ben', 30)
    submit('cleo', 30)
    submit('dan', 20)
    submit('ann', 5)

    local ranks = list.map({ 'ann', 'ben', 'cleo', 'dan' }, function(user)
      return arcade.getUserRank(game.id, user)
    end)
    expect(ranks).toEqual({ 4, 1, 1, 3 })
  end)

  it('agrees with the list', function()
    math.randomseed(5)
    for _ = 1, 80 do
      submit('user' .. math.random(12), math.random(9))
    end
    for _, score in ipairs(arcade.getHighScores(game.id, 100)) do
      expect(arcade.getUserRank(game.id, score.userId)).toBe(score.rank)
    end
  end)

  it('is nil without a score', function()
    submit('ann', 10)
    expect(arcade.getUserRank(game.id, 'ben')).toBeNil()
    expect(arcade.getUserRank('nothing', 'ann')).toBeNil()
  end)

  it('takes one statement', function()
    submit('ann', 1)
    local told = db.explain(function()
      return arcade.getUserRank(game.id, 'ann')
    end)
    expect(told.count).toBe(1)
  end)

  it('must be told the game and the user', function()
    expect(function()
      arcade.getUserRank(nil --[[@as any]], 'ann')
    end).toThrow('gameId')
    expect(function()
      arcade.getUserRank(game.id, nil --[[@as any]])
    end).toThrow('userId')
  end)
end)

describe('getUserStanding', function()
  it('tells the best, and among how many', function()
    submit('ann', 10)
    submit('ben', 30)
    submit('ann', 20)

    expect(arcade.getUserStanding(game.id, 'ann')).toEqual({ rank = 2, best = 20, players = 2 })
    expect(arcade.getUserStanding(game.id, 'cleo')).toBeNil()
  end)
end)

describe('listUserScores', function()
  it('lists all of one user, highest first', function()
    submit('ann', 10)
    submit('ann', 30)
    submit('ben', 40)
    submit('ann', 20)

    local scores = arcade.listUserScores(game.id, 'ann')
    expect(list.pluck(scores, 'score')).toEqual({ 30, 20, 10 })
    local page = { limit = 1, cursor = assert(scores[1]).id }
    expect(list.pluck(arcade.listUserScores(game.id, 'ann', page), 'score')).toEqual({ 20 })
  end)
end)

describe('deleteScore', function()
  it('lets the next best count', function()
    submit('ann', 10)
    local cheated = submit('ann', 99)

    expect(arcade.deleteScore(cheated.id).score).toBe(99)
    expect(ranking()).toEqual({ '1 ann 10' })
    expect(function()
      arcade.deleteScore(cheated.id)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('another tenant', function()
  it('reaches no game, session or score', function()
    local session = arcade.startSession(game.id, 'ann')
    local score = submit('ann', 10)
    local before = arcade.getGame(game.id)

    asCaller({ tenant = 'globex' }, function()
      expect(arcade.getGame(game.id)).toBeNil()
      expect(arcade.getSession(session.id)).toBeNil()
      expect(arcade.listSessions(game.id)).toEqual({})
      expect(arcade.getHighScores(game.id)).toEqual({})
      expect(arcade.getUserRank(game.id, 'ann')).toBeNil()
      expect(arcade.getUserStanding(game.id, 'ann')).toBeNil()
      expect(arcade.listUserScores(game.id, 'ann')).toEqual({})
      for name, arguments in pairs({
        updateGame = { game.id, { name = 'Mine' } },
        deleteGame = { game.id },
        startSession = { game.id, 'eve' },
        endSession = { session.id, { score = 1 } },
        submitScore = { game.id, 'eve', 99 },
        deleteScore = { score.id },
      }) do
        expect(function()
          arcade[name](table.unpack(arguments))
        end).toThrow({ code = 'not_found' })
      end
      for name, argument in pairs({
        createGame = { name = 'A', category = 'a', core = 'b' },
        listGames = {},
        getGameBySlug = 'pong',
      }) do
        expect(function()
          arcade[name]('acme', argument)
        end).toThrow({ code = 'forbidden' })
      end
    end)

    expect(arcade.getGame(game.id)).toEqual(before)
    expect(assert(arcade.getSession(session.id)).endedAt).toBeNil()
    expect(db.gameHighScore.count()).toBe(1)
    asCaller({ tenant = 'acme' }, function()
      expect(arcade.getUserRank(game.id, 'ann')).toBe(1)
      expect(ranking()).toHaveLength(1)
    end)
  end)
end)

describe('a user’s own scores', function()
  it.each({
    { 'gameId', nil, 'ann' },
    { 'gameId', { 'a' }, 'ann' },
    { 'userId', 'game', '' },
    { 'userId', 'game', 7 },
  })('are refused without a good %s', function(name, gameId, userId)
    for _, operation in ipairs({ 'getUserStanding', 'listUserScores' }) do
      expect(function()
        arcade[operation](gameId, userId)
      end).toThrow('`' .. name .. '` must be ')
    end
  end)

  it.each({ { 'limit', -1 }, { 'limit', 'all' }, { 'offset', -1 }, { 'take', 1.5 } })(
    'come in no page with a %s of %s',
    function(name, value)
      expect(function()
        arcade.listUserScores('game', 'ann', { [name] = value })
      end).toThrow(name)
    end
  )
end)
