--- Values that a node takes out of a run: `"$input.title"` in its config stands for the field.
local list = require('list')

local M = {}

local function lookUp(path, scope)
  local value = scope
  for name in path:gmatch('[^%.]+') do
    if type(value) ~= 'table' then
      return nil
    end
    value = value[math.tointeger(name) or name]
  end
  return value
end

--- Returns a value of a config with what its references stand for. A text that begins with `$` is a
--- reference: `$input` is what came to the node, `$trigger` the input of the run, `$nodes.ID` what
--- another node gave, `$item` and `$index` those of the loop around it. `$$` stands for a `$`.
---@param value any
---@param scope table<string, any>
---@return any
function M.resolve(value, scope)
  if type(value) == 'string' then
    if value:sub(1, 2) == '$$' then
      return value:sub(2)
    elseif value:sub(1, 1) == '$' then
      return lookUp(value:sub(2), scope)
    end
    return value
  elseif type(value) ~= 'table' then
    return value
  elseif #value > 0 then
    return list.map(value, function(item)
      return M.resolve(item, scope)
    end)
  end
  local result = {}
  for key, item in pairs(value) do
    result[key] = M.resolve(item, scope)
  end
  return result
end

return M
