--- Polls: questions with answers to choose from.
local M = {}

--- Makes the first poll of a tenant.
function M.on_tenant(ctx)
  local create = require('db.create')
  create.createPoll(ctx.tenant, 'Is this useful?', { 'yes', 'no' })
end

return M
