--- WidgetCard: one widget: a chart, numbers, a list or a calendar, as its `config` says.
local list = require('list')
local ui = require('ui')

local M = {}

---@class dashboard.WidgetCardProps
---@field widget dashboard.Widget
---@field onRemove? string the operation that removes it

-- Reads a list of texts and numbers out of a configuration, which anybody may have written.
local function texts(value)
  return list.filter(type(value) == 'table' and value or {}, function(element)
    return type(element) == 'string' or type(element) == 'number'
  end)
end

---@type table<string, fun(config: table<string, any>): ui.Child>
local bodies = {
  chart = function(config)
    return ui.Chart({ kind = config.kind or 'line', labels = config.labels, series = config.series })
  end,
  stats = function(config)
    local numbers = type(config.stats) == 'table' and config.stats or {}
    return ui.Stack({
      list.map(list.keys(numbers), function(name)
        return ui.Text(('%s: %s'):format(name, tostring(numbers[name])))
      end),
    })
  end,
  list = function(config)
    return ui.List({
      list.map(texts(config.items), function(item)
        return ui.ListItem(item)
      end),
    })
  end,
  calendar = function(config)
    return ui.Table({ columns = { 'When', 'What' }, rows = config.events or {} })
  end,
}

--- Renders the card. A type that is not known shows its name.
---@param props dashboard.WidgetCardProps
---@return ui.Node
function M.render(props)
  local widget = props.widget
  local body = bodies[widget.type]
  return ui.Card({
    key = widget.id,
    ui.Flex({
      justify = 'between',
      ui.Heading({ level = 3, widget.title }),
      props.onRemove and ui.IconButton({
        icon = 'close',
        label = 'Remove',
        onClick = ui.action(props.onRemove, widget.id),
      }),
    }),
    body and body(widget.config or {}) or ui.Text(widget.type),
  })
end

return M
