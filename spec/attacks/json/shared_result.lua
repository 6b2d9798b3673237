-- expect: timeout|error
local t = { 'x' }
for i = 1, 30 do t = { t, t } end
return t
