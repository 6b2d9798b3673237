-- expect: ok|error
local t = { 1 } pcall(function() for k, v in pairs(t) do t[k + 1] = v if k > 10000 then break end end end)
