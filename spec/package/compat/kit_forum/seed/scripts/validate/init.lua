local M = {}

M.required = require("validate.required")
M.limits = require("validate.limits")

function M.post(post)
  local errors = {}
  if not M.required(post and post.title) then
    table.insert(errors, "title is required")
  elseif #post.title > M.limits.title then
    table.insert(errors, "title is too long")
  end
  return { valid = #errors == 0, errors = errors }
end

return M
