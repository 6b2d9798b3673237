--- ConfigValue: one value, or the sign that it is masked.
local json = require('json')
local text = require('text')
local ui = require('ui')

local M = {}

---@class config_summary.ConfigValueProps
---@field value? any
---@field masked? boolean whether the value, or something in it, is a secret

--- Renders the value: a text as it is, anything else as JSON, cut where it is long.
---@param props config_summary.ConfigValueProps
---@return ui.Node
function M.render(props)
  local value = props.value
  local shown = type(value) == 'string' and value
    or json.encode(value == nil and json.null or value)
  return ui.Flex({
    ui.Code(text.truncate(shown, 200)),
    props.masked and ui.Icon({ name = 'lock', label = 'Secret' }),
  })
end

return M
