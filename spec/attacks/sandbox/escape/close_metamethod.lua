-- expect: ok
local log = {}
do
  local a <close> = setmetatable({}, { __close = function() log[#log + 1] = io end })
end
assert(#log == 0)
