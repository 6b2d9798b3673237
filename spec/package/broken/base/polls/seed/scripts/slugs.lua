--- Short names out of questions.
local M = {}

---@param question string
---@return string
function M.slugOf(question)
  local slug = question:lower():gsub('[^%w]+', '-')
  return (slug:gsub('^%-+', ''):gsub('%-+$', ''))
end

return M
