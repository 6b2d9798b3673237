-- expect: ok
for _, v in ipairs({ 1, 'x', {}, true }) do assert(not pcall(db.transaction, v)) end assert(not pcall(db.transaction))
