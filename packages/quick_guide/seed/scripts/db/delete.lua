--- Removing guides and steps.
local check = require('check')
local db = require('db')
local guides = require('guide')
local time = require('time')

local M = {}

--- Deletes a guide with its steps, and returns what it was.
---@param guideId string
---@return quick_guide.Guide
function M.deleteGuide(guideId)
  check.id(guideId, 'guideId')
  return db.transaction(function()
    local guide = guides.get(guideId)
    db.guide.delete({ where = { id = guide.id } })
    return guide
  end)
end

--- Deletes a step, and returns what it was. Those behind it move up.
---@param stepId string
---@return quick_guide.Step
function M.deleteStep(stepId)
  check.id(stepId, 'stepId')
  return db.transaction(function()
    local step = guides.step(stepId)
    db.guideStep.delete({ where = { id = step.id } })
    db.guideStep.updateMany({
      where = { guideId = step.guideId, order = { gt = step.order } },
      data = { order = { decrement = 1 } },
    })
    db.guide.update({ where = { id = step.guideId }, data = { updatedAt = time.now() } })
    return guides.decodeStep(step)
  end)
end

return M
