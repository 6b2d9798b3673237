--- ConfigPage: the settings of the instance and a tenant's values, secrets masked.
local configTable = require('ui.config_table')
local ctx = require('ctx')
local list = require('list')
local queries = require('db.queries') --[[@as config_summary.db.queries]]
local text = require('text')
local ui = require('ui')

local M = {}

---@class config_summary.ConfigPageProps
---@field tenantId? string the caller's, if left out

--- Renders the page from `summarizeConfig`.
---@param props config_summary.ConfigPageProps
---@return ui.Node
function M.render(props)
  local summary = queries.summarizeConfig(props.tenantId or ctx.tenant)
  return ui.Container({
    ui.Flex({
      justify = 'between',
      ui.Heading({ level = 1, 'Configuration' }),
      ui.Badge(text.plural(summary.total, 'value')),
    }),
    configTable.render({ title = 'Instance', entries = summary.config }),
    list.map(summary.namespaces, function(group)
      return configTable.render({ title = group.namespace, entries = group.values })
    end),
  })
end

return M
