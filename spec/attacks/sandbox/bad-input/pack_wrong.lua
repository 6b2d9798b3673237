-- expect: ok
for _, f in ipairs({ 'i17', 'i0', '!17', 'z', 's', 'X', 'Xz', 'c', '<>=!', 'd f n j' }) do pcall(string.pack, f) pcall(string.pack, f, 'x') pcall(string.unpack, f, 'xxxx') pcall(string.packsize, f) end assert(not pcall(string.unpack, 'i4', 'x')) assert(not pcall(string.unpack, 's8', '\255\255\255\255\255\255\255\127'))
