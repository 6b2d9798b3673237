--- The files of `io.open`: a text, read as Lua's own files are.
local M = {}

local readers = {}

--- Reads one item from a file's text as Lua's own `file:read` does.
local function readItem(file, what)
  local text, at = file.text, file.at
  if type(what) == 'number' then
    if at > #text and what > 0 then
      return nil
    end
    file.at = math.min(at + what, #text + 1)
    return text:sub(at, file.at - 1)
  end
  what = what:gsub('^%*', ''):sub(1, 1)
  if what == 'a' then
    file.at = #text + 1
    return text:sub(at)
  elseif what == 'l' or what == 'L' then
    if at > #text then
      return nil
    end
    local stop = text:find('\n', at, true)
    file.at = (stop or #text) + 1
    return text:sub(at, stop and (what == 'L' and stop or stop - 1) or #text)
  elseif what == 'n' then
    local first, last = text:find('^%s*[%w%.%+%-]+', at)
    file.at = (last or at - 1) + 1
    return first and tonumber(text:sub(first, last)) or nil
  end
  error("bad argument to 'read' (invalid format)", 3)
end

function readers:read(...)
  if self.closed then
    error('attempt to use a closed file', 2)
  end
  local results, count = {}, math.max(select('#', ...), 1)
  for number = 1, count do
    results[number] = readItem(self, (select(number, ...)) or 'l')
    if results[number] == nil then
      break
    end
  end
  return table.unpack(results, 1, count)
end

function readers:lines(what)
  return function()
    return self:read(what or 'l')
  end
end

function readers:close()
  self.closed = true
  return true
end

function readers:seek(from, offset)
  local base = from == 'set' and 1 or from == 'end' and #self.text + 1 or self.at
  self.at = math.max(1, math.min(base + (offset or 0), #self.text + 1))
  return self.at - 1
end

--- Returns a file that reads `text`.
function M.open(text)
  return setmetatable(
    { text = text, at = 1 },
    { __index = readers, __name = 'FILE*', __metatable = false }
  )
end

return M
