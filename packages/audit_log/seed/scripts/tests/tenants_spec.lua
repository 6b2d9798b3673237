local audit = require('audit_log')
local check = require('check')
local db = require('db')

before_each(function()
  audit.createAuditLog('acme', 'ann', 'create', 'Post', 'p1')
end)

describe('a caller of another tenant', function()
  it.each({
    { 'createAuditLog', 'acme', 'eve', 'create', 'Post', 'p1' },
    { 'listAuditLogs', 'acme' },
    { 'getAuditLogsByEntity', 'acme', 'Post', 'p1' },
    { 'getAuditLogsByUser', 'acme', 'ann' },
  })('may not name the tenant in %s', function(operation, ...)
    local args = table.pack(...)
    local ok, fault = asCaller({ tenant = 'globex', level = 6 }, function()
      return pcall(audit[operation], table.unpack(args))
    end)
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'forbidden')).toBe(true)
    expect(db.auditLog.count()).toBe(1)
  end)
end)

describe('a caller of the tenant', function()
  it('reads its trail', function()
    asCaller({ tenant = 'acme', level = 3 }, function()
      expect(audit.listAuditLogs('acme')).toHaveLength(1)
    end)
  end)
end)
