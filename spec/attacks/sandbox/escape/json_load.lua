-- expect: ok
-- never: root:
local json = require('json') assert(not pcall(json.load, '/etc/passwd') and not pcall(json.load, '../../x.json') and not pcall(json.load, 'metadata.json'))
