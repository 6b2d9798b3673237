-- expect: ok
-- A reader that answers something else each time.
local calls = 0
local chunk, message = load(function()
  calls = calls + 1
  return calls == 1 and 'return ' or calls == 2 and {} or nil
end)
assert(chunk == nil and message)
