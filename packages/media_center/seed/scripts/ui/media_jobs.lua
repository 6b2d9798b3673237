--- MediaJobs: a tenant's jobs and how far they are.
local ctx = require('ctx')
local jobProgress = require('ui.job_progress')
local list = require('list')
local queries = require('db.queries') --[[@as media_center.db.queries]]
local ui = require('ui')

local M = {}

---@class media_center.MediaJobsProps
---@field tenantId? string the caller's, if left out
---@field status? 'pending'|'processing'|'completed'|'failed'

--- Renders the page from `listMediaJobs`.
---@param props media_center.MediaJobsProps
---@return ui.Node
function M.render(props)
  local jobs = queries.listMediaJobs(props.tenantId or ctx.tenant, props.status)
  return ui.Container({
    ui.Heading({ level = 1, 'Jobs' }),
    #jobs == 0 and ui.Alert({ severity = 'info', 'No jobs' }),
    ui.Stack({
      list.map(jobs, function(job)
        return jobProgress.render({ job = job })
      end),
    }),
  })
end

return M
