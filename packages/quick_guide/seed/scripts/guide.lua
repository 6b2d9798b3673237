--- Guides and steps as callers see them, and which ones they may reach.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local json = require('json')
local list = require('list')
local markdown = require('markdown')
local text = require('text')

local M = {}

local mostTags, longestTag = 20, 50

---@class quick_guide.Guide A guide with its JSON field as a table.
---@field id string
---@field tenantId string
---@field title string
---@field slug string
---@field content string Markdown
---@field category? string
---@field tags? string[]
---@field order integer
---@field isPublished boolean
---@field views integer
---@field createdAt integer milliseconds since the epoch
---@field updatedAt? integer milliseconds since the epoch
---@field createdBy? string

---@class quick_guide.Step A step with its JSON field as a table.
---@field id string
---@field guideId string
---@field title string
---@field content string Markdown
---@field order integer from 0
---@field actionType? 'click'|'input'|'navigate'|string
---@field actionData? table<string, any>
---@field createdAt integer milliseconds since the epoch

---@class quick_guide.FullStep: quick_guide.Step
---@field html string the content, safe to show

---@class quick_guide.FullGuide: quick_guide.Guide
---@field html string the content, safe to show
---@field steps quick_guide.FullStep[] all of them, in order

--- Encodes the JSON field of a guide in place.
---@param fields table<string, any>
---@return any
function M.encode(fields)
  return json.encodeFields(fields, { 'tags' })
end

--- Decodes the JSON column of a Guide in place.
---@param record Guide
---@return quick_guide.Guide
function M.decode(record)
  return json.decodeFields(record, { 'tags' })
end

--- Decodes the JSON column of a GuideStep in place.
---@param record GuideStep
---@return quick_guide.Step
function M.decodeStep(record)
  return json.decodeFields(record, { 'actionData' })
end

--- Returns the condition for a guide that the caller may reach; nil for one who may reach all.
---@return GuideWhereInput?
function M.reachable()
  return ctx.bound and { tenantId = ctx.bound }
end

--- Returns a guide; raises `not_found` where there is none that the caller may reach.
---@param guideId string
---@return quick_guide.Guide
function M.get(guideId)
  local where = { id = guideId, tenantId = ctx.bound }
  return M.decode(check.found(db.guide.findFirst({ where = where }), 'guide', guideId))
end

--- Returns a step; raises `not_found` where there is none that the caller may reach.
---@param stepId string
---@return GuideStep
function M.step(stepId)
  local where = { id = stepId, guide = M.reachable() }
  return check.found(db.guideStep.findFirst({ where = where }), 'step', stepId)
end

--- Returns the ids of a guide's steps, in order.
---@param guideId string
---@return string[]
function M.stepIds(guideId)
  local steps = db.guideStep.findMany({
    where = { guideId = guideId },
    orderBy = { { order = 'asc' }, { id = 'asc' } },
    select = { id = true },
  })
  return list.pluck(steps, 'id')
end

--- Numbers a guide's steps in the order of these ids, from 0. Call it in a transaction.
---@param stepIds string[]
function M.number(stepIds)
  for index, stepId in ipairs(stepIds) do
    db.guideStep.update({ where = { id = stepId }, data = { order = index - 1 } })
  end
end

--- Completes a guide: its steps in order, and all Markdown as HTML that is safe to show.
---@param record Guide with its steps
---@return quick_guide.FullGuide
function M.complete(record)
  ---@type any
  local guide = M.decode(record)
  guide.html = markdown.html(guide.content)
  for _, step in ipairs(guide.steps) do
    M.decodeStep(step)
    step.html = markdown.html(step.content)
  end
  return guide
end

--- What `findFirst` needs for `complete`.
M.withSteps = { steps = { orderBy = { { order = 'asc' }, { id = 'asc' } } } }

--- Checks tags, and gives each once and without blanks around it. Raises `wrong_tags`.
---@param tags string[]
---@param name string the argument's name
---@return string[]
function M.checkTags(tags, name)
  local checked = list.map(tags, function(tag)
    local plain = type(tag) == 'string' and text.trim(tag) or ''
    local length = text.length(plain)
    if not length or length == 0 or length > longestTag or plain:find('%c') then
      local message = '`%s` are words of at most %d characters, found %s'
      error(check.fault('wrong_tags', message:format(name, longestTag, check.describe(tag))))
    end
    return plain
  end)
  if #checked > mostTags then
    local message = '`%s` are at most %d, found %d'
    error(check.fault('wrong_tags', message:format(name, mostTags, #checked)))
  end
  return json.array(list.unique(checked))
end

return M
