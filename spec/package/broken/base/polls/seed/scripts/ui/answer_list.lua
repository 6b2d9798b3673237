--- The answers of a poll.
local ui = require('ui')

---@param props table
---@return table
local function render(props)
  local items = {}
  for index, answer in ipairs(props.answers) do
    items[index] = ui.ListItem(answer.text)
  end
  return ui.List(items)
end

return { render = render }
