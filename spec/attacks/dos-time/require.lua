-- expect: timeout
while true do pcall(require, "nothing") end
