--- MediaCard: one asset: what it is, and how large.
local text = require('text')
local ui = require('ui')

local M = {}

local icons = { image = 'image', video = 'movie', audio = 'music_note', text = 'description' }

local units = { 'bytes', 'KiB', 'MiB', 'GiB', 'TiB' }

local function sizeInWords(size)
  local unit = 1
  while size >= 1024 and unit < #units do
    size, unit = size / 1024, unit + 1
  end
  return (unit == 1 and '%d %s' or '%.1f %s'):format(size, units[unit])
end

---@class media_center.MediaCardProps
---@field asset media_center.Asset
---@field onOpen? string the operation that opens it
---@field onDelete? string the operation that deletes it

--- Renders the card.
---@param props media_center.MediaCardProps
---@return ui.Node
function M.render(props)
  local asset = props.asset
  local kind = asset.mimeType:match('^[^/]*')
  return ui.Card({
    key = asset.id,
    onClick = props.onOpen and ui.action(props.onOpen, asset.id),
    ui.Icon({ name = icons[kind] or 'attachment' }),
    ui.Heading({ level = 3, text.truncate(asset.filename, 60) }),
    ui.Flex({
      ui.Chip(asset.mimeType),
      asset.width
        and ui.Text({ variant = 'caption', ('%d × %d'):format(asset.width, asset.height) }),
      ui.Text({ variant = 'caption', sizeInWords(asset.size) }),
    }),
    props.onDelete and ui.IconButton({
      icon = 'delete',
      label = 'Delete',
      onClick = ui.action(props.onDelete, asset.id),
    }),
  })
end

return M
