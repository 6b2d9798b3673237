-- expect: error
-- never: /root
-- never: /tmp/
local ok, message = pcall(function() local x; return x.y end)
error(message, 0)
