-- expect: ok
assert(not pcall(require, 'forum_forge') and not pcall(require, 'audit_log.db.create'))
