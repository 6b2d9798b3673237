--- CodeEditor: one script: its code, what is wrong with it, and its versions.
local list = require('list')
local problemList = require('ui.problem_list')
local queries = require('db.queries') --[[@as code_editor.db.queries]]
local read = require('db.read') --[[@as code_editor.db.read]]
local time = require('time')
local ui = require('ui')

local M = {}

---@class code_editor.CodeEditorProps
---@field scriptId string

local function parameterChips(script)
  return ui.Flex({
    list.map(script.parameters, function(parameter)
      return ui.Chip(parameter.name .. ': ' .. parameter.type)
    end),
  })
end

local function versionRow(version)
  return {
    id = version.version,
    cells = { version.version, time.iso(version.createdAt), version.createdBy or '' },
  }
end

--- Renders the page from `getScript`, `validateScript` and `listScriptVersions`.
---@param props code_editor.CodeEditorProps
---@return ui.Node
function M.render(props)
  local script = read.getScript(props.scriptId)
  if not script then
    return ui.Alert({ severity = 'error', 'There is no such script' })
  end
  return ui.Container({
    ui.Heading({ level = 1, script.name }),
    script.description and ui.Text(script.description),
    parameterChips(script),
    ui.Form({
      onSubmit = ui.action('code_editor.updateScript', script.id),
      ui.Textarea({ name = 'code', label = 'Code', value = script.code, language = 'lua' }),
      ui.Button({ type = 'submit', 'Save' }),
    }),
    problemList.render({ problems = read.validateScript(script.code).problems }),
    ui.Table({
      columns = { 'Version', 'Time', 'By' },
      rows = list.map(queries.listScriptVersions(script.id), versionRow),
    }),
  })
end

return M
