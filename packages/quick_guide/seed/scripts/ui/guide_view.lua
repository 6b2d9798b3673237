--- GuideView: one guide with its steps.
local list = require('list')
local stepCard = require('ui.step_card')
local text = require('text')
local ui = require('ui')

local M = {}

---@class quick_guide.GuideViewProps
---@field guide quick_guide.FullGuide

--- Renders the guide.
---@param props quick_guide.GuideViewProps
---@return ui.Node
function M.render(props)
  local guide = props.guide
  local steps = guide.steps or {}
  return ui.Section({
    ui.Heading({ level = 1, guide.title }),
    ui.Flex({
      guide.category and ui.Chip(guide.category),
      ui.Text({ variant = 'caption', text.plural(guide.views or 0, 'view') }),
      #steps > 0 and ui.Text({ variant = 'caption', text.plural(#steps, 'step') }),
    }),
    ui.Markdown(guide.content or ''),
    list.map(steps, function(step, index)
      return stepCard.render({ step = step, number = index })
    end),
  })
end

return M
