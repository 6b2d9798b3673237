---Formats cents
---@param cents number
---@return string
local function format(cents)
  return string.format("%.2f", cents / 100)
end
return format
