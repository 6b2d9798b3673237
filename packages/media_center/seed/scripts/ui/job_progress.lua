--- JobProgress: how far one job is.
local ui = require('ui')

local M = {}

local colors = { pending = 'default', processing = 'info', completed = 'success', failed = 'error' }

---@class media_center.JobProgressProps
---@field job media_center.Job

--- Renders the job's state, and how far it is.
---@param props media_center.JobProgressProps
---@return ui.Node
function M.render(props)
  local job = props.job
  return ui.Card({
    key = job.id,
    ui.Flex({
      justify = 'between',
      ui.Text({ weight = 'bold', job.type }),
      ui.Chip({ color = colors[job.status] or 'default', job.status }),
    }),
    ui.Progress({ value = job.progress, max = 100 }),
    job.error and ui.Alert({ severity = 'error', job.error }),
  })
end

return M
