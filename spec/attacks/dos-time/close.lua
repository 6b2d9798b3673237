-- expect: timeout
do
  local t <close> = setmetatable({}, { __close = function() while true do end end })
end
