local ctx = require('ctx')

describe('ctx', function()
  it('is the operator where nobody is named', function()
    asCaller({}, function()
      expect(ctx.tenant).toBe('default')
      expect(ctx.bound).toBeNil()
      expect(ctx.level).toBe(0)
      expect(ctx.operator).toBe(true)
    end)
  end)

  it('is bound to the tenant that it carries', function()
    asCaller({ tenant = 'acme', user = 'ann', level = 2 }, function()
      expect(ctx.tenant).toBe('acme')
      expect(ctx.bound).toBe('acme')
      expect(ctx.user).toBe('ann')
      expect(ctx.level).toBe(2)
      expect(ctx.operator).toBe(false)
    end)
  end)

  it('is the caller again after an error', function()
    local before = ctx.tenant
    pcall(asCaller, { tenant = 'acme' }, error)
    expect(ctx.tenant).toBe(before)
  end)

  it('names what it has', function()
    expect(function()
      return ctx.tenantId
    end).toThrow('ctx has no `tenantId`')
  end)
end)
