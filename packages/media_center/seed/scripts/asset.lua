--- An asset as callers see it, and the bytes that belong to it.
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local files = require('files')
local json = require('json')
local text = require('text')

local M = {}

---@class media_center.Asset
---@field id string
---@field tenantId string
---@field userId string
---@field filename string
---@field mimeType string as the bytes show it
---@field size integer bytes
---@field width? integer
---@field height? integer
---@field duration? number seconds
---@field metadata? table<string, any>
---@field path string
---@field thumbnailPath? string
---@field createdAt integer milliseconds since the epoch

--- The fields that are JSON text in the database.
M.jsonFields = { 'metadata' }

--- Decodes the JSON columns of a record in place.
---@param record MediaAsset
---@return media_center.Asset
function M.decode(record)
  return json.decodeFields(record, M.jsonFields)
end

--- Returns the record of an id, where the caller may reach it; nil where there is none.
---@param mediaId string
---@return MediaAsset?
function M.find(mediaId)
  return db.mediaAsset.findFirst({ where = { id = mediaId, tenantId = ctx.bound } })
end

--- Returns the record of an id; raises `not_found` where there is none.
---@param mediaId string
---@return MediaAsset
function M.get(mediaId)
  return check.found(M.find(mediaId), 'asset', mediaId)
end

-- Where the bytes of all tenants lie by their content, whatever a tenant is called.
local shared = 'objects/'

--- Tells whether the caller may use a path of the data folder: the operator any, others those of
--- their own assets and jobs, and what lies in the folder of their tenant's name.
---@param path string
---@return boolean
function M.mayUse(path)
  local tenant = ctx.bound
  local ofTenant = tenant and text.startsWith(path, tenant .. '/')
  if not tenant or ofTenant and not text.startsWith(path, shared) then
    return true
  end
  local ofAsset = { tenantId = tenant, OR = { { path = path }, { thumbnailPath = path } } }
  return db.mediaAsset.count({ where = ofAsset }) > 0
    or db.mediaJob.count({ where = { tenantId = tenant, outputPath = path } }) > 0
end

--- Returns the bytes at a path that the caller may use; raises `not_found` where there are none.
---@param path string
---@return string
function M.bytes(path)
  return check.found(M.mayUse(path) and files.get(path) or nil, 'file', path)
end

--- Deletes what lies at a path of the data folder, when no asset and no job names it any more.
---@param path? string
function M.release(path)
  if not path then
    return
  end
  local ofAsset = { OR = { { path = path }, { thumbnailPath = path } } }
  local used = db.mediaAsset.count({ where = ofAsset })
    + db.mediaJob.count({ where = { outputPath = path } })
  if used == 0 then
    files.delete(path)
  end
end

return M
