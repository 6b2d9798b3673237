-- expect: timeout
table.concat(setmetatable({}, {
  __len = function() return 1 << 22 end,
  __index = function()
    for _ = 1, 1000 do end
    return ''
  end,
}))
