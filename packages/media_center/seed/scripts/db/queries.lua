--- Lists of assets and jobs.
local asset = require('asset')
local check = require('check')
local db = require('db')
local job = require('job')
local list = require('list')

---@class media_center.db.queries
local M = {}

-- What came in the same millisecond keeps a fixed order, so that pages neither repeat nor lose one.
local newestFirst = { { createdAt = 'desc' }, { id = 'desc' } }

---@class media_center.MediaFilters: list.Page
---@field userId? string
---@field mimeType? string a whole type, or its beginning: `image/`
---@field search? string a part of the name

--- Lists a tenant's assets, newest first.
---@param tenantId string
---@param filters? media_center.MediaFilters
---@return media_center.Asset[]
function M.listMedia(tenantId, filters)
  check.tenant(tenantId, 'tenantId')
  filters = check.fields(
    filters,
    'filters',
    list.pageFields({ userId = 'string?', mimeType = 'string?', search = 'string?' })
  )
  local records = db.mediaAsset.findMany(list.page({
    where = {
      tenantId = tenantId,
      userId = filters.userId,
      mimeType = filters.mimeType and { startsWith = filters.mimeType },
      filename = filters.search and { contains = filters.search },
    },
    orderBy = newestFirst,
  }, filters))
  return list.map(records, asset.decode)
end

--- Lists a tenant's jobs, newest first.
---@param tenantId string
---@param status? 'pending'|'processing'|'completed'|'failed'
---@param page? list.Page
---@return media_center.Job[]
function M.listMediaJobs(tenantId, status, page)
  check.tenant(tenantId, 'tenantId')
  local wanted = status ~= nil and check.oneOf(status, job.statuses, 'status') or nil
  page = check.fields(page, 'page', list.pageFields())
  local records = db.mediaJob.findMany(list.page({
    where = { tenantId = tenantId, status = wanted },
    orderBy = newestFirst,
  }, page))
  return list.map(records, job.decode)
end

return M
