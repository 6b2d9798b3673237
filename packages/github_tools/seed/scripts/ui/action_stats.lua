--- ActionStats: how the runs of a repository went.
local list = require('list')
local text = require('text')
local ui = require('ui')

local M = {}

---@class github_tools.ActionStatsProps
---@field stats github_tools.Stats

--- Renders the numbers.
---@param props github_tools.ActionStatsProps
---@return ui.Node
function M.render(props)
  local stats = props.stats
  local byConclusion = stats.byConclusion or {}
  return ui.Flex({
    ui.Badge(text.plural(stats.total or 0, 'run')),
    stats.successRate and ui.Progress({
      value = stats.successRate,
      label = ('%d %% successful'):format(math.floor(stats.successRate * 100 + 0.5)),
    }),
    list.map(list.keys(byConclusion), function(conclusion)
      return ui.Chip(('%s: %d'):format(conclusion, byConclusion[conclusion]))
    end),
    stats.averageDurationMs
      and ui.Text(('%d s on average'):format(math.floor(stats.averageDurationMs / 1000 + 0.5))),
  })
end

return M
