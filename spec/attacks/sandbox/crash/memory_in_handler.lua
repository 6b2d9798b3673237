-- expect: ok|error
xpcall(error, function() return ('x'):rep(2^28) end)
