-- expect: timeout
while true do pcall(require, 'log') end
