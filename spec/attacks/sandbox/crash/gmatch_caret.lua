-- expect: ok|error
for x in ('aaa'):gmatch('^a') do error('matched') end
