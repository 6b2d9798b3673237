--- Deleting assets.
local asset = require('asset')
local check = require('check')
local db = require('db')

local M = {}

--- Deletes an asset, and returns what it was. Its bytes go when nothing else has the same.
---@param mediaId string
---@return media_center.Asset
function M.deleteMedia(mediaId)
  check.id(mediaId, 'mediaId')
  local record = db.transaction(function()
    return db.mediaAsset.delete({ where = { id = asset.get(mediaId).id } })
  end)
  asset.release(record.path)
  asset.release(record.thumbnailPath)
  return asset.decode(record)
end

return M
