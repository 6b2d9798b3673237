local audit = require('audit_log')
local auditLogTable = require('ui.audit_log_table')
local auditLogViewer = require('ui.audit_log_viewer')
local ui = require('ui')

describe('AuditLogTable', function()
  it('has a row for each entry, with the fields that changed', function()
    ---@type any
    local props = {
      logs = {
        {
          id = 'a1',
          timestamp = 0,
          userId = 'ann',
          action = 'update',
          entity = 'Post',
          entityId = 'p1',
          oldValue = { title = 'Old', body = 'Same', tags = { 'a' } },
          newValue = { title = 'New', body = 'Same', tags = { 'a' }, pinned = true },
        },
      },
    }
    local node = auditLogTable.render(props)

    expect(node.type).toBe('Table')
    expect(node.props.rows).toHaveLength(1)
    expect(node.props.rows[1].cells).toEqual({
      '1970-01-01T00:00:00.000Z',
      'ann',
      'update',
      'Post p1',
      'pinned, title',
    })
  end)

  it('says that there is nothing', function()
    expect(auditLogTable.render({ logs = {} }).type).toBe('Alert')
  end)

  it('names the operation that filters', function()
    local logs = { { id = 'a1', timestamp = 0, action = 'login', entity = 'Session' } }
    local node =
      auditLogTable.render({ logs = logs, onFilter = 'audit_log.listAuditLogs' } --[[@as any]])

    expect(node.props.onFilter.operation).toBe('audit_log.listAuditLogs')
    expect(node.props.rows[1].cells[2]).toBe('nobody')
  end)
end)

describe('AuditLogViewer', function()
  before_each(function()
    audit.createAuditLog('acme', 'ann', 'create', 'Post', 'p1', { new = { title = 'Hello' } })
    audit.createAuditLog('acme', 'ben', 'delete', 'Post', 'p2')
    audit.createAuditLog('globex', 'cleo', 'create', 'Post', 'p3')
  end)

  it("shows the tenant's entries", function()
    local page = auditLogViewer.render({ tenantId = 'acme' })

    expect(assert(ui.find(page, 'Table')).props.rows).toHaveLength(2)
    expect(ui.textOf(page)).toContain('2 entries')
    expect(ui.find(page, 'Chip')).toBeNil()
  end)

  it('shows the filters that chose them', function()
    local page =
      auditLogViewer.render({ tenantId = 'acme', filters = { userId = 'ben', limit = 10 } })

    expect(assert(ui.find(page, 'Table')).props.rows).toHaveLength(1)
    expect(ui.findAll(page, 'Chip')).toHaveLength(1)
    expect(ui.textOf(assert(ui.find(page, 'Chip')))).toBe('userId: ben')
    expect(ui.textOf(page)).toContain('1 entry')
  end)
end)
