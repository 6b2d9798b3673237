-- expect: ok|error
do local c <close> = setmetatable({}, { __close = function() db.note.count() end }) end
