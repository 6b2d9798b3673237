local arcade = require('arcade_lobby')
local arcadePage = require('ui.arcade_page')
local gameCard = require('ui.game_card')
local gameGrid = require('ui.game_grid')
local highScoreTable = require('ui.high_score_table')
local list = require('list')
local ui = require('ui')

describe('GameCard', function()
  local game = { id = 'g1', name = 'Pong', category = 'arcade', playCount = 1, enabled = true }

  it('shows the game, and a button for who may play', function()
    local card = gameCard.render({ game = game, userId = 'ann' } --[[@as any]])

    expect(ui.textOf(card)).toBe('Pong arcade · 1 play Play')
    expect(assert(ui.find(card, 'Button')).props.onClick).toEqual({
      operation = 'arcade_lobby.startSession',
      args = { 'g1', 'ann' },
    })
    expect(ui.find(gameCard.render({ game = game } --[[@as any]]), 'Button')).toBeNil()
  end)

  it('shows a picture where there is one', function()
    local pictured =
      { id = 'g1', name = 'Pong', category = 'a', thumbnail = '/p.png', enabled = false }
    local card = gameCard.render({ game = pictured, userId = 'ann' } --[[@as any]])

    expect(assert(ui.find(card, 'Image')).props).toMatchObject({ src = '/p.png', alt = 'Pong' })
    expect(ui.find(card, 'Button')).toBeNil()
  end)
end)

describe('GameGrid', function()
  it('says that there are none', function()
    expect(gameGrid.render({ games = {} }).type).toBe('Alert')
  end)
end)

describe('HighScoreTable', function()
  it('marks one’s own row', function()
    local scores = {
      { id = 's1', rank = 1, userId = 'ann', score = 20, createdAt = 0 },
      { id = 's2', rank = 2, userId = 'ben', score = 10, createdAt = 0 },
    }
    local rows = highScoreTable.render({ scores = scores, userId = 'ben' } --[[@as any]]).props.rows

    expect(list.pluck(rows, 'selected')).toEqual({ false, true })
    expect(rows[1].cells).toEqual({ 1, 'ann', 20, '1970-01-01T00:00:00.000Z' })
  end)

  it('says that there are none', function()
    expect(highScoreTable.render({ scores = {} }).type).toBe('Alert')
  end)
end)

describe('ArcadePage', function()
  ---@type arcade_lobby.Game
  local game

  before_each(function()
    game = arcade.createGame('acme', { name = 'Pong', category = 'arcade', core = 'mame' })
    arcade.createGame('acme', { name = 'Tetris', category = 'puzzle', core = 'gambatte' })
  end)

  it('shows the games, of one category where it is asked for', function()
    local function shown(props)
      return list.map(ui.findAll(arcadePage.render(props), 'Link'), ui.textOf)
    end

    expect(shown({ tenantId = 'acme' })).toEqual({ 'Pong', 'Tetris' })
    expect(shown({ tenantId = 'acme', category = 'puzzle' })).toEqual({ 'Tetris' })
    expect(shown({ tenantId = 'nobody' })).toEqual({})
  end)

  it('shows one game, its scores and where the caller stands', function()
    arcade.submitScore(game.id, 'ann', 20)
    arcade.submitScore(game.id, 'ben', 10)
    local page = asCaller({ tenant = 'acme', user = 'ben', level = 1 }, function()
      return arcadePage.render({ gameId = game.id })
    end)

    expect(ui.textOf(page)).toContain('You are number 2 of 2')
    expect(assert(ui.find(page, 'Table')).props.rows).toHaveLength(2)
    expect(assert(ui.find(page, 'Button')).props.onClick.args).toEqual({ game.id, 'ben' })
  end)

  it('says that there is no such game', function()
    expect(arcadePage.render({ gameId = 'nothing' }).type).toBe('Alert')
  end)
end)
