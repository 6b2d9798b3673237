-- expect: ok
assert(not pcall(string.gsub, 'abc', 'b', '%2')) assert(not pcall(string.gsub, 'abc', 'b', '%')) assert(not pcall(string.gsub, 'abc', 'b', function() return {} end)) assert(not pcall(string.gsub, 'abc', 'b', nil))
