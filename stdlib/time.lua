--- Instants: milliseconds since the epoch, and ISO 8601 text.
---
---     local time = require('time')
---     local expires = time.now() + 7 * time.day
---     print(time.iso(expires)) -- 2026-02-07T09:30:00.000Z
local native = ...

---@class time
local M = {}

--- Milliseconds in a second.
M.second = 1000
--- Milliseconds in a minute.
M.minute = 60 * M.second
--- Milliseconds in an hour.
M.hour = 60 * M.minute
--- Milliseconds in a day of 24 hours.
M.day = 24 * M.hour

--- Returns the time in milliseconds since the epoch: that of the call's context, when it has one.
---@return integer
function M.now()
  return native.now()
end

--- Returns an instant as a DateTime is read: ISO 8601 in UTC with milliseconds.
---@param milliseconds? integer since the epoch, now if left out
---@return string
function M.iso(milliseconds)
  if milliseconds == nil then
    milliseconds = native.now()
  elseif math.type(milliseconds) ~= 'integer' then
    milliseconds = math.tointeger(milliseconds)
      or error('time.iso: expected an integer of milliseconds, found ' .. tostring(milliseconds), 2)
  end
  local text, message = native.iso(milliseconds)
  return text or error('time.iso: ' .. message, 2)
end

--- Reads ISO 8601 text with a zone, such as `2026-01-31T09:30:00Z` or `2026-01-31T09:30:00.250+02:00`.
--- Returns nil and what is wrong for anything else.
---@param text string
---@return integer? milliseconds since the epoch
---@return string? message
function M.parse(text)
  if type(text) ~= 'string' then
    return nil, ('expected the text of an instant, found a %s'):format(type(text))
  end
  return native.parse(text)
end

--- Tells whether a text is a day of the calendar: `2026-01-31`.
---@param value string
---@return boolean
function M.isDate(value)
  return value:find('^%d%d%d%d%-%d%d%-%d%d$') ~= nil and M.parse(value .. 'T00:00:00Z') ~= nil
end

--- Tells whether a text is a time of the day: `09:30` or `09:30:15`.
---@param value string
---@return boolean
function M.isTime(value)
  local hour, minute, rest = value:match('^(%d%d):(%d%d)(.*)$')
  local second = rest == '' and '00' or rest and rest:match('^:(%d%d)$')
  return second ~= nil and tonumber(hour) < 24 and tonumber(minute) < 60 and tonumber(second) < 60
end

--- Tells whether a text is a day with a time: `2026-01-31T09:30`, with a zone or without.
---@param value string
---@return boolean
function M.isDateTime(value)
  local date, clock = value:match('^(%d%d%d%d%-%d%d%-%d%d)T(%d%d:%d%d.*)$')
  return date ~= nil and M.isDate(date) and (M.isTime(clock) or M.parse(value) ~= nil)
end

return M
