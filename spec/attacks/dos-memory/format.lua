-- expect: error
return ('%' .. ('9'):rep(50) .. 'd'):format(1)
