-- expect: ok
for _, name in ipairs({ 'sqlite_master', 'Note', 'note; DROP', '_mbl', 'sqliteMaster' }) do assert(not pcall(function() return db[name].findMany({}) end), name) end
