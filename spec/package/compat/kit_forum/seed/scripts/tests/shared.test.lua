local M = {}

function M.defineTests(framework, assertions, mocks)
  local describe, it, expect = framework.describe, framework.it, assertions.expect

  describe("defined by a function", function()
    local fn
    framework.beforeEach(function()
      fn = mocks.fn()
    end)

    it("is run", function()
      fn("a", { b = 1 })
      expect(fn).toHaveBeenCalledWith("a", { b = 1 })
    end)

    it.each({ { name = "one", value = 1 }, { name = "two", value = 2 } })("is $value for $name", function(case)
      expect(case.value).toBeGreaterThan(0)
    end)
  end)
end

return M
