--- ScriptList: a tenant's scripts.
local ctx = require('ctx')
local list = require('list')
local queries = require('db.queries') --[[@as code_editor.db.queries]]
local text = require('text')
local ui = require('ui')

local M = {}

---@class code_editor.ScriptListProps
---@field tenantId? string the caller's, if left out

local function item(script)
  return ui.ListItem({
    key = script.id,
    onClick = ui.action('code_editor.getScript', script.id),
    ui.Icon({ name = 'code' }),
    ui.Stack({
      ui.Text({ weight = 'bold', script.name }),
      script.description and ui.Text(script.description),
      ui.Text({ variant = 'caption', 'version ' .. script.version }),
    }),
  })
end

--- Renders the page from `listScripts`.
---@param props code_editor.ScriptListProps
---@return ui.Node
function M.render(props)
  local scripts = queries.listScripts(props.tenantId or ctx.tenant)
  return ui.Container({
    ui.Flex({
      justify = 'between',
      ui.Heading({ level = 1, 'Scripts' }),
      ui.Badge(text.plural(#scripts, 'script')),
    }),
    #scripts == 0 and ui.Alert({ severity = 'info', 'No scripts' })
      or ui.List({ list.map(scripts, item) }),
  })
end

return M
