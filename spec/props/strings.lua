--- Asks Lua's own functions and ours the same, at random, and compares all results and errors.
local strings, tables, count = ...
local random = math.random
math.randomseed(20261127)

local items = {
  'a', 'b', '.', '%a', '%d', '%w', '%s', '%p', '%A', '%x', '%g', '%c', '%l', '%u', '[ab]', '[^a]', '[a-c]', '[%a_]', '[^%s]',
  '%b()', '%bab', '%f[%a]', '%f[^%a]', '%1', '%2', '%0', '()', '(', ')', '(a)', '(.-)', '(%a*)', '(a*(.)%w(%s*))', '^', '$', '%', '[', '%%',
  '[]]', '[^]]', '[a-', '[a-]', '[%', '[^', ']', '-', '\0', '%z', '%f', '%b', '%b(', 'é', '\255', '[\0-\31]', '[%a-z]', '[--/]',
}
local suffixes = { '', '', '', '*', '+', '-', '?', '**', '$' }
local letters = { 'a', 'b', 'c', ' ', '(', ')', '1', '_', '\0', '\255', '%', 'A', '\n', '-', 'x' }

local function text(most, from)
  local pieces = {}
  for index = 1, random(0, most) do
    pieces[index] = from[random(#from)]
  end
  return table.concat(pieces)
end

local function pattern()
  local pieces = {}
  for index = 1, random(0, 5) do
    pieces[index] = items[random(#items)] .. suffixes[random(#suffixes)]
  end
  return (random(6) == 1 and '^' or '') .. table.concat(pieces)
end

local function show(value)
  if type(value) == 'string' then
    return ('%q'):format(value)
  end
  return tostring(value)
end

local function same(what, own, ours, ...)
  local expected, found = table.pack(pcall(own, ...)), table.pack(pcall(ours, ...))
  local differs = expected.n ~= found.n
  for index = 1, expected.n do
    differs = differs or (expected[index] ~= found[index] and expected[index] == expected[index])
  end
  if differs then
    local shown = { what }
    for _, list in ipairs({ table.pack(...), expected, found }) do
      for index = 1, list.n do
        shown[#shown + 1] = show(list[index])
      end
      shown[#shown + 1] = '|'
    end
    error(table.concat(shown, ' '))
  end
end

local function all(f, s, p, from)
  local results = {}
  for a, b in f(s, p, from) do
    results[#results + 1] = show(a) .. show(b)
    if #results > 200 then
      break
    end
  end
  return table.concat(results, ',')
end

local starts = { nil, 1, 2, 5, 100, 0, -1, -3, -100, math.maxinteger, math.mininteger }
local replacements = {
  'x', '', '%0', '%1', '%2', '%%', '%', '<%1%0>', '%9', '%x', 7, 1.5, { a = 'A', b = false, [1] = 'one' },
  function(a, b) return b or a end,
  function() return nil end,
  function() return false end,
  function() return {} end,
}
for _ = 1, count do
  local s, p = text(12, letters), pattern()
  local from = starts[random(11)]
  same('find', string.find, strings.find, s, p, from, random(8) == 1)
  same('match', string.match, strings.match, s, p, from)
  same('gsub', string.gsub, strings.gsub, s, p, replacements[random(#replacements)], random(3) == 1 and random(-1, 3) or nil)
  same('gmatch', function() return all(string.gmatch, s, p, from) end, function() return all(strings.gmatch, s, p, from) end)
  same('plain', string.find, strings.find, text(30, { 'a', 'b' }), text(4, { 'a', 'b' }), from, true)
  same('rep', string.rep, strings.rep, text(3, letters), random(-2, 20), random(2) == 1 and text(3, letters) or nil)
end
same('rep', string.rep, strings.rep, 'xx', math.maxinteger, 'x')
assert(not pcall(strings.rep, 'x', math.maxinteger))

local function list(size, most)
  local made = {}
  for index = 1, size do
    made[index] = random(most)
  end
  return made
end

local function joined(t)
  local shown = {}
  for index = -3, 40 do
    shown[#shown + 1] = tostring(t[index])
  end
  return table.concat(shown, ' ')
end

for number = 1, count // 20 do
  local a = list(random(0, 60), number % 2 == 0 and 5 or 1000)
  local b = table.move(a, 1, #a, 1, {})
  local compare = ({ nil, function(x, y) return x > y end, function(x, y) return x % 7 < y % 7 end })[number % 3 + 1]
  table.sort(a, compare)
  tables.sort(b, compare)
  for index = 1, #a do
    assert(compare and not compare(a[index], b[index]) and not compare(b[index], a[index]) or a[index] == b[index], 'sort')
  end
  local first, last, to = random(-2, 9), random(-2, 9), random(-2, 9)
  local function moved(move)
    return function()
      local t = { 1, 2, 3, 4, 5, 6 }
      local target = number % 4 == 0 and { 9, 9 } or nil
      move(t, first, last, to, target)
      return joined(t) .. joined(target or {})
    end
  end
  same('move', moved(table.move), moved(tables.move))
  same('concat', table.concat, tables.concat, a, number % 2 == 0 and ', ' or nil, random(0, 4), random(0, 6))
  same('concat', table.concat, tables.concat, { 1, 'x', 2.5, number % 3 == 0 and {} or 'y' }, ' ')
end
for _, arguments in ipairs({ { {}, 1 }, { { 1, 'x' } }, { { {}, {} } }, { { 3, 2, 1 }, function() return true end } }) do
  same('sort', table.sort, tables.sort, table.unpack(arguments))
end
