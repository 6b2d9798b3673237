-- expect: timeout
while true do json.decode(json.encode({ 1, 2, { a = 'b' } })) end
