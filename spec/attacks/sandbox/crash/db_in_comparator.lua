-- expect: ok|error
local t = { 3, 1, 2 } table.sort(t, function(a, b) db.note.count() return a < b end) assert(t[1] == 1)
