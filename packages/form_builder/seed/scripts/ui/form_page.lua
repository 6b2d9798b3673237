--- FormPage: a tenant's forms; with one of them, the form to fill in.
local ctx = require('ctx')
local queries = require('db.queries') --[[@as form_builder.db.queries]]
local read = require('db.read') --[[@as form_builder.db.read]]
local templateList = require('ui.template_list')
local ui = require('ui')

local M = {}

---@class form_builder.FormPageProps
---@field tenantId? string the caller's, if left out
---@field templateId? string
---@field data? table<string, any> what was filled in; its faults are shown

--- Renders the page from `listFormTemplates` and `renderForm`.
---@param props form_builder.FormPageProps
---@return ui.Node
function M.render(props)
  if not props.templateId then
    return ui.Container({
      ui.Heading({ level = 1, 'Forms' }),
      templateList.render({ templates = queries.listFormTemplates(props.tenantId or ctx.tenant) }),
    })
  elseif not read.getFormTemplate(props.templateId) then
    return ui.Alert({ severity = 'error', 'There is no such form' })
  end
  return ui.Container({ read.renderForm(props.templateId, props.data) })
end

return M
