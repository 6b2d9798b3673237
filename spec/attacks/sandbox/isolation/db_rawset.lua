-- expect: ok
pcall(rawset, db, 'note', { count = function() return 42 end })
