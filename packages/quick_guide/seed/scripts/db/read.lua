--- Reading one guide.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local guides = require('guide')

---@class quick_guide.db.read
local M = {}

--- Returns a guide with its steps and its HTML, published or not; nil where there is none.
---@param guideId string
---@return quick_guide.FullGuide?
function M.getGuide(guideId)
  check.id(guideId, 'guideId')
  local where = { id = guideId, tenantId = ctx.bound }
  local record = db.guide.findFirst({ where = where, include = guides.withSteps })
  return record and guides.complete(record)
end

--- Returns a published guide by its address, with its steps and its HTML, and counts the view; nil
--- where there is none.
---@param tenantId string
---@param slug string
---@return quick_guide.FullGuide?
function M.getGuideBySlug(tenantId, slug)
  check.tenant(tenantId, 'tenantId')
  check.id(slug, 'slug')
  return db.transaction(function()
    local where = { tenantId = tenantId, slug = slug, isPublished = true }
    local seen = db.guide.updateMany({ where = where, data = { views = { increment = 1 } } })
    if seen.count == 0 then
      return nil
    end
    return guides.complete(db.guide.findFirstOrThrow({ where = where, include = guides.withSteps }))
  end)
end

return M
