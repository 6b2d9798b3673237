-- expect: ok
local t = setmetatable({ 1 }, { __len = function() return 1 << 40 end })
local ok, text = pcall(json.encode, t)
assert(not ok or text == '[1]')
