-- expect: ok
local s = 'a\0b' assert(#s == 3 and s:find('\0', 1, true) == 2 and s:match('%z') == '\0' and load('return "a\0b"')() == 'a\0b')
