-- expect: ok
for _, library in ipairs({ string, table, math, os, utf8, coroutine, json, require('text'), require('list') }) do
  for key in next, library do
    library[key] = function() return 'hacked' end
  end
  library.hacked = true
end
