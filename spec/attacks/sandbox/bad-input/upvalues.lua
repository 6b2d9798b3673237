-- expect: ok
local t = {} for i = 1, 150 do t[i] = 'local a' .. i .. ', b' .. i .. ' = 1, 2' end local f = load('do ' .. table.concat(t, ' end do ') .. ' end') assert(f)
