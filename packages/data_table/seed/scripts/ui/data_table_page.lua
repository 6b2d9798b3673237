--- DataTablePage: a tenant's tables; with one of them, a page of its records.
local ctx = require('ctx')
local list = require('list')
local queries = require('db.queries') --[[@as data_table.db.queries]]
local read = require('db.read') --[[@as data_table.db.read]]
local recordForm = require('ui.record_form')
local recordTable = require('ui.record_table')
local text = require('text')
local ui = require('ui')

local M = {}

local defaultTake = 20

---@class data_table.DataTablePageProps
---@field tenantId? string the caller's, if left out
---@field schemaId? string
---@field query? string what is looked for
---@field orderBy? string
---@field take? integer 20 if left out
---@field skip? integer

local function schemaList(tenantId)
  local schemas = queries.listSchemas(tenantId)
  return ui.Container({
    ui.Heading({ level = 1, 'Tables' }),
    #schemas == 0 and ui.Alert({ severity = 'info', 'No tables yet' }),
    ui.List({
      list.map(schemas, function(schema)
        return ui.ListItem({
          key = schema.id,
          schema.icon and ui.Icon({ name = schema.icon }),
          ui.Link({
            page = 'DataTablePage',
            params = { schemaId = schema.id },
            schema.labelPlural or schema.label or schema.name,
          }),
        })
      end),
    }),
  })
end

local function pager(props, page)
  local function link(label, skip)
    local params = {
      schemaId = props.schemaId,
      query = props.query,
      orderBy = props.orderBy,
      take = page.take,
      skip = skip,
    }
    return ui.Link({ page = 'DataTablePage', params = params, label })
  end
  return ui.Flex({
    page.skip > 0 and link('Back', math.max(page.skip - page.take, 0)),
    page.skip + page.take < page.total and link('On', page.skip + page.take),
  })
end

local function recordsOf(props)
  local pagination = {
    take = props.take or defaultTake,
    skip = props.skip or 0,
    orderBy = props.orderBy,
  }
  if props.query and not text.isBlank(props.query) then
    return queries.searchRecords(props.schemaId, props.query, pagination)
  end
  return queries.listRecords(props.schemaId, {}, pagination)
end

--- Renders the page from `listSchemas`, or from `listRecords` or `searchRecords`.
---@param props data_table.DataTablePageProps
---@return ui.Node
function M.render(props)
  if not props.schemaId then
    return schemaList(props.tenantId or ctx.tenant)
  end
  local schema = read.getSchema(props.schemaId)
  if not schema then
    return ui.Alert({ severity = 'error', 'There is no such table' })
  end
  local page = recordsOf(props)
  return ui.Container({
    ui.Flex({
      justify = 'between',
      ui.Heading({ level = 1, schema.labelPlural or schema.label or schema.name }),
      ui.Badge(text.plural(page.total, 'record')),
    }),
    ui.Form({
      onSubmit = ui.action('data_table.searchRecords', schema.id),
      ui.Input({ name = 'query', label = 'Search', value = props.query }),
    }),
    recordTable.render({
      schema = schema,
      records = page.records,
      onDelete = 'data_table.deleteRecord',
    }),
    pager(props, page),
    recordForm.render({ schema = schema }),
  })
end

return M
