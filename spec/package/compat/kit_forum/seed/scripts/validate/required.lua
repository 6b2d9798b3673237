return function(value)
  return value ~= nil and value ~= ""
end
