-- expect: ok|error
assert('10' + 1 == 11 and not pcall(function() return 'x' + 1 end) and not pcall(function() return {} + '1' end))
