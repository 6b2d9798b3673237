-- expect: ok|error
local ok = pcall(function() local c <close> = setmetatable({}, { __close = function() return ('x'):rep(2^28) end }) error('x') end) assert(not ok)
