-- expect: ok
for name in pairs(string) do assert(name ~= 'dump') end assert(debug == nil and string.debug == nil)
