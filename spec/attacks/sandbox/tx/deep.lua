-- expect: ok|error
local function f(n) return db.transaction(function() if n > 0 then return f(n - 1) end return 1 end) end pcall(f, 500)
