-- Shared by the packages that depend on this one.
local utils = {}

function utils.title(text)
  return (text:gsub("^%l", string.upper))
end

return utils
