--- GuideList: guides, one row each.
local list = require('list')
local ui = require('ui')

local M = {}

---@class quick_guide.GuideListProps
---@field guides (quick_guide.Guide|quick_guide.Found)[]

local function row(guide)
  return ui.ListItem({
    key = guide.id,
    ui.Link({ page = 'GuidePage', params = { slug = guide.slug }, guide.title }),
    guide.category and ui.Chip(guide.category),
    list.map(guide.tags or {}, function(tag)
      return ui.Chip({ variant = 'outlined', tag })
    end),
    guide.extract and ui.Text({ variant = 'caption', guide.extract }),
  })
end

--- Renders the list, or a line that says that there are none.
---@param props quick_guide.GuideListProps
---@return ui.Node
function M.render(props)
  local guides = props.guides or {}
  if #guides == 0 then
    return ui.Alert({ severity = 'info', 'No guides' })
  end
  return ui.List({ list.map(guides, row) })
end

return M
