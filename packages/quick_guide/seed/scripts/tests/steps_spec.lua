local db = require('db')
local guides = require('quick_guide')
local list = require('list')

---@type quick_guide.Guide
local guide

before_each(function()
  guide = guides.createGuide('acme', { title = 'Guide' })
end)

local function add(title, fields)
  local step = { title = title }
  for key, value in pairs(fields or {}) do
    step[key] = value
  end
  return guides.addStep(guide.id, step)
end

-- The steps with their places: `0 One`.
local function order()
  return list.map(assert(guides.getGuide(guide.id)).steps, function(step)
    return step.order .. ' ' .. step.title
  end)
end

describe('addStep', function()
  it('adds at the end, or at a place', function()
    add('One')
    add('Two')
    add('First', { order = 0 })
    add('Third', { order = 2 })
    add('Last', { order = 99 })

    expect(order()).toEqual({ '0 First', '1 One', '2 Third', '3 Two', '4 Last' })
  end)

  it('keeps what is to be done', function()
    local step = add('Click', {
      content = 'Click it',
      actionType = 'click',
      actionData = { target = '#save' },
    })

    expect(step).toMatchObject({
      guideId = guide.id,
      content = 'Click it',
      actionType = 'click',
      actionData = { target = '#save' },
    })
    expect(assert(db.guideStep.findUnique({ where = { id = step.id } })).actionData).toBeType(
      'string'
    )
    expect(assert(guides.getGuide(guide.id)).updatedAt).toBeType('integer')
  end)

  it('has room for 200', function()
    local rows = {}
    for index = 1, 200 do
      rows[index] =
        { guideId = guide.id, title = 'S', content = '', order = index - 1, createdAt = 0 }
    end
    db.guideStep.createMany({ data = rows })
    expect(function()
      add('One more')
    end).toThrow({ code = 'full' })
  end)

  it.each({
    { 'step.title', { content = 'x' } },
    { 'step.order', { title = 'A', order = -1 } },
    { 'step.actionData', { title = 'A', actionData = 'x' } },
    { 'step.actionType', { title = 'A', actionType = '' } },
    { 'guideId', { title = 'A', guideId = 'other' } },
  })('refuses a wrong %s', function(name, step)
    expect(function()
      guides.addStep(guide.id, step)
    end).toThrow(name)
    expect(order()).toEqual({})
  end)

  it('refuses a guide that is not there', function()
    expect(function()
      guides.addStep('nothing', { title = 'A' })
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('updateStep', function()
  it('changes what is named, and keeps the rest', function()
    local step = add('One', { content = 'Old', actionType = 'click', actionData = { a = 1 } })
    local changed = guides.updateStep(step.id, { content = 'New', actionData = db.null })

    expect(changed).toMatchObject({
      title = 'One',
      content = 'New',
      actionType = 'click',
      order = 0,
    })
    expect(changed.actionData).toBeNil()
  end)

  it.each({
    { 'changes.title', { title = '' } },
    { 'changes.actionData', { actionData = { 1 } } },
    { 'order', { order = 3 } },
  })('refuses a wrong %s', function(name, changes)
    local step = add('One')
    expect(function()
      guides.updateStep(step.id, changes)
    end).toThrow(name)
  end)

  it('refuses one that is not there', function()
    expect(function()
      guides.updateStep('nothing', { title = 'A' })
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('reorderSteps', function()
  it('puts all in their new places', function()
    local one, two, three = add('One'), add('Two'), add('Three')
    local steps = guides.reorderSteps(guide.id, { three.id, one.id, two.id })

    expect(list.pluck(steps, 'title')).toEqual({ 'Three', 'One', 'Two' })
    expect(order()).toEqual({ '0 Three', '1 One', '2 Two' })
  end)

  it('wants each step once, or changes nothing', function()
    local one, two = add('One'), add('Two')
    local other = guides.createGuide('acme', { title = 'Other' })
    local foreign = guides.addStep(other.id, { title = 'Foreign' })

    for _, ids in ipairs({
      {},
      { one.id },
      { one.id, one.id },
      { two.id, foreign.id },
      { two.id, one.id, foreign.id },
    }) do
      expect(function()
        guides.reorderSteps(guide.id, ids)
      end).toThrow({ code = 'wrong_steps' })
    end
    expect(order()).toEqual({ '0 One', '1 Two' })
  end)

  it('is all or nothing', function()
    local one, two = add('One'), add('Two')
    pcall(db.transaction, function()
      guides.reorderSteps(guide.id, { two.id, one.id })
      error('changed my mind')
    end)
    expect(order()).toEqual({ '0 One', '1 Two' })
  end)

  it('must be told which', function()
    expect(function()
      guides.reorderSteps(guide.id, 'all' --[[@as any]])
    end).toThrow('stepIds')
    expect(function()
      guides.reorderSteps('nothing', {})
    end).toThrow({ code = 'not_found' })
  end)
end)

describe('deleteStep', function()
  it('lets those behind it move up', function()
    add('One')
    local two = add('Two')
    add('Three')

    expect(guides.deleteStep(two.id).title).toBe('Two')
    expect(order()).toEqual({ '0 One', '1 Three' })
    expect(function()
      guides.deleteStep(two.id)
    end).toThrow({ code = 'not_found' })
  end)

  it('never leaves a gap, whatever is done', function()
    math.randomseed(9)
    for _ = 1, 100 do
      local steps = assert(guides.getGuide(guide.id)).steps
      local what = math.random(4)
      if what <= 2 or #steps == 0 then
        add('S', { order = math.random(0, #steps) })
      elseif what == 3 then
        guides.deleteStep(assert(steps[math.random(#steps)]).id)
      else
        guides.reorderSteps(guide.id, list.reversed(list.pluck(steps, 'id')))
      end
    end
    for index, step in ipairs(assert(guides.getGuide(guide.id)).steps) do
      expect(step.order).toBe(index - 1)
    end
  end)
end)

describe('another tenant', function()
  it('reaches neither guides nor steps', function()
    local step = add('One')
    local before = guides.getGuide(guide.id)

    asCaller({ tenant = 'globex' }, function()
      expect(guides.getGuide(guide.id)).toBeNil()
      for name, arguments in pairs({
        updateGuide = { guide.id, { title = 'Mine' } },
        deleteGuide = { guide.id },
        addStep = { guide.id, { title = 'Mine' } },
        reorderSteps = { guide.id, { step.id } },
        updateStep = { step.id, { title = 'Mine' } },
        deleteStep = { step.id },
      }) do
        expect(function()
          guides[name](table.unpack(arguments))
        end).toThrow({ code = 'not_found' })
      end
      for name, argument in pairs({
        createGuide = { title = 'Mine' },
        listGuides = {},
        getGuideBySlug = 'guide',
        searchGuides = 'guide',
      }) do
        expect(function()
          guides[name]('acme', argument)
        end).toThrow({ code = 'forbidden' })
      end
    end)

    expect(guides.getGuide(guide.id)).toEqual(before)
  end)
end)
