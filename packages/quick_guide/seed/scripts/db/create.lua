--- New guides and steps.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local guides = require('guide')
local json = require('json')
local text = require('text')
local time = require('time')

local M = {}

local mostSteps = 200

---@class quick_guide.NewGuide
---@field title string
---@field content? string Markdown
---@field slug? string made from the title, if left out; a number is added where another guide has it
---@field category? 'getting-started'|'tutorials'|'reference'|string
---@field tags? string[]
---@field order? integer
---@field isPublished? boolean true, if left out
---@field createdBy? string the caller, if left out

--- Makes a guide without steps.
---@param tenantId string
---@param guide quick_guide.NewGuide
---@return quick_guide.Guide
function M.createGuide(tenantId, guide)
  check.tenant(tenantId, 'tenantId')
  guide = check.fields(guide, 'guide', {
    title = 'text',
    content = 'string?',
    slug = 'text?',
    category = 'text?',
    tags = 'array?',
    order = 'integer?',
    isPublished = 'boolean?',
    createdBy = 'id?',
  })
  guide.tags = guide.tags and guides.checkTags(guide.tags, 'guide.tags')

  return db.transaction(function()
    guide.slug = text.uniqueSlug(guide.slug or guide.title, 'guide', function(prefix)
      local where = { tenantId = tenantId, slug = { startsWith = prefix } }
      return db.guide.findMany({ where = where, select = { slug = true } })
    end)
    guide.tenantId = tenantId
    guide.content = guide.content or ''
    guide.createdBy = guide.createdBy or ctx.user
    guide.createdAt = time.now()
    return guides.decode(db.guide.create({ data = guides.encode(guide) }))
  end)
end

---@class quick_guide.NewStep
---@field title string
---@field content? string Markdown
---@field order? integer its place, from 0: those behind it move on; the end, if left out
---@field actionType? 'click'|'input'|'navigate'|string
---@field actionData? table<string, any>

--- Adds a step to a guide.
---@param guideId string
---@param step quick_guide.NewStep
---@return quick_guide.Step
function M.addStep(guideId, step)
  check.id(guideId, 'guideId')
  step = check.fields(step, 'step', {
    title = 'text',
    content = 'string?',
    order = 'count?',
    actionType = 'text?',
    actionData = 'object?',
  })

  return db.transaction(function()
    local guide = guides.get(guideId)
    local count = db.guideStep.count({ where = { guideId = guide.id } })
    if count >= mostSteps then
      error(check.fault('full', ('a guide has %d steps at the most'):format(mostSteps)))
    end
    local place = math.min(step.order or count, count)
    db.guideStep.updateMany({
      where = { guideId = guide.id, order = { gte = place } },
      data = { order = { increment = 1 } },
    })
    local now = time.now()
    db.guide.update({ where = { id = guide.id }, data = { updatedAt = now } })
    return guides.decodeStep(db.guideStep.create({
      data = json.encodeFields({
        guideId = guide.id,
        title = step.title,
        content = step.content or '',
        order = place,
        actionType = step.actionType,
        actionData = step.actionData,
        createdAt = now,
      }, { 'actionData' }),
    }))
  end)
end

return M
