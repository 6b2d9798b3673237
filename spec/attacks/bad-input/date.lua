-- expect: ok
for _, format in ipairs({ '%', '%Ez', '%q', ('%c'):rep(10000), '\0' }) do
  pcall(os.date, format)
end
assert(not pcall(os.date, '*t', 1 << 62))
assert(not pcall(os.time, { year = 1 << 60, month = 1, day = 1 }))
