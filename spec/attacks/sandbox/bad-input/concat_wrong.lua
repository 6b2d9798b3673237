-- expect: ok
assert(not pcall(table.concat, { 1, {}, 3 })) assert(not pcall(table.concat, 'x')) assert(table.concat({}, 'x', 1, 0) == '')
