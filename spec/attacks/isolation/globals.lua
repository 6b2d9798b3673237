-- expect: ok
hacked = true
_G.hacked = true
for _, name in ipairs({ 'tostring', 'type', 'pcall', 'error', 'next', 'pairs', 'ipairs', 'print', 'select', 'setmetatable', 'getmetatable', 'require' }) do
  _G[name] = function() return 'hacked' end
end
