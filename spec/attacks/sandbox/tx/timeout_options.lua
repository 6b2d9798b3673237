-- expect: ok
for _, ms in ipairs({ -1, 0, 0 / 0, 'x', {} }) do assert(not pcall(db.transaction, print, { timeoutMs = ms })) end
