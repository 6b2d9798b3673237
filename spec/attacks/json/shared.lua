-- expect: timeout|error
-- Thirty tables that stand for a billion: its time is over, or what its text may take, whichever comes first.
local t = { 'x' }
for i = 1, 30 do t = { t, t } end
json.encode(t)
