--- GuidePage: a tenant's guides, or what a search finds; with an address, one guide.
local ctx = require('ctx')
local guideList = require('ui.guide_list')
local guideView = require('ui.guide_view')
local queries = require('db.queries') --[[@as quick_guide.db.queries]]
local read = require('db.read') --[[@as quick_guide.db.read]]
local text = require('text')
local ui = require('ui')

local M = {}

---@class quick_guide.GuidePageProps
---@field tenantId? string the caller's, if left out
---@field slug? string
---@field query? string what is looked for
---@field category? string

local function searchForm(tenantId, query)
  return ui.Form({
    onSubmit = ui.action('quick_guide.searchGuides', tenantId),
    ui.Input({ name = 'query', label = 'Search', value = query }),
    ui.Button({ type = 'submit', 'Search' }),
  })
end

--- Renders the page from `listGuides`, `searchGuides` or `getGuideBySlug`, which counts a view.
---@param props quick_guide.GuidePageProps
---@return ui.Node
function M.render(props)
  local tenantId = props.tenantId or ctx.tenant
  if props.slug then
    local guide = read.getGuideBySlug(tenantId, props.slug)
    return guide and ui.Container({ guideView.render({ guide = guide }) })
      or ui.Alert({ severity = 'error', 'There is no such guide' })
  end

  local query = props.query or ''
  local isSearch = not text.isBlank(query)
  local guides = isSearch and queries.searchGuides(tenantId, query)
    or queries.listGuides(tenantId, { category = props.category, isPublished = true })
  return ui.Container({
    ui.Heading({ level = 1, props.category or 'Guides' }),
    searchForm(tenantId, props.query),
    isSearch and ui.Text(text.plural(#guides, 'guide') .. ' found'),
    guideList.render({ guides = guides }),
  })
end

return M
