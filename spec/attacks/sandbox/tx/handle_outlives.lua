-- expect: ok
local kept db.transaction(function(tx) kept = tx end) assert(not pcall(function() return kept.note.count() end))
