--- MediaCenter: a tenant's media, with a form to upload more.
local ctx = require('ctx')
local mediaGrid = require('ui.media_grid')
local queries = require('db.queries') --[[@as media_center.db.queries]]
local text = require('text')
local ui = require('ui')

local M = {}

---@class media_center.MediaCenterProps
---@field tenantId? string the caller's, if left out
---@field filters? media_center.MediaFilters

local function uploadForm(tenantId)
  return ui.Form({
    onSubmit = ui.action('media_center.uploadMedia', tenantId, ctx.user),
    ui.Input({ type = 'file', name = 'file', label = 'A file', required = true }),
    ui.Button({ type = 'submit', 'Upload' }),
  })
end

--- Renders the page from `listMedia`.
---@param props media_center.MediaCenterProps
---@return ui.Node
function M.render(props)
  local tenantId = props.tenantId or ctx.tenant
  local assets = queries.listMedia(tenantId, props.filters)
  return ui.Container({
    ui.Flex({
      justify = 'between',
      ui.Heading({ level = 1, 'Media' }),
      ui.Badge(text.plural(#assets, 'file')),
    }),
    ctx.user and uploadForm(tenantId),
    mediaGrid.render({
      assets = assets,
      onOpen = 'media_center.getMedia',
      onDelete = ctx.user and 'media_center.deleteMedia' or nil,
    }),
  })
end

return M
