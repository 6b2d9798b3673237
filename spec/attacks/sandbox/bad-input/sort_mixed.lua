-- expect: ok
assert(not pcall(table.sort, { 1, 'x', {} })) assert(not pcall(table.sort, { 1, 2 }, 1))
