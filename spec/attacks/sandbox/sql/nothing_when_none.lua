-- expect: ok
-- grant: none
assert(db == nil and not pcall(require, 'db'))
