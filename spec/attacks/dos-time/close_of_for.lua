-- expect: timeout
for _ in next, {}, nil, setmetatable({}, { __close = function() while true do end end }) do end
