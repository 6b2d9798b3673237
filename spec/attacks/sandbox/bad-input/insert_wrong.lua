-- expect: ok
assert(not pcall(table.insert, {}, 5, 1)) assert(not pcall(table.insert, {})) assert(not pcall(table.insert, {}, 1, 2, 3)) assert(not pcall(table.remove, {}, 7))
