-- expect: ok|error
local json = require('json')
assert(not pcall(json.decode, nil) or json.decode(nil) == nil) assert(not pcall(json.encode))
