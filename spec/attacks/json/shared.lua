-- expect: timeout
-- Thirty tables that stand for a billion.
local t = { 'x' }
for i = 1, 30 do t = { t, t } end
json.encode(t)
