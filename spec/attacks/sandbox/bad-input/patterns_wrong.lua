-- expect: ok
for _, p in ipairs({ '%', '[', '[a', '(', '.)', '%b', '%f', '(()', '%1', '[%', ('()'):rep(40) }) do assert(not pcall(string.find, 'aaa', p), p) end
