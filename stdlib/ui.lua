--- Builders for the nodes that a component renders.
---
--- A node is a plain table, `{ type, props, children }`, that goes to a front end as JSON:
---
---     return ui.Card {
---       ui.Heading { level = 2, post.title },
---       post.content and ui.Text(post.content),
---       ui.Button { onClick = ui.action('forum_forge.likePost', post.id), 'Like' },
---     }
---
--- In a builder's table, names are props and the rest are children. A child is a node, a text, a
--- number, or a list of children; false and nil leave it out, so `condition and node` is a child.

local native, standard = ...
native = native or {}

---@class ui
---@field Stack ui.Builder
---@field Box ui.Builder
---@field Flex ui.Builder
---@field Grid ui.Builder
---@field Card ui.Builder
---@field Container ui.Builder
---@field Section ui.Builder
---@field Heading ui.Builder
---@field Text ui.Builder
---@field Typography ui.Builder
---@field Label ui.Builder
---@field Button ui.Builder
---@field IconButton ui.Builder
---@field Link ui.Builder
---@field Image ui.Builder
---@field Icon ui.Builder
---@field Avatar ui.Builder
---@field Badge ui.Builder
---@field Chip ui.Builder
---@field Alert ui.Builder
---@field Table ui.Builder
---@field List ui.Builder
---@field ListItem ui.Builder
---@field Form ui.Builder
---@field Input ui.Builder
---@field Textarea ui.Builder
---@field Select ui.Builder
---@field Option ui.Builder
---@field Checkbox ui.Builder
---@field Switch ui.Builder
---@field Tabs ui.Builder
---@field Tab ui.Builder
---@field Dialog ui.Builder
---@field Divider ui.Builder
---@field Progress ui.Builder
---@field Code ui.Builder
---@field Markdown ui.Builder
---@field Chart ui.Builder
---@field Spacer ui.Builder
local M = {}

-- JSON has two empty tables: `children` stays a list and `props` an object when nothing is in them.
local function same(value)
  return value
end
local asList, asObject = native.array or same, native.object or same

---@alias ui.Child ui.Node|string|number|false|nil|ui.Child[]

---@class ui.Node
---@field type string a node type or a component's name
---@field props table<string, any>
---@field children (ui.Node|string)[]

---@class ui.Action What a front end calls when something happens to a node.
---@field operation string `package.operation`
---@field args any[]

---@alias ui.Builder fun(content?: table<string|integer, any>|string|number, ...: ui.Child): ui.Node

--- The node types that every renderer knows. `ui.Stack { ... }` builds a Stack, and so on for each.
---@type string[]
M.types = {
  'Stack',
  'Box',
  'Flex',
  'Grid',
  'Card',
  'Container',
  'Section',
  'Heading',
  'Text',
  'Typography',
  'Label',
  'Button',
  'IconButton',
  'Link',
  'Image',
  'Icon',
  'Avatar',
  'Badge',
  'Chip',
  'Alert',
  'Table',
  'List',
  'ListItem',
  'Form',
  'Input',
  'Textarea',
  'Select',
  'Option',
  'Checkbox',
  'Switch',
  'Tabs',
  'Tab',
  'Dialog',
  'Divider',
  'Progress',
  'Code',
  'Markdown',
  'Chart',
  'Spacer',
}

--- Tells whether a value is a whole node: with its type, its props and its children.
---@param value any
---@return boolean
function M.isNode(value)
  return type(value) == 'table'
    and type(rawget(value, 'type')) == 'string'
    and type(rawget(value, 'props')) == 'table'
    and type(rawget(value, 'children')) == 'table'
end

-- A tree deeper than any page is a cycle.
local deepest = 200

-- The list may have holes where a condition gave nil, so `#` and `ipairs` would lose what is behind
-- them.
local function length(list)
  local longest = 0
  for key in pairs(list) do
    if math.type(key) == 'integer' and key > longest then
      longest = key
    end
  end
  return longest
end

local appendChild

local function appendList(result, list, level, depth)
  for index = 1, length(list) do
    appendChild(result, list[index], level + 1, depth + 1)
  end
end

-- `level` is how far away the builder's caller is, so that a wrong child is reported at its line.
function appendChild(result, child, level, depth)
  local kind = type(child)
  if depth > deepest then
    error('the children are nested too deeply, or contain themselves', level)
  elseif child == nil or child == false then
    return
  elseif kind == 'string' then
    result[#result + 1] = child
  elseif kind == 'number' then
    result[#result + 1] = tostring(child)
  elseif M.isNode(child) then
    result[#result + 1] = child
  elseif kind == 'table' and type(rawget(child, 'type')) == 'string' then
    -- A node as components.json has it, where props and children may be left out.
    local children = {}
    local given = child.children
    if type(given) == 'table' and type(rawget(given, 'type')) ~= 'string' then
      appendList(children, given, level + 1, depth)
    else
      appendChild(children, given, level + 1, depth + 1)
    end
    local node = {}
    for key, value in pairs(child) do
      node[key] = value
    end
    node.props = asObject(child.props or {})
    node.children = asList(children)
    result[#result + 1] = node
  elseif kind == 'table' then
    appendList(result, child, level + 1, depth)
  else
    error(
      ('a child must be a node, a text, a number or a list of them, found a %s'):format(kind),
      level
    )
  end
end

--- Returns children as a flat list of nodes and texts.
---@param ... ui.Child
---@return (ui.Node|string)[]
function M.children(...)
  local result = asList({})
  for index = 1, select('#', ...) do
    appendChild(result, (select(index, ...)), 3, 1)
  end
  return result
end

local function build(nodeType, content, ...)
  local props, children = {}, {}
  if type(content) == 'table' and not M.isNode(content) then
    for key, value in pairs(content) do
      if math.type(key) ~= 'integer' and key ~= 'children' then
        props[key] = value
      end
    end
    appendList(children, content, 4, 0)
    appendChild(children, content.children, 4, 1)
  else
    appendChild(children, content, 4, 1)
  end
  for index = 1, select('#', ...) do
    appendChild(children, (select(index, ...)), 4, 1)
  end
  return { type = nodeType, props = asObject(props), children = asList(children) }
end

--- Returns a node of any type: `ui.node('Stack', { gap = 2 }, child, ...)`.
---@param nodeType string
---@param content? table<string|integer, any>|string|number
---@param ... ui.Child
---@return ui.Node
function M.node(nodeType, content, ...)
  if type(nodeType) ~= 'string' or nodeType == '' then
    error('`nodeType` must be the name of a node type or component', 2)
  end
  local node = build(nodeType, content, ...)
  return node
end

--- Returns a node that stands for a component, with its props: the renderer puts in what the
--- component renders.
---@param name string the component's name, such as `PostCard`
---@param props? table<string, any>
---@param ... ui.Child
---@return ui.Node
function M.component(name, props, ...)
  if type(name) ~= 'string' or name == '' then
    error("`name` must be a component's name", 2)
  end
  local node = build(name, props, ...)
  return node
end

--- Returns the value of an event prop (`onClick`, `onSubmit`): which operation to call, with which
--- arguments.
---
--- What the event itself brings (a form's values) follows the arguments given here.
---@param operation string `package.operation`
---@param ... any values that have a JSON form
---@return ui.Action
function M.action(operation, ...)
  if type(operation) ~= 'string' then
    error(
      ('`operation` must be a name such as `package.operation`, found a %s'):format(type(operation)),
      2
    )
  end
  return { operation = operation, args = asList({ ... }) }
end

local function visitChildren(node, visit)
  if type(node.children) == 'table' then
    for _, child in ipairs(node.children) do
      visit(child)
    end
  end
end

--- Returns the first node below (and with) `node` that `test` accepts, or that is of the type
--- `test`.
---@param node ui.Node|string
---@param test string|fun(node: ui.Node): any
---@return ui.Node?
function M.find(node, test)
  return M.findAll(node, test)[1]
end

--- Returns every node below (and with) `node` that `test` accepts, or that is of the type `test`,
--- from the top.
---@param node ui.Node|string
---@param test string|fun(node: ui.Node): any
---@return ui.Node[]
function M.findAll(node, test)
  local accepts = test
  if type(test) == 'string' then
    accepts = function(candidate)
      return candidate.type == test
    end
  end
  local found = {}
  local function visit(candidate)
    if type(candidate) ~= 'table' then
      return
    end
    if accepts(candidate) then
      found[#found + 1] = candidate
    end
    visitChildren(candidate, visit)
  end
  visit(node)
  return found
end

--- Returns all text below a node, in reading order, with a blank between the parts.
---@param node ui.Node|string
---@return string
function M.textOf(node)
  local parts = {}
  local function visit(candidate)
    if type(candidate) == 'string' then
      parts[#parts + 1] = candidate
    elseif type(candidate) == 'table' then
      visitChildren(candidate, visit)
    end
  end
  visit(node)
  return table.concat(parts, ' ')
end

local safeSchemes = { http = true, https = true, mailto = true, tel = true }

-- Whether an address may be followed: it stays on the site, or its scheme does nothing else.
local function isSafeAddress(value)
  local plain = value:gsub('[%s%c]', '')
  local scheme = plain:match('^([^/?#]-):')
  return scheme == nil or safeSchemes[scheme:lower()] ~= nil
end

local entities =
  { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;', ["'"] = '&#39;' }

-- Writes a text or number for HTML; what HTML cannot hold is left out.
local function escape(value)
  local text = tostring(value):gsub('[%z\1-\8\11-\12\14-\31\127]', '')
  if not utf8.len(text) then
    text = text:gsub('[\128-\255]', '\u{FFFD}')
  end
  return (text:gsub('[&<>"\']', entities))
end

local function isPlain(value)
  return type(value) == 'string' or type(value) == 'number'
end

local function attribute(out, name, value)
  if value == true then
    out[#out + 1] = ' ' .. name
  elseif isPlain(value) then
    out[#out + 1] = (' %s="%s"'):format(name, escape(value))
  end
end

-- What of a node's props is an attribute of the same meaning in HTML.
local plainAttributes = {
  'id',
  'name',
  'value',
  'placeholder',
  'min',
  'max',
  'required',
  'disabled',
  'checked',
  'selected',
  'multiple',
}

-- Which types are which elements. Those that are not named here are `div`.
local elements = {
  Section = 'section',
  Text = 'span',
  Typography = 'span',
  Label = 'label',
  Button = 'button',
  IconButton = 'button',
  Link = 'a',
  Image = 'img',
  Icon = 'span',
  Avatar = 'span',
  Badge = 'span',
  Chip = 'span',
  Table = 'table',
  List = 'ul',
  ListItem = 'li',
  Form = 'form',
  Input = 'input',
  Textarea = 'textarea',
  Select = 'select',
  Option = 'option',
  Checkbox = 'input',
  Switch = 'input',
  Dialog = 'dialog',
  Divider = 'hr',
  Progress = 'progress',
  Code = 'code',
}
local empty = { img = true, input = true, hr = true }
-- HTML has none of these inside of itself; a second one is a `span` or a `div`.
local onlyOnce = { a = 'span', button = 'span', form = 'div', label = 'span' }

-- The type as `M.types` writes it, whatever its case; nil for a component.
local knownTypes = {}
for _, nodeType in ipairs(M.types) do
  knownTypes[nodeType:lower()] = nodeType
end

local function elementOf(nodeType, props, inside)
  local element = elements[nodeType] or 'div'
  if nodeType == 'Heading' then
    local level = math.tointeger(props.level)
    element = 'h' .. math.max(1, math.min(level or 2, 6))
  end
  return inside[element] and onlyOnce[element] or element
end

local function address(out, name, value)
  if type(value) == 'string' and isSafeAddress(value) then
    attribute(out, name, value)
  end
end

local function attributes(out, nodeType, element, props)
  local class = 'ui-' .. nodeType:lower()
  if isPlain(props.className) then
    class = class .. ' ' .. props.className
  end
  attribute(out, 'class', class)
  for _, name in ipairs(plainAttributes) do
    if not (element == 'textarea' and name == 'value') then
      attribute(out, name, props[name])
    end
  end
  attribute(out, 'aria-label', props.label)
  if element == 'img' then
    address(out, 'src', props.src)
    attribute(out, 'alt', isPlain(props.alt) and props.alt or '')
  elseif element == 'a' then
    address(out, 'href', props.href)
  elseif element == 'input' then
    local isBox = nodeType == 'Checkbox' or nodeType == 'Switch'
    attribute(out, 'type', isBox and 'checkbox' or props.type)
  elseif element == 'button' then
    attribute(out, 'type', props.type == 'submit' and 'submit' or 'button')
  end
  if nodeType == 'Alert' then
    attribute(out, 'role', 'alert')
  end
  -- What a front end acts on, and what it shows in a way of its own.
  for _, name in ipairs({ 'onClick', 'onSubmit', 'onChange', 'params', 'series', 'labels' }) do
    local given = type(props[name]) == 'table'
    local ok, text = pcall(standard('json').encode, given and props[name] or {})
    attribute(out, 'data-' .. name:lower(), given and ok and text or nil)
  end
  attribute(out, 'data-page', props.page)
end

local renderNode

local function renderChildren(out, children, inside, depth)
  for _, child in ipairs(children) do
    renderNode(out, child, inside, depth + 1)
  end
end

local function renderCells(out, cells, tag, inside, depth)
  out[#out + 1] = '<tr>'
  for _, cell in ipairs(cells) do
    out[#out + 1] = '<' .. tag .. '>'
    renderNode(out, cell, inside, depth + 1)
    out[#out + 1] = '</' .. tag .. '>'
  end
  out[#out + 1] = '</tr>'
end

local function tableOf(value)
  return type(value) == 'table' and value or {}
end

-- What stands between the tags.
local function renderContent(out, node, nodeType, inside, depth)
  local props, children = tableOf(node.props), tableOf(node.children)
  if nodeType == 'Markdown' then
    out[#out + 1] = standard('markdown').html(M.textOf(node))
  elseif nodeType == 'Table' then
    out[#out + 1] = '<thead>'
    renderCells(out, tableOf(props.columns), 'th', inside, depth)
    out[#out + 1] = '</thead><tbody>'
    for _, row in ipairs(tableOf(props.rows)) do
      renderCells(out, tableOf(tableOf(row).cells), 'td', inside, depth)
    end
    out[#out + 1] = '</tbody>'
  elseif nodeType == 'Textarea' then
    -- A line break right behind the tag is not part of the text.
    out[#out + 1] = '\n' .. escape(isPlain(props.value) and props.value or M.textOf(node))
  elseif nodeType == 'Option' then
    out[#out + 1] = escape(M.textOf(node))
  elseif nodeType == 'Icon' or nodeType == 'IconButton' or nodeType == 'Avatar' then
    out[#out + 1] =
      escape(isPlain(props.icon) and props.icon or isPlain(props.name) and props.name or '')
    renderChildren(out, children, inside, depth)
  else
    renderChildren(out, children, inside, depth)
  end
end

-- The label of a control stands before it; everything else says its own.
local labeled = { Input = true, Textarea = true, Select = true, Checkbox = true, Switch = true }

function renderNode(out, node, inside, depth)
  if depth > deepest then
    error('the tree is nested too deeply, or contains itself', 0)
  elseif isPlain(node) then
    out[#out + 1] = escape(node)
    return
  elseif type(node) ~= 'table' or type(node.type) ~= 'string' then
    return
  end
  local props = tableOf(node.props)
  local nodeType = knownTypes[node.type:lower()]
  if not nodeType then
    -- A component stands for what a renderer puts in its place.
    out[#out + 1] = ('<div data-component="%s">'):format(escape(node.type))
    renderChildren(out, tableOf(node.children), inside, depth)
    out[#out + 1] = '</div>'
    return
  end
  if labeled[nodeType] and isPlain(props.label) and not inside.label then
    out[#out + 1] = '<span class="ui-label">' .. escape(props.label) .. '</span>'
  end
  local element = elementOf(nodeType, props, inside)
  out[#out + 1] = '<' .. element
  attributes(out, nodeType, element, props)
  out[#out + 1] = '>'
  if empty[element] then
    return
  end
  local within = setmetatable({ [element] = true }, { __index = inside })
  renderContent(out, node, nodeType, within, depth)
  out[#out + 1] = '</' .. element .. '>'
end

--- Returns a node tree as HTML: what a page shows without a front end.
---
--- Texts and props are escaped whatever they hold, addresses that lead to a script are left out,
--- and Markdown is as safe as `markdown.html` makes it. Events are `data-onclick` and so on, with
--- the action as JSON.
---@param node ui.Node|string
---@return string
function M.html(node)
  local out = {}
  renderNode(out, node, {}, 0)
  return table.concat(out)
end

for _, nodeType in ipairs(M.types) do
  M[nodeType] = function(content, ...)
    local node = build(nodeType, content, ...)
    return node
  end
end

return M
