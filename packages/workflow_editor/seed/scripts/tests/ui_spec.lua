local ui = require('ui')
local workflowEditor = require('ui.workflow_editor')
local workflowList = require('ui.workflow_list')
local workflowNode = require('ui.workflow_node')
local workflowTrace = require('ui.workflow_trace')
local workflows = require('workflow_editor')

describe('WorkflowList', function()
  it('has a switch for each', function()
    local workflow = workflows.createWorkflow('acme', 'Welcome', 'Greets.')
    local node = workflowList.render({ tenantId = 'acme' })
    expect(ui.textOf(node)).toContain('Welcome')
    expect(assert(ui.find(node, 'Switch')).props.onChange.operation).toBe(
      'workflow_editor.enableWorkflow'
    )
    workflows.enableWorkflow(workflow.id)
    node = workflowList.render({ tenantId = 'acme' })
    expect(assert(ui.find(node, 'Switch')).props.onChange.operation).toBe(
      'workflow_editor.disableWorkflow'
    )
  end)

  it('says that there are none', function()
    expect(ui.textOf(workflowList.render({ tenantId = 'acme', enabledOnly = true }))).toContain(
      'No workflows'
    )
  end)
end)

describe('WorkflowEditor', function()
  it('shows the nodes', function()
    local workflow = workflows.createWorkflow('acme', 'Welcome')
    local node = workflowEditor.render({ workflowId = workflow.id })
    expect(ui.findAll(node, 'Card')).toHaveLength(1)
    expect(assert(ui.find(node, 'Button')).props.disabled).toBe(true)
  end)

  it('says that there is none', function()
    expect(ui.textOf(workflowEditor.render({ workflowId = 'nowhere' }))).toContain(
      'no such workflow'
    )
  end)
end)

describe('WorkflowNode', function()
  it('shows what it is told, and where it leads', function()
    local node = workflowNode.render({
      node = { id = 'c', type = 'condition', config = { expression = 'a > 1' } },
      edges = { { source = 'c', target = 'd', branch = 'true' } },
    })
    expect(ui.textOf(node)).toContain('a > 1')
    expect(ui.textOf(node)).toContain('true: d')
  end)
end)

describe('WorkflowTrace', function()
  it('has a row for each step, and says what went wrong', function()
    ---@type any
    local props = {
      run = {
        status = 'failed',
        error = { node = 'x', code = 'error', message = 'broke' },
        trace = {
          {
            node = 'x',
            type = 'transform',
            input = 1,
            ms = 0.5,
            error = { code = 'error', message = 'broke' },
          },
        },
      },
    }
    local node = workflowTrace.render(props)
    expect(ui.textOf(assert(ui.find(node, 'Alert')))).toBe('x: broke')
    expect(assert(ui.find(node, 'Table')).props.rows[1].cells[4]).toBe('broke')
  end)
end)
