local codeEditor = require('ui.code_editor')
local editor = require('code_editor')
local problemList = require('ui.problem_list')
local runResult = require('ui.run_result')
local scriptList = require('ui.script_list')
local ui = require('ui')

describe('ScriptList', function()
  it('has an item for each', function()
    editor.createScript('Sum', 'return 1')
    expect(ui.textOf(scriptList.render({}))).toContain('Sum')
    expect(ui.textOf(scriptList.render({ tenantId = 'acme' }))).toContain('No scripts')
  end)
end)

describe('CodeEditor', function()
  it('shows the code, its problems and its versions', function()
    local script = editor.createScript('Sum', 'return (', { { name = 'a', type = 'number' } })
    local node = codeEditor.render({ scriptId = script.id })
    expect(assert(ui.find(node, 'Textarea')).props.value).toBe('return (')
    expect(ui.textOf(node)).toContain('a: number')
    expect(assert(ui.find(node, 'Alert')).props.severity).toBe('error')
    expect(assert(ui.find(node, 'Table')).props.rows).toHaveLength(1)
  end)

  it('says that there is none', function()
    expect(ui.textOf(codeEditor.render({ scriptId = 'nowhere' }))).toContain('no such script')
  end)
end)

describe('ProblemList', function()
  it('shows the place of each', function()
    local node = problemList.render({ problems = { { message = 'bad', line = 2, column = 7 } } })
    expect(ui.textOf(node)).toBe('2:7: bad')
    expect(ui.textOf(problemList.render({ problems = {} }))).toContain('compiles')
  end)
end)

describe('RunResult', function()
  it('shows the result and what was printed', function()
    local node =
      runResult.render({ outcome = { ok = true, result = 42, output = 'hello\n', ms = 1 } })
    expect(ui.textOf(node)).toContain('42')
    expect(ui.textOf(node)).toContain('hello')
  end)

  it('says why it failed', function()
    local node = runResult.render({
      outcome = {
        ok = false,
        output = '',
        ms = 1,
        error = { message = 'bad', line = 2, code = 'lua' },
      },
    })
    expect(ui.textOf(assert(ui.find(node, 'Alert')))).toBe('line 2: bad')
  end)
end)
