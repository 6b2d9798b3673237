-- expect: ok|error
local s = 'return 1' for i = 1, 150 do s = ('return load(%q)()'):format(s) if #s > 2^18 then break end end pcall(load(s))
