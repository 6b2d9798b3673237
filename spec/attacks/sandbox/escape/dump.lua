-- expect: ok
assert(string.dump == nil and ('').dump == nil and not pcall(function() return (''):dump() end))
