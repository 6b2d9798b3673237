--- TemplateList: forms, one row each.
local list = require('list')
local text = require('text')
local ui = require('ui')

local M = {}

---@class form_builder.TemplateListProps
---@field templates form_builder.Template[]

--- Renders the list, or a line that says that there are none yet.
---@param props form_builder.TemplateListProps
---@return ui.Node
function M.render(props)
  local templates = props.templates or {}
  if #templates == 0 then
    return ui.Alert({ severity = 'info', 'No forms yet' })
  end
  return ui.List({
    list.map(templates, function(template)
      return ui.ListItem({
        key = template.id,
        ui.Link({ page = 'FormPage', params = { templateId = template.id }, template.name }),
        ui.Text({ variant = 'caption', text.plural(#(template.variables or {}), 'field') }),
      })
    end),
  })
end

return M
