-- Changes right scripts and JSON texts and asks `load` and `json.decode` for each. `texts`, `json`, `count` and `long` come from outside.
local decode, encode = require('json').decode, require('json').encode
local now, random = require('time').now, math.random
math.randomseed(1)

local words = {
  'local', 'function', 'end', 'return', 'if', 'then', 'else', 'while', 'do', 'repeat', 'until', 'for', 'in', 'goto', '::', 'nil', '...', '=',
  '==', '~=', '//', '..', '[[', ']]', '[==[', '--[[', '--', '"', "'", '\\', '\\x', '\\u{', '0x', '1e', '<close>', '<const>', '(', ')', '{',
  '}', '[', ']', ',', ';', '\0', '\255', '\27Lua', '9223372036854775808', 'null', 'true', ':', '\\ud800', '-',
}

local function changed(text)
  for _ = 1, random(1, 6) do
    local at, other = random(0, #text), random(0, #text)
    local kind = random(7)
    if kind == 1 then
      text = text:sub(1, at)
    elseif kind == 2 then
      text = text:sub(1, at) .. words[random(#words)] .. text:sub(at + 1)
    elseif kind == 3 then
      text = text:sub(1, at) .. text:sub(other + 1)
    elseif kind == 4 then
      text = text:sub(1, at) .. string.char(random(0, 255)) .. text:sub(at + 2)
    elseif kind == 5 then
      text = text:sub(1, at) .. text:sub(math.max(other - 50, 1), other) .. text:sub(at + 1)
    elseif kind == 6 then
      text = text:sub(1, at) .. words[random(#words)]:rep(random(300)) .. text:sub(at + 1)
    else
      text = text:sub(at + 1)
    end
  end
  return text
end

local slowest = 0
local function timed(f, text)
  local begun = now()
  f(text)
  local took = now() - begun
  if took > 100 and long then
    -- A busy machine is slow now and then; what is slow is slow again.
    begun = now()
    f(text)
    assert(now() - begun <= 100, 'too slow: ' .. text)
  end
  slowest = math.max(slowest, took)
end

local compiled, read = 0, 0
for _ = 1, count do
  -- Long texts make few inputs: a part of each.
  local whole = texts[random(#texts)]
  local from = random(#whole)
  timed(function(text)
    local f, message = load(text)
    assert(f or type(message) == 'string')
    compiled = compiled + (f and 1 or 0)
  end, changed(whole:sub(from, from + random(400))))
  timed(function(text)
    local value, message = decode(text)
    assert(value ~= nil or type(message) == 'string')
    if value ~= nil then
      read = read + 1
      pcall(encode, value)
    end
  end, changed(json[random(#json)]))
end
return { count = count, compiled = compiled, read = read, slowest = slowest }
