--- MediaGrid: assets as cards.
local list = require('list')
local mediaCard = require('ui.media_card')
local ui = require('ui')

local M = {}

---@class media_center.MediaGridProps
---@field assets media_center.Asset[]
---@field onOpen? string the operation that opens one
---@field onDelete? string the operation that deletes one

--- Renders the cards, or a line that says that there are none.
---@param props media_center.MediaGridProps
---@return ui.Node
function M.render(props)
  local assets = props.assets or {}
  if #assets == 0 then
    return ui.Alert({ severity = 'info', 'No media' })
  end
  return ui.Grid({
    list.map(assets, function(asset)
      return mediaCard.render({
        asset = asset,
        onOpen = props.onOpen,
        onDelete = props.onDelete,
      })
    end),
  })
end

return M
