-- expect: ok
-- grant: read
assert(type(db.note.count()) == 'number') for _, name in ipairs({ 'create', 'createMany', 'update', 'updateMany', 'upsert', 'delete', 'deleteMany', 'createManyAndReturn', 'updateManyAndReturn' }) do local ok, problem = pcall(db.note[name], { data = { text = 'x' }, where = { id = 1 }, create = { text = 'x' }, update = {} }) assert(not ok and problem.code == 'not_granted', name) end
