--- The grid of a dashboard: where a widget may lie. Cells are counted from 0, to the right and
--- down.
local check = require('check')
local list = require('list')

local M = {}

--- How many cells a grid has across, where its layout does not say.
M.defaultColumns = 12

local mostColumns = 48
local mostRows = 10000
local defaultWidth, defaultHeight = 4, 3

---@class dashboard.Layout
---@field columns integer cells across, 1 to 48

---@class dashboard.Position
---@field x integer cells from the left
---@field y integer cells from the top
---@field width integer
---@field height integer

---@class dashboard.Size: dashboard.Position A size; without x and y it goes to the first free place.
---@field x? integer
---@field y? integer
---@field width? integer 4 if left out
---@field height? integer 3 if left out

--- Checks a layout, and gives it its columns. It may have other fields for a front end.
---@param layout? table<string, any>
---@param name string
---@return dashboard.Layout
function M.checkLayout(layout, name)
  local checked = { columns = M.defaultColumns }
  for key, value in pairs(layout or {}) do
    checked[key] = value
  end
  checked.columns = check.integer(checked.columns, name .. '.columns', 1, mostColumns)
  return checked
end

--- Tells whether two positions share a cell.
---@param one dashboard.Position
---@param other dashboard.Position
---@return boolean
function M.overlap(one, other)
  return one.x < other.x + other.width
    and other.x < one.x + one.width
    and one.y < other.y + other.height
    and other.y < one.y + one.height
end

-- Finds a widget that lies where `position` would.
local function inTheWay(position, widgets)
  for _, widget in ipairs(widgets) do
    if M.overlap(position, widget.position) then
      return widget
    end
  end
  return nil
end

-- Finds the uppermost free place, and of those the leftmost. It touches the edge or a widget both
-- above and at its left, so no other places need to be tried.
local function firstFree(width, height, columns, widgets)
  ---@type number[], number[]
  local lefts, tops = { 0 }, { 0 }
  for _, widget in ipairs(widgets) do
    lefts[#lefts + 1] = widget.position.x + widget.position.width
    tops[#tops + 1] = widget.position.y + widget.position.height
  end
  lefts, tops = list.sorted(list.unique(lefts)), list.sorted(list.unique(tops))
  for _, y in ipairs(tops) do
    for _, x in ipairs(lefts) do
      ---@type any
      local position = { x = x, y = y, width = width, height = height }
      if x + width <= columns and not inTheWay(position, widgets) then
        return position
      end
    end
  end
  -- Below the lowest widget all is free.
  local lowest = tops[#tops]
  ---@cast lowest any
  return { x = 0, y = lowest, width = width, height = height }
end

--- Returns where a widget comes to lie beside `others`: at the place that is asked for, or the
--- first that is free. Raises `outside` where it leaves the grid, `overlap` where another one lies.
---@param position? dashboard.Size
---@param layout dashboard.Layout
---@param others dashboard.Widget[]
---@param name string
---@return dashboard.Position
function M.place(position, layout, others, name)
  local wanted = check.fields(position, name, {
    x = 'count?',
    y = 'count?',
    width = 'count?',
    height = 'count?',
  })
  local width = wanted.width or math.min(defaultWidth, layout.columns)
  local height = wanted.height or defaultHeight
  check.integer(width, name .. '.width', 1)
  check.integer(height, name .. '.height', 1, mostRows)
  if width > layout.columns then
    local message = '`%s.width` is %d, and the grid has %d columns'
    error(check.fault('outside', message:format(name, width, layout.columns)))
  elseif not wanted.x and not wanted.y then
    return firstFree(width, height, layout.columns, others)
  end

  local placed = { x = wanted.x or 0, y = wanted.y or 0, width = width, height = height }
  M.checkInside(placed, layout, name)
  local other = inTheWay(placed, others)
  if other then
    local message = '`%s` overlaps the widget "%s"'
    error(check.fault('overlap', message:format(name, other.title), { widgetId = other.id }))
  end
  return placed
end

--- Raises `outside` where a position leaves the grid.
---@param position dashboard.Position
---@param layout dashboard.Layout
---@param name string
function M.checkInside(position, layout, name)
  if position.x + position.width > layout.columns then
    local message = '`%s` ends at column %d, and the grid has %d'
    local last = position.x + position.width
    error(check.fault('outside', message:format(name, last, layout.columns)))
  elseif position.y + position.height > mostRows then
    local message = '`%s` ends at row %d, and the grid has %d'
    error(check.fault('outside', message:format(name, position.y + position.height, mostRows)))
  end
end

return M
