local Cart = {}
Cart.__index = Cart
local limits = json.load("cart/limits.json")
function Cart.new(owner) return setmetatable({ owner = owner, items = {} }, Cart) end
function Cart:add(id, count)
  if count == nil then count = 1 end
  if count > limits.max then error("too many: " .. count) end
  if count <= 0 then error({ code = "bad_count", message = "count must be positive" }) end
  self.items[#self.items + 1] = { id = id, count = count }
  return self
end
function Cart:total() local n = 0 for _, i in ipairs(self.items) do n = n + i.count end return n end
function Cart.load() return {} end
function Cart.unpacked(...) return unpack({ ... }) end
return Cart
