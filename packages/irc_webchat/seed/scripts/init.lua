--- Chat: channels, their members and messages. The operations lie in `db/`.
local create = require('db.create') --[[@as irc_webchat.db.create]]
local queries = require('db.queries') --[[@as irc_webchat.db.queries]]

local M = {}

--- Makes the channel that a tenant begins with.
---@param ctx ctx
function M.on_tenant(ctx)
  if #queries.listChannels(ctx.tenant) == 0 then
    create.createChannel(ctx.tenant, { name = 'general', topic = 'Whatever fits nowhere else' })
  end
end

return M
