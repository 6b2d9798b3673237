-- expect: ok
assert(not pcall(function() local x <close> = 1 end)) assert(load('local x <const> = 1 x = 2') == nil) assert(load('local x <foo> = 1') == nil)
