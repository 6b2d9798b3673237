local db = require('db')
local github = require('github_tools')
local list = require('list')

---@type github_tools.Repository
local repository

before_each(function()
  repository = github.upsertRepository('acme', { fullName = 'acme/tools' })
end)

local function record(runNumber, fields)
  local payload = {
    workflowName = 'CI',
    runNumber = runNumber,
    status = 'queued',
    url = 'https://github.example/' .. runNumber,
  }
  for key, value in pairs(fields or {}) do
    payload[key] = value
  end
  return github.recordAction(repository.id, payload)
end

local function numbers(filters)
  return list.pluck(github.listActions(repository.id, filters), 'runNumber')
end

describe('recordAction', function()
  it('takes the fields of the model', function()
    expect(record(7, {
      status = 'completed',
      conclusion = 'success',
      triggeredBy = 'ann',
      startedAt = 1000,
      completedAt = '1970-01-01T00:00:05Z',
    })).toMatchObject({
      repositoryId = repository.id,
      workflowName = 'CI',
      runNumber = 7,
      attempt = 1,
      status = 'completed',
      conclusion = 'success',
      url = 'https://github.example/7',
      triggeredBy = 'ann',
      startedAt = 1000,
      completedAt = 5000,
    })
  end)

  it('takes what GitHub sends', function()
    local action = github.recordAction(repository.id, {
      id = 30433642,
      name = 'Build',
      run_number = 562,
      run_attempt = 2,
      status = 'completed',
      conclusion = 'failure',
      html_url = 'https://github.com/acme/tools/actions/runs/30433642',
      actor = { login = 'ann' },
      triggering_actor = { login = 'ben' },
      run_started_at = '2026-01-31T09:30:00Z',
      updated_at = '2026-01-31T09:31:00Z',
    })

    expect(action).toMatchObject({
      workflowName = 'Build',
      runNumber = 562,
      attempt = 2,
      conclusion = 'failure',
      triggeredBy = 'ben',
    })
    expect(assert(action.completedAt) - assert(action.startedAt)).toBe(60000)
  end)

  it('brings a run up to date', function()
    local first = record(1)
    record(1, { status = 'in_progress', startedAt = 1000 })
    local last = record(1, { status = 'completed', conclusion = 'success' })

    expect(last.id).toBe(first.id)
    expect(last).toMatchObject({ status = 'completed', startedAt = 1000 })
    expect(db.gitHubAction.count()).toBe(1)
  end)

  it('does not let what arrives late bring back what was', function()
    local done = record(1, { status = 'completed', conclusion = 'failure' })
    expect(record(1, { status = 'in_progress' })).toEqual(done)
    expect(record(1, { status = 'queued' })).toEqual(done)

    local again = record(1, { status = 'in_progress', attempt = 2 })
    expect(again).toMatchObject({ status = 'in_progress', attempt = 2 })
    expect(again.conclusion).toBeNil()
    expect(record(1, { status = 'completed', conclusion = 'failure' })).toEqual(again)
  end)

  it.each({ { 'requested' }, { 'waiting' }, { 'pending' } })('takes %s for queued', function(status)
    expect(record(1, { status = status }).status).toBe('queued')
  end)

  it.each({
    { 'payload.workflowName', { workflowName = ' ' } },
    { 'payload.runNumber', { runNumber = -1 } },
    { 'payload.runNumber', { runNumber = '1' } },
    { 'payload.status', { status = 'finished' } },
    { 'payload.conclusion', { conclusion = 7 } },
    { 'payload.url', { url = 'javascript:alert(1)' } },
    { 'payload.startedAt', { startedAt = 'yesterday' } },
    { 'payload.completedAt', { completedAt = 1.5 } },
  })('refuses a wrong %s', function(name, fields)
    ---@type boolean, any
    local ok, raised = pcall(record, 1, fields)

    expect(ok).toBe(false)
    expect(raised.code).toBe('invalid_payload')
    expect(raised.message).toContain('`' .. name .. '`')
    expect(db.gitHubAction.count()).toBe(0)
  end)

  it('refuses a repository that is not there', function()
    repository.id = 'nothing'
    expect(function()
      record(1)
    end).toThrow({ code = 'not_found' })
    expect(function()
      github.recordAction(nil --[[@as any]], {})
    end).toThrow('repositoryId')
  end)
end)

describe('listActions', function()
  before_each(function()
    for index, fields in ipairs({
      { status = 'completed', conclusion = 'success' },
      { status = 'failed', conclusion = 'failure', triggeredBy = 'ann' },
      { workflowName = 'Deploy' },
    }) do
      local action = record(index, fields)
      db.gitHubAction.update({ where = { id = action.id }, data = { createdAt = index } })
    end
  end)

  it.each({
    { filters = {}, expected = { 3, 2, 1 } },
    { filters = { status = 'failed' }, expected = { 2 } },
    { filters = { conclusion = 'success' }, expected = { 1 } },
    { filters = { workflowName = 'Deploy' }, expected = { 3 } },
    { filters = { triggeredBy = 'ann' }, expected = { 2 } },
    { filters = { take = 1, skip = 1 }, expected = { 2 } },
  })('filters by $filters', function(case)
    expect(numbers(case.filters)).toEqual(case.expected)
  end)

  it('lists one repository only', function()
    expect(github.listActions('nothing')).toEqual({})
    expect(function()
      github.listActions(nil --[[@as any]])
    end).toThrow('repositoryId')
    expect(function()
      numbers({ state = 'failed' })
    end).toThrow('state')
  end)
end)

describe('getActionStats', function()
  it('counts, and tells how long and how well', function()
    record(
      1,
      { status = 'completed', conclusion = 'success', startedAt = 1000, completedAt = 3000 }
    )
    record(
      2,
      { status = 'completed', conclusion = 'success', startedAt = 5000, completedAt = 9000 }
    )
    record(3, { status = 'completed', conclusion = 'failure', startedAt = 6000 })
    record(4, { status = 'completed', conclusion = 'cancelled' })
    record(5)

    expect(github.getActionStats(repository.id)).toEqual({
      total = 5,
      byStatus = { completed = 4, queued = 1 },
      byConclusion = { success = 2, failure = 1, cancelled = 1 },
      successRate = 0.5,
      averageDurationMs = 3000.0,
      lastRunAt = 6000,
    })
  end)

  it('is empty without runs', function()
    local stats = github.getActionStats(repository.id)
    expect(stats).toEqual({ total = 0, byStatus = {}, byConclusion = {} })
    expect(json.encode(stats)).toBe('{"byConclusion":{},"byStatus":{},"total":0}')
    expect(function()
      github.getActionStats('nothing')
    end).toThrow({ code = 'not_found' })
  end)
end)
