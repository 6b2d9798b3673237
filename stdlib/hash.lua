--- Digests, and signatures that a shared secret makes.
---
---     local hash = require('hash')
---     local expected = 'sha256=' .. hash.hmacSha256(secret, body)
---     if not hash.equal(expected, signature) then
---       error(check.fault('forbidden', 'the signature does not fit'))
---     end
local native = ...

---@class hash
local M = {}

local function demand(value, name, operation)
  if type(value) ~= 'string' then
    error(('hash.%s: `%s` must be a string, found a %s'):format(operation, name, type(value)), 3)
  end
end

--- Returns the SHA-256 of a text's bytes as 64 hexadecimal digits in lower case.
---@param data string
---@return string
function M.sha256(data)
  demand(data, 'data', 'sha256')
  return native.sha256(data)
end

--- Returns the HMAC of a text's bytes with SHA-256 as 64 hexadecimal digits in lower case.
---@param key string the secret, of any length
---@param data string
---@return string
function M.hmacSha256(key, data)
  demand(key, 'key', 'hmacSha256')
  demand(data, 'data', 'hmacSha256')
  return native.hmacSha256(key, data)
end

--- Tells whether two texts are the same, in a time that tells nothing of where they differ.
---
--- What is no string is equal to nothing.
---@param one any
---@param other any
---@return boolean
function M.equal(one, other)
  return type(one) == 'string' and type(other) == 'string' and native.equal(one, other)
end

return M
