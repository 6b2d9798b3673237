-- expect: ok
print(nil, true, 1.5, {}, print, coroutine.create(print), '\0\xff', json.null)
pcall(print, setmetatable({}, { __tostring = function() return 1 end }))
