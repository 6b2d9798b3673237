-- expect: ok
local depth = 0
local function handler(message)
  depth = depth + 1
  if depth < 50 then error(message) end
  return message
end
assert(not xpcall(error, handler, 'x'))
