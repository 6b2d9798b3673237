local arcade = require('arcade_lobby')
local db = require('db')
local list = require('list')
local time = require('time')

local function create(name, fields)
  local game = { name = name, category = 'arcade', core = 'mame' }
  for key, value in pairs(fields or {}) do
    game[key] = value
  end
  return arcade.createGame('acme', game)
end

local function names(games)
  return list.pluck(games, 'name')
end

describe('createGame', function()
  it('adds a game that nobody has played', function()
    local game = create('Space Duel', {
      description = 'Stars',
      thumbnail = '/duel.png',
      romPath = 'roms/duel.zip',
      metadata = { year = 1982, players = { 1, 2 } },
    })

    expect(game).toMatchObject({
      tenantId = 'acme',
      name = 'Space Duel',
      slug = 'space-duel',
      description = 'Stars',
      core = 'mame',
      metadata = { year = 1982, players = { 1, 2 } },
      enabled = true,
      playCount = 0,
    })
    expect(assert(db.game.findUnique({ where = { id = game.id } })).metadata).toBeType('string')
  end)

  it('makes addresses unique in the tenant', function()
    expect(create('Pong').slug).toBe('pong')
    expect(create('Pong!').slug).toBe('pong-2')
    expect(create('Other', { slug = 'pong' }).slug).toBe('pong-3')
    local elsewhere = { name = 'Pong', category = 'arcade', core = 'mame' }
    expect(arcade.createGame('globex', elsewhere).slug).toBe('pong')
  end)

  it.each({
    { 'tenantId', nil, { name = 'A', category = 'a', core = 'b' } },
    { 'game.name', 'acme', { category = 'a', core = 'b' } },
    { 'game.name', 'acme', { name = ' ', category = 'a', core = 'b' } },
    { 'game.category', 'acme', { name = 'A', core = 'b' } },
    { 'game.core', 'acme', { name = 'A', category = 'a' } },
    { 'game.metadata', 'acme', { name = 'A', category = 'a', core = 'b', metadata = 'x' } },
    { 'game.enabled', 'acme', { name = 'A', category = 'a', core = 'b', enabled = 1 } },
    { 'playCount', 'acme', { name = 'A', category = 'a', core = 'b', playCount = 9 } },
  })('refuses a wrong %s', function(name, tenantId, game)
    expect(function()
      arcade.createGame(tenantId, game)
    end).toThrow(name)
    expect(db.game.count()).toBe(0)
  end)
end)

describe('getGame', function()
  it('gives one, or nil', function()
    local game = create('Pong')
    expect(arcade.getGame(game.id)).toEqual(game)
    expect(arcade.getGame('nothing')).toBeNil()
    expect(function()
      arcade.getGame(nil --[[@as any]])
    end).toThrow('gameId')
  end)
end)

describe('getGameBySlug', function()
  it('gives the tenant’s, or nil', function()
    create('Pong')
    expect(assert(arcade.getGameBySlug('acme', 'pong')).name).toBe('Pong')
    expect(arcade.getGameBySlug('acme', 'duel')).toBeNil()
    expect(arcade.getGameBySlug('globex', 'pong')).toBeNil()
  end)
end)

describe('listGames', function()
  before_each(function()
    local pong = create('Pong')
    arcade.startSession(pong.id, 'ann')
    create('Asteroids', { core = 'fbneo' })
    create('Tetris', { category = 'puzzle', enabled = false })
    arcade.createGame('globex', { name = 'Elsewhere', category = 'arcade', core = 'mame' })
  end)

  it.each({
    { filters = {}, expected = { 'Asteroids', 'Pong', 'Tetris' } },
    { filters = { category = 'puzzle' }, expected = { 'Tetris' } },
    { filters = { core = 'fbneo' }, expected = { 'Asteroids' } },
    { filters = { enabled = true }, expected = { 'Asteroids', 'Pong' } },
    { filters = { search = 'S' }, expected = { 'Asteroids', 'Tetris' } },
    { filters = { sortBy = 'plays' }, expected = { 'Pong', 'Asteroids', 'Tetris' } },
    { filters = { take = 1, skip = 1 }, expected = { 'Pong' } },
    { filters = { limit = 0 }, expected = {} },
  })('filters by $filters', function(case)
    expect(names(arcade.listGames('acme', case.filters))).toEqual(case.expected)
  end)

  it('lists the newest first where it is asked to', function()
    for index, name in ipairs({ 'Pong', 'Tetris', 'Asteroids' }) do
      db.game.updateMany({ where = { name = name }, data = { createdAt = index } })
    end
    local newest = names(arcade.listGames('acme', { sortBy = 'newest' }))
    expect(newest).toEqual({ 'Asteroids', 'Tetris', 'Pong' })
  end)

  it.each({
    { 'tenantId', nil, {} },
    { 'filters.sortBy', 'acme', { sortBy = 'size' } },
    { 'filters.category', 'acme', { category = {} } },
    { 'filters.take', 'acme', { take = -1 } },
    { 'genre', 'acme', { genre = 'a' } },
  })('refuses a wrong %s', function(name, tenantId, filters)
    expect(function()
      arcade.listGames(tenantId, filters)
    end).toThrow(name)
  end)
end)

describe('updateGame', function()
  it('changes what is named, and keeps the rest', function()
    local game = create('Pong', { description = 'Old', metadata = { a = 1 } })
    local changed =
      arcade.updateGame(game.id, { name = 'Pong 2', description = db.null, enabled = false })

    expect(changed).toMatchObject({ name = 'Pong 2', slug = 'pong', metadata = { a = 1 } })
    expect(changed.description).toBeNil()
    expect(changed.enabled).toBe(false)
  end)

  it.each({
    { 'changes.name', { name = '' } },
    { 'changes.core', { core = db.null } },
    { 'changes.metadata', { metadata = 'x' } },
    { 'playCount', { playCount = 9 } },
    { 'tenantId', { tenantId = 'globex' } },
  })('refuses a wrong %s', function(name, changes)
    local game = create('Pong')
    expect(function()
      arcade.updateGame(game.id, changes)
    end).toThrow(name)
    expect(arcade.getGame(game.id)).toEqual(game)
  end)

  it('refuses one that is not there', function()
    expect(function()
      arcade.updateGame('nothing', {})
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('deleteGame', function()
  it('takes its sessions and scores along', function()
    local game, kept = create('Pong'), create('Kept')
    arcade.startSession(game.id, 'ann')
    arcade.submitScore(game.id, 'ann', 1)
    arcade.submitScore(kept.id, 'ann', 2)

    expect(arcade.deleteGame(game.id).name).toBe('Pong')
    expect(db.gameSession.count()).toBe(0)
    expect(db.gameHighScore.count()).toBe(1)
    expect(function()
      arcade.deleteGame(game.id)
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('startSession', function()
  it('counts a play', function()
    local game, other = create('Pong'), create('Other')
    local session = arcade.startSession(game.id, 'ann')
    arcade.startSession(game.id, 'ben')

    expect(session).toMatchObject({ gameId = game.id, userId = 'ann' })
    expect(session.startedAt).toBeType('integer')
    expect(session.endedAt).toBeNil()
    expect(assert(arcade.getGame(game.id)).playCount).toBe(2)
    expect(assert(arcade.getGame(other.id)).playCount).toBe(0)
  end)

  it('refuses a game that is disabled, or not there', function()
    local game = create('Pong', { enabled = false })
    expect(function()
      arcade.startSession(game.id, 'ann')
    end).toThrow({ code = 'disabled' })
    expect(function()
      arcade.startSession('nothing', 'ann')
    end).toThrow({ code = 'not_found' })
    expect(function()
      arcade.startSession(game.id, nil --[[@as any]])
    end).toThrow('userId')
    expect(assert(arcade.getGame(game.id)).playCount).toBe(0)
  end)

  it('never lets the count drift, whatever is done', function()
    math.randomseed(11)
    local games = list.map({ 'A', 'B', 'C' }, function(name)
      return create(name)
    end)
    local sessions = {}
    for _ = 1, 1000 do
      local game = assert(games[math.random(#games)])
      local what = math.random(10)
      if what <= 5 then
        local ok, session = pcall(arcade.startSession, game.id, 'user' .. math.random(5))
        sessions[#sessions + 1] = ok and session.id or nil
      elseif what <= 8 and #sessions > 0 then
        pcall(arcade.endSession, sessions[math.random(#sessions)], { score = math.random(100) })
      elseif what == 9 then
        arcade.updateGame(game.id, { enabled = math.random(3) > 1 })
      else
        pcall(db.transaction, function()
          arcade.startSession(game.id, 'ann')
          error('changed my mind')
        end)
      end
    end

    for _, game in ipairs(games) do
      local count = db.gameSession.count({ where = { gameId = game.id } })
      expect(count).toBeGreaterThan(20)
      expect(assert(arcade.getGame(game.id)).playCount).toBe(count)
    end
  end)
end)

describe('endSession', function()
  ---@type arcade_lobby.Game
  local game

  before_each(function()
    game = create('Pong')
  end)

  it('keeps how long it took, and what came of it', function()
    local session = arcade.startSession(game.id, 'ann')
    db.gameSession.update({
      where = { id = session.id },
      data = { startedAt = time.now() - 90500 },
    })
    local ended = arcade.endSession(session.id, {
      saveState = 'bytes',
      achievements = { 'first', 'best' },
    })

    expect(ended).toMatchObject({ saveState = 'bytes', achievements = { 'first', 'best' } })
    expect(ended.duration).toBe(90)
    expect(ended.endedAt).toBeType('integer')
    expect(arcade.getSession(session.id)).toEqual(ended)
    expect(db.gameHighScore.count()).toBe(0)
  end)

  it('submits the score', function()
    local session = arcade.startSession(game.id, 'ann')
    arcade.endSession(session.id, { score = 7, metadata = { level = 3 } })

    expect(arcade.getHighScores(game.id)[1]).toMatchObject({
      userId = 'ann',
      score = 7,
      metadata = { level = 3 },
    })
  end)

  it('ends once', function()
    local session = arcade.startSession(game.id, 'ann')
    local ended = arcade.endSession(session.id)
    expect(function()
      arcade.endSession(session.id, { score = 7 })
    end).toThrow({ code = 'ended' })
    expect(arcade.getSession(session.id)).toEqual(ended)
    expect(db.gameHighScore.count()).toBe(0)
  end)

  it('lets who has begun come to an end where the game was disabled since', function()
    local session = arcade.startSession(game.id, 'ann')
    arcade.updateGame(game.id, { enabled = false })
    expect(arcade.endSession(session.id, { score = 3 }).endedAt).toBeType('integer')
  end)

  it('never lasts less than nothing', function()
    local session = arcade.startSession(game.id, 'ann')
    db.gameSession.update({
      where = { id = session.id },
      data = { startedAt = time.now() + 60000 },
    })
    expect(arcade.endSession(session.id).duration).toBe(0)
  end)

  it.each({
    { 'sessionId', nil, {} },
    { 'result.score', 's', { score = 1.5 } },
    { 'result.score', 's', { score = 'ten' } },
    { 'result.achievements', 's', { achievements = 'first' } },
    { 'duration', 's', { duration = 1 } },
    { 'result', 's', 7 },
  })('refuses a wrong %s', function(name, sessionId, result)
    expect(function()
      arcade.endSession(sessionId, result)
    end).toThrow(name)
  end)
end)

describe('listSessions', function()
  it('lists the newest first', function()
    local game = create('Pong')
    for index, user in ipairs({ 'ann', 'ben', 'ann' }) do
      local session = arcade.startSession(game.id, user)
      db.gameSession.update({ where = { id = session.id }, data = { startedAt = index } })
      if index == 1 then
        arcade.endSession(session.id)
      end
    end
    local function starts(filters)
      return list.pluck(arcade.listSessions(game.id, filters), 'startedAt')
    end

    expect(starts()).toEqual({ 3, 2, 1 })
    expect(starts({ userId = 'ann' })).toEqual({ 3, 1 })
    expect(starts({ ended = true })).toEqual({ 1 })
    expect(starts({ ended = false, take = 1 })).toEqual({ 3 })
    expect(arcade.listSessions('nothing')).toEqual({})
    expect(function()
      arcade.listSessions(game.id, { open = true })
    end).toThrow('open')
  end)
end)

describe('getSession', function()
  it.each({ { '' }, { 7 }, { { 'a' } } })('refuses %s for an id', function(sessionId)
    expect(function()
      arcade.getSession(sessionId)
    end).toThrow('`sessionId` must be ')
  end)
end)
