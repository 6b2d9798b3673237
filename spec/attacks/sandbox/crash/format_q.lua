-- expect: ok|error
for _, v in ipairs({ 1, 1.5, math.mininteger, 0 / 0, math.huge, '\0\r\n\\"', true }) do assert(load('return ' .. ('%q'):format(v))) end
