-- expect: timeout
for _ in ('x'):gmatch('') do while true do end end
