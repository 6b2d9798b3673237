-- expect: ok|error
pcall(table.sort, { 3, 2, 1 }, function() return ('x'):rep(2^28) end)
