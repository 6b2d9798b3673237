--- Changes of guides and steps.
local check = require('check')
local db = require('db')
local guides = require('guide')
local json = require('json')
local list = require('list')
local text = require('text')
local time = require('time')

local M = {}

---@class quick_guide.GuideChanges
---@field title? string the address stays as it is
---@field slug? string another address; one that another guide has raises `taken`
---@field content? string Markdown
---@field category? string|db.Null null empties it
---@field tags? string[]|db.Null null empties it
---@field order? integer
---@field isPublished? boolean

--- Changes a guide; what is not named stays.
---@param guideId string
---@param changes quick_guide.GuideChanges
---@return quick_guide.Guide
function M.updateGuide(guideId, changes)
  check.id(guideId, 'guideId')
  changes = check.changes(changes, 'changes', {
    title = 'text',
    slug = 'text',
    content = 'string',
    category = 'text?',
    tags = 'array?',
    order = 'integer',
    isPublished = 'boolean',
  })
  if changes.tags and changes.tags ~= db.null then
    changes.tags = guides.checkTags(changes.tags, 'changes.tags')
  end

  return db.transaction(function()
    local guide = guides.get(guideId)
    if changes.slug then
      changes.slug = text.slug(changes.slug, 'guide')
      local other = db.guide.findFirst({
        where = { tenantId = guide.tenantId, slug = changes.slug, id = { ['not'] = guide.id } },
      })
      check.free(other, 'guide', changes.slug)
    end
    changes.updatedAt = time.now()
    local data = guides.encode(changes)
    return guides.decode(db.guide.update({ where = { id = guide.id }, data = data }))
  end)
end

---@class quick_guide.StepChanges
---@field title? string
---@field content? string Markdown
---@field actionType? string|db.Null null empties it
---@field actionData? table<string, any>|db.Null null empties it

--- Changes a step; its place is changed by reorderSteps.
---@param stepId string
---@param changes quick_guide.StepChanges
---@return quick_guide.Step
function M.updateStep(stepId, changes)
  check.id(stepId, 'stepId')
  changes = check.changes(changes, 'changes', {
    title = 'text',
    content = 'string',
    actionType = 'text?',
    actionData = 'object?',
  })
  return db.transaction(function()
    local step = guides.step(stepId)
    db.guide.update({ where = { id = step.guideId }, data = { updatedAt = time.now() } })
    local data = json.encodeFields(changes, { 'actionData' })
    return guides.decodeStep(db.guideStep.update({ where = { id = step.id }, data = data }))
  end)
end

--- Puts a guide's steps in another order, all or none. Ids that are not each of its steps once
--- raise `wrong_steps`.
---@param guideId string
---@param stepIds string[] all of them in their new order
---@return quick_guide.Step[]
function M.reorderSteps(guideId, stepIds)
  check.id(guideId, 'guideId')
  check.type(stepIds, 'array', 'stepIds')
  return db.transaction(function()
    local guide = guides.get(guideId)
    local present = guides.stepIds(guide.id)
    local same = #present == #stepIds
      and list.all(present, function(stepId)
        return list.contains(stepIds, stepId)
      end)
    if not same then
      local message = '`stepIds` must name each of the %d steps of the guide once'
      error(check.fault('wrong_steps', message:format(#present)))
    end
    guides.number(stepIds)
    db.guide.update({ where = { id = guide.id }, data = { updatedAt = time.now() } })
    local steps = db.guideStep.findMany({
      where = { guideId = guide.id },
      orderBy = { { order = 'asc' }, { id = 'asc' } },
    })
    return list.map(steps, guides.decodeStep)
  end)
end

return M
