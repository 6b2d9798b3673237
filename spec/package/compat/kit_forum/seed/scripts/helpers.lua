-- A module of the package that this one depends on, by its own name.
local utils = require("utils")
local same = require("kit_base.utils")

local M = { same = utils == same }

function M.heading(text)
  return utils.title(text)
end

function M.manifest()
  local file = io.open("metadata.json", "r")
  local text = file:read("*a")
  file:close()
  return json.decode(text)
end

return M
