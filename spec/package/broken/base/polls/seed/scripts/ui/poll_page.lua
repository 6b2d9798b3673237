--- A tenant's polls.
local ui = require('ui')
local queries = require('db.queries')

local M = {}

---@param props table
---@return table
function M.render(props)
  local children = {}
  for index, poll in ipairs(queries.listPolls(props.tenantId, { take = props.take })) do
    children[index] = ui.Text(poll.question)
  end
  return ui.Stack(children)
end

return M
