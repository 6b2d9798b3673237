--- Pictures: what they are, how large, smaller, and in another format (png, jpeg, webp).
---
---     local image = require('image')
---     local width, height = image.size(data)
---     local small = assert(image.thumbnail(data, 200, 200))
---
--- What comes from outside may be anything: bytes that are no picture, or would become an enormous
--- one, give nil and what is wrong.
local native = ...

---@class image
local M = {}

local formats = { png = true, jpeg = true, webp = true }

local function demand(value, kind, name, operation)
  local found = kind == 'integer' and math.type(value) or type(value)
  if found ~= kind then
    error(
      ('image.%s: `%s` must be of type %s, found a %s'):format(operation, name, kind, type(value)),
      3
    )
  end
end

local function demandFormat(format, operation)
  if not formats[format] then
    local message = 'image.%s: `format` must be "png", "jpeg" or "webp", found %s'
    error(message:format(operation, tostring(format)), 3)
  end
end

local function demandSide(value, name)
  demand(value, 'integer', name, 'thumbnail')
  if value < 1 or value > 10000 then
    error(('image.thumbnail: `%s` must be from 1 to 10000, found %d'):format(name, value), 3)
  end
end

--- Returns the media type that bytes show by how they begin, such as `image/png` or `video/mp4`;
--- nil where they show none, as text does.
---@param data string
---@return string?
function M.sniff(data)
  demand(data, 'string', 'data', 'sniff')
  return native.sniff(data)
end

--- Returns the width and height of a picture in points, without decoding it; nil and what is wrong
--- for anything else.
---@param data string
---@return integer? width
---@return integer|string height
function M.size(data)
  demand(data, 'string', 'data', 'size')
  return native.size(data)
end

--- Returns a picture in its proportions that fits into a width and a height. One that fits already
--- keeps its size.
---@param data string
---@param width integer
---@param height integer
---@param format? 'png'|'jpeg'|'webp' png, if left out
---@return string? data
---@return string? message
function M.thumbnail(data, width, height, format)
  demand(data, 'string', 'data', 'thumbnail')
  demandSide(width, 'width')
  demandSide(height, 'height')
  demandFormat(format or 'png', 'thumbnail')
  return native.thumbnail(data, width, height, format or 'png')
end

--- Returns a picture in another format.
---@param data string
---@param format 'png'|'jpeg'|'webp'
---@param quality? integer of jpeg: 1 to 100, 85 if left out
---@return string? data
---@return string? message
function M.convert(data, format, quality)
  demand(data, 'string', 'data', 'convert')
  demandFormat(format, 'convert')
  quality = quality or 85
  demand(quality, 'integer', 'quality', 'convert')
  if quality < 1 or quality > 100 then
    error(('image.convert: `quality` must be from 1 to 100, found %d'):format(quality), 2)
  end
  return native.convert(data, format, quality)
end

return M
