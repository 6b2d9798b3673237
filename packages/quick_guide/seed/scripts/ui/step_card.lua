--- StepCard: one step with what is to be done.
local ui = require('ui')

local M = {}

---@class quick_guide.StepCardProps
---@field step quick_guide.Step
---@field number? integer from 1

-- An address that stays on the site, or goes to another one; never a script.
local function isSafe(address)
  return type(address) == 'string'
    and not address:find('[%s%c]')
    and (address:find('^/') ~= nil or address:find('^https?://') ~= nil)
end

local function action(step)
  local data = step.actionData or {}
  if not step.actionType then
    return nil
  elseif step.actionType == 'navigate' and isSafe(data.url) then
    return ui.Link({ href = data.url, 'Go to ' .. data.url })
  end
  local target = type(data.target) == 'string' and data.target
  return ui.Flex({ ui.Chip(step.actionType), target and ui.Code(target) })
end

--- Renders the card.
---@param props quick_guide.StepCardProps
---@return ui.Node
function M.render(props)
  local step = props.step
  return ui.Card({
    key = step.id,
    ui.Heading({ level = 2, props.number and props.number .. '. ' .. step.title or step.title }),
    ui.Markdown(step.content or ''),
    action(step),
  })
end

return M
