-- expect: ok
for _, f in ipairs({ '%', '%y', '%100d', '%.100f', '%d', '%s', '%c', '%q', '%-#0 +99.99d' }) do pcall(string.format, f) pcall(string.format, f, {}) pcall(string.format, f, 1.5) end assert(not pcall(string.format, '%d', 1.5))
