--- Makes polls.
local db = require('db')
local slugs = require('slugs')
local time = require('time')

local M = {}

--- Opens a poll.
---@param tenantId string
---@param question string
---@param answers? string[]
---@return Poll
function M.createPoll(tenantId, question, answers)
  answers = answers or {}
  local rows = {}
  for index, text in ipairs(answers) do
    rows[index] = { text = text }
  end
  return db.poll.create({
    data = {
      tenantId = tenantId,
      question = question,
      slug = slugs.slugOf(question),
      createdAt = time.now(),
      answers = { create = rows },
    },
    include = { answers = true },
  })
end

return M
