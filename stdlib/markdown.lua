--- Markdown to HTML that is safe to show, whoever wrote it.
---
---     local markdown = require('markdown')
---     markdown.html('**Hello**, [world](https://example.org)')
---     -- <p><strong>Hello</strong>, <a href="https://example.org">world</a></p>
---
--- It is CommonMark with tables, task lists and struck-out text.
local native = ...

---@class markdown
local M = {}

local function demand(value, operation)
  if type(value) ~= 'string' then
    error(('markdown.%s: expected a string, found a %s'):format(operation, type(value)), 3)
  end
end

--- Returns a text as HTML.
---
--- HTML in the text is shown as it is written, and does nothing. A link or image keeps its address
--- when it stays on the site or its scheme is http, https, mailto or tel; else only its text is left.
---@param text string
---@return string
function M.html(text)
  demand(text, 'html')
  return native.html(text)
end

--- Returns what a reader sees of a text, without markup: for a search, or a short extract.
---@param text string
---@return string
function M.plain(text)
  demand(text, 'plain')
  return native.plain(text)
end

return M
