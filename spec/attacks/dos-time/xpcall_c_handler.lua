-- expect: timeout
while true do xpcall(error, tostring) xpcall(function() while true do end end, pcall) end
