--- Reading one thing.
local asset = require('asset')
local check = require('check')
local image = require('image')
local job = require('job')
local text = require('text')

local M = {}

--- Returns an asset; nil where there is none.
---@param mediaId string
---@return media_center.Asset?
function M.getMedia(mediaId)
  check.id(mediaId, 'mediaId')
  local record = asset.find(mediaId)
  return record and asset.decode(record)
end

---@class media_center.Content
---@field filename string
---@field mimeType string
---@field base64 string the bytes

--- Returns the bytes of an asset, or of its thumbnail where it has one.
---@param mediaId string
---@param thumbnail? boolean
---@return media_center.Content
function M.readMedia(mediaId, thumbnail)
  check.id(mediaId, 'mediaId')
  thumbnail = check.type(thumbnail, 'boolean?', 'thumbnail')
  local record = asset.get(mediaId)
  local data = asset.bytes(thumbnail and record.thumbnailPath or record.path)
  return {
    filename = record.filename,
    mimeType = thumbnail and record.thumbnailPath and image.sniff(data) or record.mimeType,
    base64 = text.toBase64(data),
  }
end

--- Returns a job; nil where there is none.
---@param jobId string
---@return media_center.Job?
function M.getMediaJob(jobId)
  check.id(jobId, 'jobId')
  local record = job.find(jobId)
  return record and job.decode(record)
end

return M
