local M = {}
function M.defineTests(framework, assertions, mocks)
  local describe, it, expect = framework.describe, framework.it, assertions.expect
  local operations = require("db.operations")
  describe("operations with a mock", function()
    local dbal
    framework.beforeEach(function()
      dbal = {
        create = mocks.fn(), read = mocks.fn(), update = mocks.fn(), delete = mocks.fn(), list = mocks.fn(), findFirst = mocks.fn(),
      }
    end)
    it("creates", function()
      dbal.create:mockReturnValue({ id = "1" })
      local item = operations.createItem(dbal, { tenantId = "t", title = "Tea" })
      expect(item.id).toBe("1")
      expect(dbal.create).toHaveBeenCalledTimes(1)
      local call = dbal.create.calls[1]
      expect(call[2]).toBe("Pkg_KitShop_ShopItem")
    end)
    it("refuses", function()
      local item, message = operations.createItem(dbal, { tenantId = "t" })
      expect(item).toBeNil()
      expect(message).toContain("required")
      expect(dbal.create).never.toHaveBeenCalled()
      expect(dbal.create).not_toHaveBeenCalled()
    end)
  end)
end
return M
