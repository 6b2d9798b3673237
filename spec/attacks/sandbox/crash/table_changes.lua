-- expect: ok|error
local t = { 1, 2, 3 } for k in pairs(t) do t[k] = nil t[k + 10] = nil end
