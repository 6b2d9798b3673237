-- expect: ok|error
assert(table.concat({ 1, 2.5, 'x' }, ', ') == '1, 2.5, x') assert(table.concat({ [math.maxinteger] = 'x' }, '', math.maxinteger, math.maxinteger) == 'x')
