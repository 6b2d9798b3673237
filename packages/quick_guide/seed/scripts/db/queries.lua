--- Lists of guides, and the search.
local check = require('check')
local db = require('db')
local guides = require('guide')
local json = require('json')
local list = require('list')
local markdown = require('markdown')
local text = require('text')

---@class quick_guide.db.queries
local M = {}

local mostFound, mostWords, longestWord = 50, 10, 1000
local extractLength = 160

---@class quick_guide.GuideFilters: list.Page
---@field category? string
---@field tag? string
---@field isPublished? boolean
---@field createdBy? string

-- Finds the guides with a tag. In SQL `%` and `_` stand for other characters, and letters for both
-- their cases, so what the text of the column has in it is looked at once more.
local function idsTagged(tenantId, tag)
  local candidates = db.guide.findMany({
    where = { tenantId = tenantId, tags = { contains = json.encode(tag) } },
    select = { id = true, tags = true },
  })
  return list.pluck(
    list.filter(list.map(candidates, guides.decode), function(guide)
      return list.contains(guide.tags or {}, tag)
    end),
    'id'
  )
end

--- Lists a tenant's guides in their order.
---@param tenantId string
---@param filters? quick_guide.GuideFilters
---@return quick_guide.Guide[]
function M.listGuides(tenantId, filters)
  check.tenant(tenantId, 'tenantId')
  filters = check.fields(
    filters,
    'filters',
    list.pageFields({
      tag = 'text?',
      category = 'string?',
      isPublished = 'boolean?',
      createdBy = 'string?',
    })
  )
  local tag = filters.tag and guides.checkTags({ filters.tag }, 'filters.tag')[1]

  local records = db.guide.findMany(list.page({
    where = {
      tenantId = tenantId,
      category = filters.category,
      id = tag and { ['in'] = idsTagged(tenantId, tag) },
      isPublished = filters.isPublished,
      createdBy = filters.createdBy,
    },
    orderBy = { { order = 'asc' }, { title = 'asc' }, { id = 'asc' } },
  }, filters))
  return list.map(records, guides.decode)
end

---@class quick_guide.Found: quick_guide.Guide
---@field extract string plain text around what was found

-- The condition for a guide that has a word somewhere.
local function has(word)
  local inText = { contains = word }
  local inStep = { OR = { { title = inText }, { content = inText } } }
  return {
    OR = {
      { title = inText },
      { content = inText },
      { tags = inText },
      { steps = { some = inStep } },
    },
  }
end

-- How well a guide fits: a word in the title counts most. Zero where one is nowhere, which happens
-- since `%` and `_` stand for other characters in SQL.
local function fit(guide, words)
  local title, tags = guide.title:lower(), table.concat(guide.tags or {}, '\n'):lower()
  local parts = { guide.content }
  for _, step in ipairs(guide.steps) do
    list.push(parts, step.title, step.content)
  end
  local rest = table.concat(parts, '\n'):lower()
  ---@type number
  local sum = 0
  for _, word in ipairs(words) do
    local points = (text.contains(title, word) and 10 or 0)
      + (text.contains(tags, word) and 5 or 0)
      + (text.contains(rest, word) and 1 or 0)
    if points == 0 then
      return 0
    end
    sum = sum + points
  end
  return sum
end

-- Cuts plain text out around the first word that is in it.
local function extractOf(guide, words)
  local parts = { guide.content }
  for _, step in ipairs(guide.steps) do
    parts[#parts + 1] = step.content
  end
  local plain = markdown.plain(table.concat(parts, '\n\n')):gsub('%s+', ' ')
  local at = 1
  for _, word in ipairs(words) do
    at = plain:lower():find(word, 1, true) or at
    if at > 1 then
      break
    end
  end
  local from = math.max(at - extractLength // 4, 1)
  -- Never from within a character.
  while from > 1 and (plain:byte(from) & 0xC0) == 0x80 do
    from = from - 1
  end
  return (from > 1 and '…' or '') .. text.truncate(plain:sub(from), extractLength)
end

--- Finds a tenant's published guides that have all words of the query in their title, content, tags
--- or steps; those with words in the title come first. At most 50.
---@param tenantId string
---@param query string
---@return quick_guide.Found[]
function M.searchGuides(tenantId, query)
  check.tenant(tenantId, 'tenantId')
  check.string(query, 'query')
  local words = {}
  for word in query:lower():gmatch('%S+') do
    -- The database takes patterns of some length only.
    words[#words + 1] = text.first(word, longestWord)
  end
  words = list.slice(list.unique(words), 1, mostWords)
  if #words == 0 then
    return json.array({})
  end

  local records = db.guide.findMany({
    where = { tenantId = tenantId, isPublished = true, AND = list.map(words, has) },
    include = guides.withSteps,
    orderBy = { { order = 'asc' }, { title = 'asc' }, { id = 'asc' } },
  })
  local fits = {}
  local found = list.filter(list.map(records, guides.decode), function(guide)
    fits[guide.id] = fit(guide, words)
    return fits[guide.id] > 0
  end)
  local best = list.sorted(found, function(guide)
    return fits[guide.id]
  end, true)
  return list.map(list.slice(best, 1, mostFound), function(guide)
    guide.extract = extractOf(guide, words)
    guide.steps = nil
    return guide
  end)
end

return M
