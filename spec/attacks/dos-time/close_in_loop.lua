-- expect: timeout
while true do
  pcall(function()
    local t <close> = setmetatable({}, { __close = function() while true do end end })
    while true do end
  end)
end
