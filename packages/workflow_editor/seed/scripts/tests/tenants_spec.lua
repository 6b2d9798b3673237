local check = require('check')
local db = require('db')
local workflows = require('workflow_editor')

---@type workflow_editor.Workflow
local workflow

before_each(function()
  workflow = workflows.createWorkflow('acme', 'Secret')
  workflows.enableWorkflow(workflow.id)
end)

local function asGlobex(operation, ...)
  local args = table.pack(...)
  return asCaller({ tenant = 'globex', user = 'eve', level = 6 }, function()
    return pcall(workflows[operation], table.unpack(args, 1, args.n))
  end)
end

describe('a caller of another tenant', function()
  it.each({ { 'createWorkflow', 'acme', 'x' }, { 'listWorkflows', 'acme' } })(
    'may not name the tenant in %s',
    function(operation, ...)
      local ok, fault = asGlobex(operation, ...)
      expect(ok).toBe(false)
      expect(check.isFault(fault, 'forbidden')).toBe(true)
    end
  )

  it.each({
    { 'updateWorkflow' },
    { 'enableWorkflow' },
    { 'disableWorkflow' },
    { 'deleteWorkflow' },
    { 'executeWorkflow' },
  })('finds nothing in %s', function(operation)
    local before = db.workflow.findMany()
    local ok, fault = asGlobex(operation, workflow.id, { { id = 't', type = 'trigger' } }, {})
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'not_found')).toBe(true)
    expect(db.workflow.findMany()).toEqual(before)
  end)

  it('sees nothing', function()
    expect(select(2, asGlobex('getWorkflow', workflow.id))).toBeNil()
  end)
end)
