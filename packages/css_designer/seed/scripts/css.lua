--- CSS that a theme may have, and the text that comes of it.
---
--- Names and values are let through by what they are made of. Nothing that ends a declaration, a
--- rule, a comment, a string or a `<style>` element gets through, no escape that could stand for
--- such a character, and no function that loads anything.
local check = require('check')
local list = require('list')

local M = {}

local longestName, longestValue = 100, 500
local mostEntries = 500

-- The functions that values may call. None of them loads anything (`url`, `image-set`, ...) or runs
-- a script (`expression`).
local functions = {}
for name in
  ([[
    var env calc min max clamp abs round sin cos pow sqrt
    rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark
    linear-gradient radial-gradient conic-gradient
    repeating-linear-gradient repeating-radial-gradient repeating-conic-gradient
    cubic-bezier steps linear minmax repeat fit-content
    translate translatex translatey translate3d rotate rotatex rotatey rotatez rotate3d
    scale scalex scaley scale3d skew skewx skewy matrix perspective
    blur brightness contrast drop-shadow grayscale hue-rotate invert opacity saturate sepia
    circle ellipse inset polygon
  ]]):gmatch('%S+')
do
  functions[name] = true
end

-- Properties that some browser takes as a program.
local refusedProperties = { behavior = true, ['-moz-binding'] = true }

-- Strings count as one piece; what is left is read for its brackets. Returns nil and what is wrong
-- where a string does not end.
---@param value string
---@return string? rest
---@return string? problem
local function withoutStrings(value)
  local parts, position = {}, 1
  while true do
    local first = value:find('["\']', position)
    parts[#parts + 1] = value:sub(position, (first or 0) - 1)
    if not first then
      return table.concat(parts, ' ')
    end
    local last = value:find(value:sub(first, first), first + 1, true)
    if not last then
      return nil, 'has a string that does not end'
    end
    position = last + 1
  end
end

-- Whether every bracket is closed, in the right order, and none that was not opened.
local function bracketsFit(value)
  local open = {}
  for bracket in value:gmatch('[()%[%]]') do
    if bracket == '(' or bracket == '[' then
      open[#open + 1] = bracket == '(' and ')' or ']'
    elseif table.remove(open) ~= bracket then
      return false
    end
  end
  return #open == 0
end

-- What no text of a theme may have: it would end the text around it, or hide something that does.
local function escapeFault(value)
  if not utf8.len(value) then
    return 'is not UTF-8'
  elseif value:find('%c') then
    return 'has a control character'
  end
  local bad = value:match('[{};<\\@]')
  return bad and ('has the character `%s`'):format(bad)
    or value:find('/*', 1, true) and 'has a comment'
    or value:find('*/', 1, true) and 'has the end of a comment'
    or nil
end

local function functionFault(rest)
  for name in rest:gmatch('([^%s,()%[%]/+*]*)%s*%(') do
    if name ~= '' and not functions[name:lower():gsub('^%-webkit%-', '')] then
      return ('calls the function `%s`, which themes may not use'):format(name)
    end
  end
  return nil
end

local important = '^[^!]*!%s*[iI][mM][pP][oO][rR][tT][aA][nN][tT]%s*$'

local function valueFault(value)
  if math.type(value) == 'integer' or (math.type(value) == 'float' and value - value == 0) then
    return nil
  elseif type(value) ~= 'string' then
    return 'must be a text or a number, found ' .. check.describe(value)
  elseif not value:find('%S') then
    return 'is empty'
  elseif #value > longestValue then
    return ('has %d bytes; there may be %d'):format(#value, longestValue)
  end
  local rest, problem = withoutStrings(value)
  if not rest then
    return problem
  end
  local escape = escapeFault(value)
  if escape then
    return escape
  elseif not bracketsFit(rest) then
    return 'has brackets that do not fit'
  elseif rest:find('!', 1, true) and not rest:find(important) then
    return 'has a `!` that is not `!important` at its end'
  elseif rest:find('[:=`|^$&?]') then
    return 'has a character that values do not have outside of strings'
  end
  return functionFault(rest)
end

local function nameFault(name)
  if #name > longestName then
    return ('has %d bytes; there may be %d'):format(#name, longestName)
  elseif not name:find('^[%a_][%w_%-]*$') then
    return 'must be made of letters, digits, `-` and `_`, and begin with a letter'
  end
  return nil
end

local function propertyFault(property)
  if refusedProperties[property:lower()] then
    return 'is a property that themes may not set'
  elseif #property > longestName or not property:find('^%-?%-?%a[%w%-]*$') then
    return 'is no name of a property'
  end
  return nil
end

local function selectorFault(selector)
  if not selector:find('%S') then
    return 'is empty'
  elseif #selector > longestValue then
    return ('has %d bytes; there may be %d'):format(#selector, longestValue)
  end
  local rest, problem = withoutStrings(selector)
  if not rest then
    return problem
  end
  local escape = escapeFault(selector)
  if escape then
    return escape
  elseif not bracketsFit(rest) then
    return 'has brackets that do not fit'
  elseif rest:find('[^%w%s_%-.#,>+~*:()%[%]=^$|\128-\255]') then
    return 'has a character that no selector has'
  end
  return nil
end

-- Calls `judge` for each entry in the order of their keys; faults of the keys themselves are found
-- here.
local function eachEntry(values, place, faults, judge)
  local keys = list.keys(values)
  if #keys > mostEntries then
    faults[#faults + 1] = ('`%s` has %d entries; there may be %d'):format(place, #keys, mostEntries)
    return
  end
  for _, key in ipairs(keys) do
    judge(key, values[key])
  end
end

local function adder(faults)
  return function(place, key, problem)
    if problem then
      faults[#faults + 1] = ('`%s[%s]` %s'):format(
        place,
        check.describe(key):gsub('^the string ', ''),
        problem
      )
    end
  end
end

---@alias css_designer.Declarations table<string, string|number> values by property

local function plainName(name)
  return (name:gsub('^%-%-', ''))
end

local function checkVariables(variables, place, faults)
  local seen, add = {}, adder(faults)
  eachEntry(variables, place, faults, function(key, value)
    local name = plainName(key)
    add(place, key, nameFault(name))
    add(place, key, valueFault(value))
    add(place, key, seen[name] and 'is there twice, with and without its dashes' or nil)
    seen[name] = true
  end)
end

local function checkOverrides(overrides, place, faults)
  local add = adder(faults)
  eachEntry(overrides, place, faults, function(selector, declarations)
    add(place, selector, selectorFault(selector))
    if type(declarations) ~= 'table' or #declarations > 0 then
      add(
        place,
        selector,
        'must be a table of declarations, found ' .. check.describe(declarations)
      )
      return
    end
    local inner = ('%s[%s]'):format(place, selector)
    eachEntry(declarations, inner, faults, function(property, value)
      add(inner, property, propertyFault(property))
      add(inner, property, valueFault(value))
    end)
  end)
end

--- Checks the CSS of a theme. Raises `invalid_css` with every fault.
---@param theme css_designer.Theme|css_designer.ThemeChanges
---@param name string the argument's name
function M.check(theme, name)
  local faults = {}
  if theme.variables then
    checkVariables(theme.variables, name .. '.variables', faults)
  end
  if type(theme.overrides) == 'table' then
    checkOverrides(theme.overrides, name .. '.overrides', faults)
  end
  if #faults > 0 then
    error(check.fault('invalid_css', table.concat(faults, '\n'), { faults = faults }))
  end
end

local function rule(selector, declarations, nameOf)
  local lines = list.map(list.keys(declarations), function(key)
    return ('  %s: %s;\n'):format(nameOf(key), tostring(declarations[key]))
  end)
  return #lines == 0 and '' or ('%s {\n%s}\n'):format(selector, table.concat(list.sorted(lines)))
end

local function variableName(key)
  return '--' .. plainName(key)
end

local function propertyName(key)
  return key
end

--- Returns a theme's CSS: its variables on `:root`, then its overrides, in the order of their
--- names.
---
--- What does not pass the checks any more (a row that was written past them) raises `invalid_css`
--- rather than being rendered.
---@param theme css_designer.Theme
---@return string
function M.render(theme)
  M.check(theme, 'theme')
  local rules = { rule(':root', theme.variables, variableName) }
  local overrides = theme.overrides or {}
  for _, selector in ipairs(list.keys(overrides)) do
    rules[#rules + 1] = rule(selector, overrides[selector], propertyName)
  end
  return table.concat(rules)
end

return M
