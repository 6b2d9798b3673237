--- What a file is: its name says one thing, its bytes another, and both have to agree.
local check = require('check')
local image = require('image')

---@class media_center.kinds
local M = {}

-- For each ending the media type, and what the bytes may show beside it. A text shows nothing.
---@type table<string, { [1]: string, [2]?: string, [3]?: string, text?: boolean }?>
local endings = {
  aac = { 'audio/aac' },
  avif = { 'image/avif' },
  bmp = { 'image/bmp' },
  css = { 'text/css', text = true },
  csv = { 'text/csv', text = true },
  flac = { 'audio/flac', 'audio/x-flac' },
  gif = { 'image/gif' },
  gz = { 'application/gzip' },
  html = { 'text/html', text = true },
  ico = { 'image/vnd.microsoft.icon' },
  jpeg = { 'image/jpeg' },
  jpg = { 'image/jpeg' },
  json = { 'application/json', text = true },
  m4a = { 'audio/mp4', 'audio/m4a' },
  m4v = { 'video/x-m4v', 'video/mp4' },
  md = { 'text/markdown', text = true },
  mid = { 'audio/midi' },
  mkv = { 'video/x-matroska' },
  mov = { 'video/quicktime' },
  mp3 = { 'audio/mpeg' },
  mp4 = { 'video/mp4' },
  ogg = { 'audio/ogg' },
  pdf = { 'application/pdf' },
  png = { 'image/png' },
  svg = { 'image/svg+xml', 'text/xml', 'text/html', text = true },
  tif = { 'image/tiff' },
  tiff = { 'image/tiff' },
  txt = { 'text/plain', text = true },
  wav = { 'audio/wav', 'audio/x-wav' },
  webm = { 'video/webm' },
  webp = { 'image/webp' },
  xml = { 'application/xml', 'text/xml', text = true },
  zip = { 'application/zip' },
}

local measured = { ['image/png'] = true, ['image/jpeg'] = true, ['image/webp'] = true }

local function shows(known, seen)
  for _, mimeType in ipairs(known) do
    if mimeType == seen then
      return true
    end
  end
  return false
end

local function refuse(filename, known, seen)
  local message = 'the name `%s` says %s, and the bytes show %s'
  error(check.fault('type_mismatch', message:format(filename, known[1], seen or 'no such thing')))
end

--- Returns the media type of a file. Raises `type_mismatch` where the name says another type than
--- the bytes show.
---@param filename string
---@param data string
---@return string
function M.mimeType(filename, data)
  local seen = image.sniff(data)
  local ending = filename:match('%.([%w]+)$')
  local known = ending and endings[ending:lower()]
  if not known then
    return seen or 'application/octet-stream'
  elseif shows(known, seen) then
    return known[1]
  elseif seen or not known.text then
    refuse(filename, known, seen)
  elseif not utf8.len(data) or data:find('\0', 1, true) then
    refuse(filename, known, 'no text')
  end
  return known[1]
end

--- Returns the width and height of a picture; nil for what has none. Raises `bad_image` where the
--- bytes begin like a picture and are none.
---@param filename string
---@param data string
---@param mimeType string
---@return integer? width
---@return integer? height
function M.size(filename, data, mimeType)
  if not measured[mimeType] then
    return nil
  end
  local width, height = image.size(data)
  if not width then
    error(check.fault('bad_image', ('`%s` is no whole picture: %s'):format(filename, height)))
  end
  return width, height --[[@as integer]]
end

return M
