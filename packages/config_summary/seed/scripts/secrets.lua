--- Which keys look like secrets, and what is shown in the place of their values.
local list = require('list')

local M = {}

--- What is shown for a secret: always the same, so that it tells not even a length.
M.mask = '********'

-- Parts of a key, written without separators, that make it a secret.
local parts = {
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'credential',
  'apikey',
  'privatekey',
  'accesskey',
  'signingkey',
  'encryptionkey',
  'masterkey',
  'authorization',
  'connectionstring',
}

-- Words that make a key a secret only where they stand alone.
---@type table<string, string?>
local words = list.keyBy(
  { 'auth', 'bearer', 'cookie', 'dsn', 'jwt', 'key', 'otp', 'pass', 'pin', 'pwd', 'salt' },
  function(word)
    return word
  end
)

--- Tells whether a key looks like that of a secret: `smtp.password`, `API_KEY`, `webhookSecret`.
---@param key string
---@return boolean
function M.isSecret(key)
  local plain = key:lower():gsub('[^%w]', '')
  local one = list.any(parts, function(part)
    return plain:find(part, 1, true)
  end)
  if one then
    return true
  end
  -- `dbPwd` and `db_pwd` are two words each.
  for word in key:gsub('(%l)(%u)', '%1 %2'):lower():gmatch('%w+') do
    if words[word] then
      return true
    end
  end
  return false
end

-- The password in an address: `postgres://ann:pw@host`.
local function withoutPassword(value)
  return (value:gsub('(%a[%w+.%-]*://[^%s/:@]*):[^%s/@]+@', '%1:' .. M.mask .. '@'))
end

--- Returns what may be shown of a value, and whether anything of it was masked. What is not a
--- secret itself may have some inside.
---@param key string
---@param value any
---@return any shown
---@return boolean masked
function M.shown(key, value)
  if M.isSecret(key) and value ~= '' then
    return M.mask, true
  elseif type(value) == 'string' then
    local shown = withoutPassword(value)
    return shown, shown ~= value
  elseif type(value) ~= 'table' then
    return value, false
  end
  local shown, masked = {}, false
  for name, inner in pairs(value) do
    local innerMasked
    shown[name], innerMasked = M.shown(tostring(name), inner)
    masked = masked or innerMasked
  end
  return shown, masked
end

return M
