-- expect: error more than 262144 values
-- Short as text, long where its host reads it.
local t = {}
for i = 1, 300000 do
  t[i] = 0
end
return t
