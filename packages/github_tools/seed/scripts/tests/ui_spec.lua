local actionStats = require('ui.action_stats')
local actionTable = require('ui.action_table')
local github = require('github_tools')
local list = require('list')
local repositoriesPage = require('ui.repositories_page')
local repositoryCard = require('ui.repository_card')
local ui = require('ui')

describe('RepositoryCard', function()
  it('shows the repository', function()
    ---@type any
    local props = {
      repository = {
        id = 'r1',
        fullName = 'acme/tools',
        isPrivate = true,
        description = 'Our tools',
        metadata = { stars = 1, forks = 2, other = {} },
        lastSync = 0,
      },
    }
    local card = repositoryCard.render(props)
    expect(ui.textOf(card)).toBe(
      'acme/tools Private Our tools 1 star 2 forks as of 1970-01-01T00:00:00.000Z'
    )
  end)

  it('does without metadata', function()
    ---@type any
    local props = { repository = { id = 'r1', fullName = 'acme/tools' } }
    local card = repositoryCard.render(props)
    expect(ui.textOf(card)).toBe('acme/tools')
  end)
end)

describe('ActionTable', function()
  it('has a row for each run', function()
    ---@type any
    local props = {
      actions = {
        { id = 'a1', runNumber = 4, workflowName = 'CI', status = 'queued', url = 'u' },
        {
          id = 'a2',
          runNumber = 3,
          workflowName = 'CI',
          status = 'completed',
          conclusion = 'success',
          triggeredBy = 'ann',
          startedAt = 0,
        },
      },
    }
    local node = actionTable.render(props)

    expect(node.props.rows[1].cells).toEqual({ '#4', 'CI', 'queued', 'nobody', '' })
    expect(node.props.rows[2].cells).toEqual({
      '#3',
      'CI',
      'success',
      'ann',
      '1970-01-01T00:00:00.000Z',
    })
    expect(actionTable.render({ actions = {} }).type).toBe('Alert')
  end)
end)

describe('ActionStats', function()
  it('shows the numbers', function()
    ---@type any
    local props = {
      stats = {
        total = 3,
        byConclusion = { success = 2, failure = 1 },
        successRate = 2 / 3,
        averageDurationMs = 61000,
      },
    }
    local node = actionStats.render(props)
    expect(ui.textOf(node)).toBe('3 runs failure: 1 success: 2 61 s on average')
    expect(assert(ui.find(node, 'Progress')).props.label).toBe('67 % successful')
    ---@type any
    local none = { stats = { total = 0 } }
    expect(ui.textOf(actionStats.render(none))).toBe('0 runs')
  end)
end)

describe('RepositoriesPage', function()
  it('shows the repositories, or one with its runs', function()
    local known = github.upsertRepository('acme', { fullName = 'acme/tools', description = 'Ours' })
    github.upsertRepository('acme', { fullName = 'acme/site' })
    github.recordAction(known.id, {
      workflowName = 'CI',
      runNumber = 1,
      status = 'queued',
      url = 'https://github.example/1',
    })
    local all = repositoriesPage.render({ tenantId = 'acme' })
    local one = repositoriesPage.render({ tenantId = 'acme', fullName = 'acme/tools' })

    expect(list.map(ui.findAll(all, 'Link'), ui.textOf)).toEqual({ 'acme/site', 'acme/tools' })
    expect(ui.textOf(one)).toContain('acme/tools Ours On GitHub 1 run')
    expect(assert(ui.find(one, 'Table')).props.rows).toHaveLength(1)
  end)

  it('says that there is nothing', function()
    expect(ui.textOf(repositoriesPage.render({ tenantId = 'nobody' }))).toContain('No repositories')
    local missing = repositoriesPage.render({ tenantId = 'acme', fullName = 'a/b' })
    expect(missing.type).toBe('Alert')
  end)
end)
