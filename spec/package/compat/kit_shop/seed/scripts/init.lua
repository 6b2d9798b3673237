---@class ShopModule
local M = {}
M.name = "shop"
M.version = "3.0.0"
local units = require("kit_units")
M.cart = require("cart")

function M.on_install(context)
  log("installing " .. tostring(context and context.version))
  log.info("shop", { a = 1 })
  return { message = "ok" }
end
function M.on_uninstall(context)
  log.warn("bye")
  return true
end
function M.init(ctx) log.debug("init") return { status = "ready" } end
function M.price(cents) return units.format(cents) end
return M
