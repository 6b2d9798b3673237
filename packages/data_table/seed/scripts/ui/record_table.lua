--- RecordTable: records as a table, a column for each field that is shown.
local json = require('json')
local list = require('list')
local text = require('text')
local ui = require('ui')

local M = {}

local longestCell = 80

---@class data_table.RecordTableProps
---@field schema data_table.Schema
---@field records data_table.Record[]
---@field onDelete? string the operation that deletes a record

-- The fields that are shown: those that the schema names, else all.
local function columnsOf(schema)
  local fields = schema.fields or {}
  if not schema.listDisplay then
    return fields
  end
  local byName = list.keyBy(fields, 'name')
  return list.map(schema.listDisplay, function(name)
    return byName[name]
  end)
end

local function cell(value)
  if value == nil then
    return ''
  end
  local shown = type(value) == 'table' and json.encode(value) or tostring(value)
  return text.truncate(shown, longestCell)
end

--- Renders the table, or a line that says that there are no records.
---@param props data_table.RecordTableProps
---@return ui.Node
function M.render(props)
  local records = props.records or {}
  if #records == 0 then
    return ui.Alert({ severity = 'info', 'No records' })
  end
  local columns = columnsOf(props.schema)
  return ui.Table({
    columns = list.map(columns, function(field)
      return field.label or field.name
    end),
    rows = list.map(records, function(record)
      return {
        id = record.id,
        cells = list.map(columns, function(field)
          return cell(record.data[field.name])
        end),
        onDelete = props.onDelete and ui.action(props.onDelete, record.id),
      }
    end),
  })
end

return M
