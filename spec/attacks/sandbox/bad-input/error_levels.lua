-- expect: ok
for _, level in ipairs({ -1, 0, 1, 2, 100, math.maxinteger }) do assert(not pcall(error, 'x', level)) end
