--- What attacks: the script is attack.lua.
local M = {}

function M.attack()
  return require('attack')
end

function M.run(text)
  return assert(load(text))()
end

function M.one()
  return 1
end

return M
