--- The environment of untrusted code.
local native, inside = ...

local packages, standard, loadOf, print =
  inside.packages, inside.standard, inside.loadOf, inside.print
local tostring = native.tostring
local format = string.format

local M = {}

-- The standard modules that untrusted code may require.
local harmless = { check = true, id = true, json = true, list = true, text = true, time = true }

--- Leaves only the globals with these names, such as `math` or `math.floor`; returns nil and a message when there is none of a name.
local function restricted(environment, names)
  local left = {}
  for _, name in ipairs(names) do
    local library, member = name:match('^([^.]*)%.(.+)$')
    local value = environment[library or name]
    if library then
      value = type(value) == 'table' and value[member] or nil
    end
    if value == nil then
      return nil, format('`globals` names `%s`, and there is no such global', name)
    elseif name == '_G' then
      left._G = left
    elseif library then
      left[library] = left[library] or {}
      left[library][member] = value
    else
      left[name] = value
    end
  end
  return left
end

--- Makes the environment of untrusted code: what of Lua stays inside, or of that only what `names` has, and what it is given.
function M.environment(hasDatabase, names, args, isObject)
  local package = packages[0]
  local environment = native.copy(inside.library)
  environment._G = environment
  environment.os, environment.unpack = nil, nil
  local randomseed = math.randomseed
  environment.math.randomseed = function(...)
    if select('#', ...) == 0 then
      randomseed(native.seed())
    else
      randomseed(...)
    end
  end
  environment.load = loadOf(environment)
  environment.print = print
  environment.collectgarbage = package.environment.collectgarbage
  environment.require = function(name)
    if name == 'db' and not hasDatabase then
      error('module `db` is not granted to this script', 2)
    elseif name == 'db' or harmless[name] then
      return standard(package, name)
    end
    error(
      format(
        'module `%s` not found: there are check, db where it is granted, id, json, list, text and time',
        tostring(name)
      ),
      2
    )
  end
  environment.json = standard(package, 'json')
  environment.db = hasDatabase and standard(package, 'db') or nil
  if names then
    local left, message = restricted(environment, names)
    if not left then
      return nil, message
    end
    environment = left
  end
  -- What is compiled at run time sees what this code sees.
  if environment.load then
    environment.load = loadOf(environment)
  end
  environment.args = args
  if isObject then
    local null = standard(package, 'json').null
    for name, value in next, args do
      if value ~= null then
        environment[name] = value
      end
    end
  end
  return environment
end

return M
