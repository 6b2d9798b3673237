--- A job as callers see it, the states that it goes through, and the work itself.
local asset = require('asset')
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local files = require('files')
local image = require('image')
local json = require('json')
local time = require('time')

local M = {}

---@class media_center.Job
---@field id string
---@field tenantId string
---@field userId? string
---@field type 'transcode'|'thumbnail'|'convert'
---@field status 'pending'|'processing'|'completed'|'failed'
---@field progress integer 0 to 100
---@field params table<string, any>
---@field inputPath string an asset's id, or a path in the data folder
---@field outputPath? string
---@field error? string
---@field createdAt integer milliseconds since the epoch
---@field startedAt? integer milliseconds since the epoch
---@field completedAt? integer milliseconds since the epoch

M.types = { 'transcode', 'thumbnail', 'convert' }
M.statuses = { 'pending', 'processing', 'completed', 'failed' }

--- The fields that are JSON text in the database.
M.jsonFields = { 'params' }

-- What each type of job is told.
---@type table<string, table<string, string>>
local parameters = {
  thumbnail = { width = 'integer?', height = 'integer?', format = 'string?' },
  convert = { format = 'string', quality = 'integer?' },
  transcode = { format = 'string' },
}

local pictureFormats = { 'png', 'jpeg', 'webp' }

--- Decodes the JSON columns of a record in place.
---@param record MediaJob
---@return media_center.Job
function M.decode(record)
  return json.decodeFields(record, M.jsonFields)
end

--- Returns the record of an id, where the caller may reach it; nil where there is none.
---@param jobId string
---@return MediaJob?
function M.find(jobId)
  return db.mediaJob.findFirst({ where = { id = jobId, tenantId = ctx.bound } })
end

--- Returns the record of an id; raises `not_found` where there is none.
---@param jobId string
---@return MediaJob
function M.get(jobId)
  return check.found(M.find(jobId), 'job', jobId)
end

--- Checks what a job of a type is told.
---@param type string
---@param params? table<string, any>
---@return table<string, any>
function M.checkParams(type, params)
  params = check.fields(params, 'params', parameters[type])
  if params.format and type ~= 'transcode' then
    check.oneOf(params.format, pictureFormats, 'params.format')
  end
  if type == 'thumbnail' then
    params.width = check.integer(params.width or 200, 'params.width', 1, 10000)
    params.height = check.integer(params.height or 200, 'params.height', 1, 10000)
  elseif params.quality then
    check.integer(params.quality, 'params.quality', 1, 100)
  end
  return params
end

--- Returns the columns of a job that is at `progress`. A job goes from pending over processing to
--- completed or failed, and its progress grows: the code is `job_ended` or `progress_back` where it
--- would not.
---@param record MediaJob
---@param progress integer
---@return MediaJobUpdateInput
function M.moved(record, progress)
  if record.status == 'completed' or record.status == 'failed' then
    error(check.fault('job_ended', ('the job has %s'):format(record.status)))
  elseif progress < record.progress then
    local message = 'the job is at %d %%, and does not go back to %d %%'
    error(check.fault('progress_back', message:format(record.progress, progress)))
  end
  local now = time.now()
  return {
    status = progress == 100 and 'completed' or 'processing',
    progress = progress,
    startedAt = record.startedAt or now,
    completedAt = progress == 100 and now or nil,
  }
end

-- For each type, makes of the file at a path what the job is for; returns where it lies, or nil and
-- why not.
local works = {}

local function picture(path, make)
  local made, message = make(files.get(path))
  if not made then
    return nil, message
  end
  return files.put(made)
end

function works.thumbnail(path, params)
  return picture(path, function(data)
    return image.thumbnail(data, params.width, params.height, params.format)
  end)
end

function works.convert(path, params)
  return picture(path, function(data)
    return image.convert(data, params.format, params.quality)
  end)
end

function works.transcode(path, params)
  -- A program of the system runs only where the host hands it out, as a module of its own that takes
  -- and gives paths in the data folder.
  local granted, ffmpeg = pcall(require, 'ffmpeg')
  if not granted then
    return nil, 'transcoding needs ffmpeg, and this host grants none'
  end
  return ffmpeg.transcode(path, params.format)
end

--- Does the work of a job that is being processed. Returns the path of what it made; nil and the
--- reason where that cannot be done.
---@param record media_center.Job
---@return string? outputPath
---@return string? message
function M.work(record)
  local source = db.mediaAsset.findFirst({
    where = { id = record.inputPath, tenantId = record.tenantId },
  })
  local path = source and source.path or record.inputPath
  if not files.exists(path) then
    return nil, ('there is no file for the input "%s"'):format(record.inputPath)
  end
  local outputPath, message = works[record.type](path, record.params)
  if not outputPath then
    return nil, message
  end
  if source and record.type == 'thumbnail' then
    db.mediaAsset.update({ where = { id = source.id }, data = { thumbnailPath = outputPath } })
    if source.thumbnailPath ~= outputPath then
      asset.release(source.thumbnailPath)
    end
  end
  return outputPath
end

return M
