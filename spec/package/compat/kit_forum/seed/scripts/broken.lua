-- One file that does not compile: the rest of the package works.
local M = {
  a = 1
  b = 2
}
return M
