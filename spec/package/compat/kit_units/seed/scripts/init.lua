local M = {}
M.format = require("format")
M.name = "units"
function M.init() return { ok = true } end
return M
