-- expect: ok
local t = {} for i = 1, 250 do t[i] = 'local x' .. i end local f, message = load(table.concat(t, '\n')) assert(f == nil and message:find('local variables'))
