--- Uploads, and orders of jobs.
local asset = require('asset')
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local files = require('files')
local job = require('job')
local json = require('json')
local kinds = require('kinds') --[[@as media_center.kinds]]
local text = require('text')
local time = require('time')

local M = {}

---@class media_center.File What is uploaded: the bytes, or where they lie already.
---@field filename string
---@field data? string the bytes
---@field base64? string the bytes in base64, for callers that only have text
---@field path? string a file in the package's data folder
---@field duration? number seconds
---@field metadata? table<string, any> EXIF, tags

local function bytesOf(file)
  local given = 0
  for _, name in ipairs({ 'data', 'base64', 'path' }) do
    given = given + (file[name] and 1 or 0)
  end
  if given ~= 1 then
    error('`file` must have one of data, base64 and path', 3)
  elseif file.path then
    return asset.bytes(file.path)
  elseif file.base64 then
    return text.fromBase64(file.base64) or error('`file.base64` must be base64', 3)
  end
  return file.data
end

local function checkName(filename)
  if filename:find('[%c/\\]') or not utf8.len(filename) or #filename > 255 then
    error(
      '`file.filename` must be a name of at most 255 bytes without `/`, `\\` and control characters',
      3
    )
  end
end

--- Stores what was uploaded. The type is what the bytes show: the code is `type_mismatch` where the
--- name says another one, and `bad_image` for a picture that is none.
---@param tenantId string
---@param userId string
---@param file media_center.File
---@return media_center.Asset
function M.uploadMedia(tenantId, userId, file)
  check.tenant(tenantId, 'tenantId')
  check.id(userId, 'userId')
  file = check.fields(file, 'file', {
    filename = 'text',
    data = 'string?',
    base64 = 'string?',
    path = 'id?',
    duration = 'number?',
    metadata = 'object?',
  })
  checkName(file.filename)
  local data = bytesOf(file)
  local mimeType = kinds.mimeType(file.filename, data)
  local width, height = kinds.size(file.filename, data, mimeType)

  local record = db.mediaAsset.create({
    data = json.encodeFields({
      tenantId = tenantId,
      userId = userId,
      filename = file.filename,
      mimeType = mimeType,
      size = #data,
      width = width,
      height = height,
      duration = file.duration,
      metadata = file.metadata,
      path = files.put(data),
      createdAt = time.now(),
    }, asset.jsonFields),
  })
  return asset.decode(record)
end

--- Orders a job. `runNextJob` does it, or a worker of the host that reports its progress.
---@param type 'transcode'|'thumbnail'|'convert'
---@param inputPath string an asset's id, or a path in the data folder
---@param params? table<string, any> thumbnail: width, height, format; convert: format, quality; transcode: format
---@return media_center.Job
function M.createMediaJob(type, inputPath, params)
  check.oneOf(type, job.types, 'type')
  check.id(inputPath, 'inputPath')
  params = job.checkParams(type, params)

  return db.transaction(function()
    local source = asset.find(inputPath)
    if not source then
      check.found(
        asset.mayUse(inputPath) and files.size(inputPath) or nil,
        'asset or file',
        inputPath
      )
    end
    local record = db.mediaJob.create({
      data = json.encodeFields({
        tenantId = source and source.tenantId or ctx.tenant,
        userId = ctx.user,
        type = type,
        params = params,
        inputPath = inputPath,
        createdAt = time.now(),
      }, job.jsonFields),
    })
    return job.decode(record)
  end)
end

return M
