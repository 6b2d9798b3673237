--- Functions over text: UTF-8 strings, counted in characters where a length is given.

---@class text
local M = {}

--- Returns the text without white space at its ends.
---@param value string
---@return string
function M.trim(value)
  -- Two steps: one pattern with two repeats takes quadratic time over a long run of blanks.
  local first = value:find('%S')
  if not first then
    return ''
  end
  local last = #value
  while value:find('^%s', last) do
    last = last - 1
  end
  return value:sub(first, last)
end

--- Tells whether there is nothing but white space.
---@param value string
---@return boolean
function M.isBlank(value)
  return not value:find('%S')
end

--- Tells whether a text begins with another.
---@param value string
---@param prefix string
---@return boolean
function M.startsWith(value, prefix)
  return value:sub(1, #prefix) == prefix
end

--- Tells whether a text ends with another.
---@param value string
---@param suffix string
---@return boolean
function M.endsWith(value, suffix)
  return suffix == '' or value:sub(-#suffix) == suffix
end

--- Tells whether a text occurs in another; no pattern.
---@param value string
---@param part string
---@return boolean
function M.contains(value, part)
  return value:find(part, 1, true) ~= nil
end

--- Returns the parts between the separators: one more than there are separators.
---@param value string
---@param separator string no pattern, and not empty
---@return string[]
function M.split(value, separator)
  if separator == '' then
    error('`separator` must not be empty', 2)
  end
  local parts, from = {}, 1
  while true do
    local first, last = value:find(separator, from, true)
    if not first then
      parts[#parts + 1] = value:sub(from)
      return parts
    end
    parts[#parts + 1] = value:sub(from, first - 1)
    from = last + 1
  end
end

--- Returns the lines, without their ends (`\n` or `\r\n`). A last line end begins no further line.
---@param value string
---@return string[]
function M.lines(value)
  local result = {}
  for line, ending in value:gmatch('([^\n]*)(\n?)') do
    if ending == '' then
      if line ~= '' then
        result[#result + 1] = line
      end
      break
    end
    result[#result + 1] = (line:gsub('\r$', ''))
  end
  return result
end

--- Replaces each occurrence of a text; neither is a pattern.
---@param value string
---@param old string not empty
---@param new string
---@return string
function M.replace(value, old, new)
  return table.concat(M.split(value, old), new)
end

--- Returns the number of characters; nil where the text is no UTF-8.
---@param value string
---@return integer?
function M.length(value)
  return (utf8.len(value))
end

--- Returns the first `count` characters. Bytes that are no UTF-8 count as one character each.
---@param value string
---@param count integer
---@return string
function M.first(value, count)
  local position = 1
  for _ = 1, count do
    if position > #value then
      return value
    end
    position = position + #M.characterAt(value, position)
  end
  return value:sub(1, position - 1)
end

--- Returns a text of at most `count` characters, with an ellipsis in place of what was cut.
---@param value string
---@param count integer
---@return string
function M.truncate(value, count)
  local short = M.first(value, count)
  if #short == #value then
    return value
  end
  return M.trim(M.first(value, math.max(count - 1, 0))) .. '…'
end

--- Fills a text's left with blanks (or `filler`) to `width` characters.
---@param value string
---@param width integer
---@param filler? string one character
---@return string
function M.padLeft(value, width, filler)
  return (filler or ' '):rep(width - (M.length(value) or #value)) .. value
end

--- Fills a text's right with blanks (or `filler`) to `width` characters.
---@param value string
---@param width integer
---@param filler? string one character
---@return string
function M.padRight(value, width, filler)
  return value .. (filler or ' '):rep(width - (M.length(value) or #value))
end

--- Returns the text with its first letter (a to z) as a capital.
---@param value string
---@return string
function M.capitalize(value)
  return (value:gsub('^%l', string.upper))
end

--- Puts values into the places of a text: `text.fill('Hello {name}', { name = 'Ann' })`.
---
--- A place without a value stays as it is. A value is never looked at for further places.
---@param template string
---@param values table<string, string|number|boolean>
---@return string
function M.fill(template, values)
  return (
    template:gsub('{([%w_]+)}', function(name)
      local value = values[name]
      return value ~= nil and tostring(value) or nil
    end)
  )
end

--- Returns the number with the word that fits it: `1 reply`, `2 replies`.
---@param count integer
---@param one string
---@param many? string `one` with an s, if left out
---@return string
function M.plural(count, one, many)
  return ('%d %s'):format(count, count == 1 and one or many or one .. 's')
end

-- Returns where the class that begins at `position` is over; nil where it does not end.
local function behindClass(pattern, position)
  local first = pattern:sub(position, position)
  position = position + 1
  if first == '%' then
    return position <= #pattern and position + 1 or nil
  elseif first ~= '[' then
    return position
  end
  if pattern:sub(position, position) == '^' then
    position = position + 1
  end
  -- A bracket that comes first stands for itself.
  repeat
    if position > #pattern then
      return nil
    end
    local escapes = pattern:sub(position, position) == '%'
    position = position + (escapes and 2 or 1)
  until pattern:sub(position, position) == ']'
  return position + 1
end

--- Tells whether a text is a Lua pattern that can be matched: one from outside is best checked
--- before it is stored, since Lua itself finds some faults only when a match comes as far.
---@param pattern string
---@return boolean
function M.isPattern(pattern)
  local position = pattern:sub(1, 1) == '^' and 2 or 1
  local open, closed, captures = {}, {}, 0
  while position and position <= #pattern do
    local two = pattern:sub(position, position + 1)
    local first = two:sub(1, 1)
    if first == '(' then
      captures = captures + 1
      closed[captures] = two == '()'
      if two == '()' then
        position = position + 2
      else
        open[#open + 1] = captures
        position = position + 1
      end
    elseif first == ')' then
      local capture = table.remove(open)
      if not capture then
        return false
      end
      closed[capture] = true
      position = position + 1
    elseif two == '%b' then
      position = position + 3 <= #pattern and position + 4 or nil
    elseif two == '%f' then
      local isClass = pattern:sub(position + 2, position + 2) == '['
      position = isClass and behindClass(pattern, position + 2) or nil
    elseif two:find('^%%%d$') then
      position = closed[tonumber(two:sub(2))] and position + 2 or nil
    else
      position = behindClass(pattern, position)
      if position and pattern:find('^[*+?-]', position) then
        position = position + 1
      end
    end
  end
  return position ~= nil and #open == 0 and captures <= 32
end

--- Tells whether a Lua pattern is found in a text. One that is too complex for it is not.
---@param value string
---@param pattern string
---@return boolean
function M.matches(value, pattern)
  local ok, found = pcall(string.find, value, pattern)
  return ok and found ~= nil
end

--- Returns the text with `&`, `<`, `>` and quotes written as HTML entities.
---@param value string
---@return string
function M.escapeHtml(value)
  local entities =
    { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;', ["'"] = '&#39;' }
  return (value:gsub('[&<>"\']', entities))
end

--- Tells whether a text is an e-mail address: `name@host.tld`, without blanks and quotes.
---@param value string
---@return boolean
function M.isEmail(value)
  local host = value:match('^[^%s%c@<>()%[%],;:\\"]+@([%w.-]+)$')
  return host ~= nil
    and #value <= 254
    and host:find('.', 2, true) ~= nil
    and not host:find('..', 1, true)
    and not host:find('^[.-]')
    and not host:find('[.-]$')
end

--- Tells whether a text is an http or https address. No other scheme is one: `javascript:` is a
--- program.
---@param value string
---@return boolean
function M.isUrl(value)
  return #value <= 2000 and value:find('^https?://[^%s%c<>"]+$') ~= nil
end

--- Tells whether a text is a telephone number: digits with blanks, brackets, dots, dashes, and a
--- plus in front.
---@param value string
---@return boolean
function M.isTelephone(value)
  return value:find('^%+?[%d%s()/.-]+$') ~= nil and value:find('%d') ~= nil
end

-- Accented Latin letters and what they are written as in an address.
local plainLetters = {}
for plain, letters in pairs({
  a = 'àáâãäåāăąÀÁÂÃÄÅĀĂĄ',
  ae = 'æÆ',
  c = 'çćĉċčÇĆĈĊČ',
  d = 'ďđðĎĐÐ',
  e = 'èéêëēĕėęěÈÉÊËĒĔĖĘĚ',
  g = 'ĝğġģĜĞĠĢ',
  h = 'ĥħĤĦ',
  i = 'ìíîïĩīĭįıÌÍÎÏĨĪĬĮİ',
  j = 'ĵĴ',
  k = 'ķĶ',
  l = 'ĺļľłĹĻĽŁ',
  n = 'ñńņňÑŃŅŇ',
  o = 'òóôõöøōŏőÒÓÔÕÖØŌŎŐ',
  oe = 'œŒ',
  r = 'ŕŗřŔŖŘ',
  s = 'śŝşšșŚŜŞŠȘ',
  ss = 'ßẞ',
  t = 'ţťŧțŢŤŦȚ',
  th = 'þÞ',
  u = 'ùúûüũūŭůűųÙÚÛÜŨŪŬŮŰŲ',
  w = 'ŵŴ',
  y = 'ýÿŷÝŸŶ',
  z = 'źżžŹŻŽ',
}) do
  for letter in letters:gmatch(utf8.charpattern) do
    plainLetters[letter] = plain
  end
end

-- Spaces, punctuation, symbols and pictures: what separates words beyond ASCII.
local separators = {
  { 0x80, 0xBF },
  { 0x2000, 0x2BFF },
  { 0x2E00, 0x2E7F },
  { 0x3000, 0x303F },
  { 0xE000, 0xF8FF },
  { 0xFE00, 0xFE6F },
  { 0xFF00, 0xFF0F },
  { 0x1F000, 0x1FAFF },
  { 0xE0000, 0x10FFFF },
}

local function isSeparator(codepoint)
  for _, range in ipairs(separators) do
    if codepoint >= range[1] and codepoint <= range[2] then
      return true
    end
  end
  return false
end

--- Makes a name for addresses: `Héllo, World!` becomes `hello-world`.
---
--- Latin accents are written plainly; letters of other scripts stay as they are. The result is
--- `fallback` where nothing is left.
---@param value string
---@param fallback? string `''` if left out
---@param maxLength? integer in characters, 80 if left out
---@return string
function M.slug(value, fallback, maxLength)
  local words, word = {}, {}
  local function finishWord()
    if #word > 0 then
      words[#words + 1] = table.concat(word)
      word = {}
    end
  end

  local position = 1
  while position <= #value do
    local character = M.characterAt(value, position)
    position = position + #character
    if character:find('^%w$') then
      word[#word + 1] = character:lower()
    elseif plainLetters[character] then
      word[#word + 1] = plainLetters[character]
    elseif #character > 1 and not isSeparator(utf8.codepoint(character)) then
      word[#word + 1] = character
    elseif character ~= "'" and character ~= '’' then
      -- An apostrophe separates nothing: `don't` is one word.
      finishWord()
    end
  end
  finishWord()

  local slug = M.first(table.concat(words, '-'), maxLength or 80):gsub('%-+$', '')
  return slug ~= '' and slug or fallback or ''
end

--- Makes a slug that none of the siblings has: `hello`, else `hello-2`, `hello-3`, ...
---
--- Call it in the transaction that writes the slug, or another writer may take the same one.
---@param value string
---@param fallback string for a text without letters and digits
---@param siblings fun(prefix: string): { slug: string }[] finds the siblings whose slug begins so
---@return string
function M.uniqueSlug(value, fallback, siblings)
  local base = M.slug(value, fallback)
  local taken = {}
  for _, sibling in ipairs(siblings(base)) do
    taken[sibling.slug] = true
  end
  local slug, number = base, 1
  while taken[slug] do
    number = number + 1
    slug = base .. '-' .. number
  end
  return slug
end

--- Returns the character that begins at a byte; a byte that begins none is returned alone.
---@param value string
---@param position integer in bytes, from 1
---@return string
function M.characterAt(value, position)
  local character = value:match('^' .. utf8.charpattern, position)
  if character and utf8.len(character) == 1 then
    return character
  end
  return value:sub(position, position)
end

return M
