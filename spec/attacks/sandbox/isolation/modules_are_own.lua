-- expect: ok
for _, name in ipairs({ 'check', 'id', 'json', 'list', 'text', 'time' }) do local module = require(name) assert(module == require(name) and module.leak == nil) pcall(function() module.leak = 1 end) end
