-- Runs in each package: whatever somebody wrote into its records, its components make trees of known
-- nodes and HTML that a parser takes.
local json = require('json')
local list = require('list')
local ui = require('ui')

local hostile = {
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  ']]>--><!--</style></title></textarea>',
  '&lt;b&gt; &amp; &#39;',
  ('x'):rep(10000),
  '\u{202E}right to left\u{202C} \u{200F}',
  'javascript:alert(1)',
  '{{ constructor }} ${x} %s \\ ` \t\n\r',
  '',
}

-- What is not a text in the records of the packages, by the names of their fields.
local function others(text)
  local field = {
    name = text,
    type = text,
    label = text,
    options = { { value = text, label = text } },
    enum = { text, 1 },
    help = text,
    placeholder = text,
    default = text,
    required = true,
  }
  return {
    actionData = { url = text, target = text },
    attempt = 1,
    averageDurationMs = 1.5,
    byConclusion = { [text] = 1 },
    byStatus = { [text] = 1 },
    columns = 12,
    completedAt = 0,
    config = {
      kind = text,
      labels = { text },
      series = { 1 },
      items = { text },
      stats = { [text] = text },
    },
    content = text,
    count = 3,
    createdAt = 0,
    data = { [text] = text },
    description = text,
    duration = 1,
    enabled = true,
    error = { message = text, code = text, line = 1 },
    expiresAt = 0,
    fields = { field },
    isDefault = true,
    isLocked = true,
    isPinned = true,
    isPrivate = true,
    isPublic = true,
    isPublished = true,
    isShared = true,
    lastPostAt = 0,
    lastSync = 0,
    layout = { columns = 12 },
    likes = 2,
    listDisplay = { text },
    masked = true,
    memberCount = 2,
    metadata = { stars = 1, forks = text, [text] = text },
    newValue = { [text] = text },
    oldValue = { [text] = 1 },
    order = 0,
    playCount = 2,
    position = { x = 0, y = 0, width = 1, height = 1 },
    progress = 50,
    rank = 1,
    read = false,
    replyCount = 2,
    runNumber = 7,
    score = 100,
    size = 1,
    startedAt = 0,
    steps = {
      {
        id = text,
        title = text,
        content = text,
        actionType = 'navigate',
        actionData = { url = text },
      },
    },
    successRate = 0.5,
    tags = { text },
    timestamp = 0,
    total = 3,
    updatedAt = 0,
    variables = { field },
    version = 1,
    viewCount = 2,
    views = 2,
    widgets = { text },
    height = 1,
    width = 1,
  }
end

-- A record of no model in particular: a field that is not named above is a text.
local names = {
  'id',
  'type',
  'title',
  'name',
  'slug',
  'label',
  'labelPlural',
  'message',
  'icon',
  'category',
  'core',
  'thumbnail',
  'authorId',
  'userId',
  'tenantId',
  'senderId',
  'body',
  'topic',
  'key',
  'value',
  'username',
  'action',
  'entity',
  'entityId',
  'fullName',
  'owner',
  'url',
  'workflowName',
  'status',
  'conclusion',
  'triggeredBy',
  'actionType',
  'extract',
  'filename',
  'mimeType',
  'code',
  'field',
  'rule',
  'help',
  'html',
  'inputPath',
  'outputPath',
  'createdBy',
}

local function record(text)
  local sample = others(text)
  for _, name in ipairs(names) do
    sample[name] = sample[name] == nil and text or sample[name]
  end
  return sample
end

local makers = {
  string = function(text)
    return text
  end,
  number = function()
    return 0.5
  end,
  integer = function()
    return 3
  end,
  boolean = function()
    return true
  end,
  ['function'] = function()
    return 'package.operation'
  end,
  object = record,
  array = function(text)
    return { record(text), record(text) }
  end,
  any = function(text)
    return text
  end,
}

local function propsOf(component, text)
  local props = {}
  local isPage = component.type == 'page'
  for name, declared in pairs(component.props or {}) do
    local kind = type(declared) == 'table' and declared.type or declared
    kind = kind:gsub('%?$', '')
    -- A page looks records up: an id is never empty, and what an object may hold is its own matter.
    if isPage and kind == 'object' then
      props[name] = {}
    elseif isPage and name == 'status' then
      -- A state is one of a closed set: a page for another one is refused.
      props[name] = nil
    elseif isPage and kind == 'string' and text == '' then
      props[name] = 'nothing'
    else
      props[name] = makers[kind](text)
    end
  end
  return props
end

local known = list.keyBy(ui.types, function(nodeType)
  return nodeType
end)
local components = list.filter(json.load('components.json'), function(component)
  return component.script ~= nil
end)
for _, component in ipairs(components) do
  known[component.name] = component.name
end

-- Says what is wrong with HTML: a tag that is not closed, in the wrong place, or with attributes that
-- run a script; nil where nothing is.
local empty = { img = true, input = true, hr = true, br = true }
local function attributesFault(attributes)
  local rest = attributes:gsub(' ([%w-]+)="([^"]*)"', function(name, value)
    local address = name == 'href' or name == 'src'
    local runs = name:find('^on') or address and value:lower():find('^%s*javascript:')
    return runs and '!' or ''
  end)
  return rest:gsub(' %l+', ''):find('[^%s/]') ~= nil
end

local function fault(html)
  local open, position = {}, 1
  while true do
    local first = html:find('<', position, true)
    if not first then
      return #open > 0 and 'a tag is left open: ' .. open[#open] or nil
    end
    local slash, name, attributes, last = html:match('^<(/?)(%a[%w]*)([^<>]*)>()', first)
    if not name then
      return 'no tag: ' .. html:sub(first, first + 40)
    elseif name == 'script' or attributesFault(attributes) then
      return 'runs a script: ' .. html:sub(first, first + 200)
    elseif slash == '/' and table.remove(open) ~= name then
      return 'closed, and not open: ' .. name
    elseif slash == '' and not empty[name] then
      open[#open + 1] = name
    end
    position = last
  end
end

for _, component in ipairs(components) do
  describe(component.name, function()
    for _, text in ipairs(hostile) do
      it('takes ' .. text:sub(1, 40), function()
        local module = require(component.script:gsub('%.lua$', ''):gsub('/', '.'))
        local render = type(module) == 'table' and module.render or module
        local node = render(propsOf(component, text))

        expect(ui.isNode(node)).toBe(true)
        for _, each in
          ipairs(ui.findAll(node, function()
            return true
          end))
        do
          expect(known[each.type]).toBe(each.type)
        end
        expect(fault(ui.html(node))).toBeNil()
      end)
    end
  end)
end
