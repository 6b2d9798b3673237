--- What specs see besides their package: words as globals, and cases out of JSON files, as existing packages have them.
local native, inside = ...

local packages, standard, loadOf = inside.packages, inside.standard, inside.loadOf
local find, format = string.find, string.format

local M = {}

--- Makes nil of null in what was read from JSON: specs of existing packages know no other null.
local function withoutNulls(value, null)
  if type(value) ~= 'table' then
    if rawequal(value, null) then
      return nil
    end
    return value
  end
  for key, item in next, value do
    value[key] = withoutNulls(item, null)
  end
  return value
end

--- Reads the JSON file that a module name means: `tests.x.cases` is tests/x.cases.json.
function M.data(package, name)
  if not find(name, '^[%w_%-%./]+$') then
    return false
  end
  local path = name
  while true do
    local text = native.read(package.index, path .. '.json')
    if text then
      local json = standard(package, 'json')
      return true, withoutNulls(assert(json.decode(text)), json.null)
    end
    local shorter, replaced = path:gsub('^([^%.]*)%.', '%1/')
    if replaced == 0 then
      return false
    end
    path = shorter
  end
end

--- Returns an environment for a spec file of package `index`: the package's own, with more globals.
function M.child(index, globals)
  local environment = packages[index].environment
  local child = {}
  for name, value in next, environment do
    child[name] = value
  end
  for name, value in next, globals do
    child[name] = value
  end
  child._G = child
  -- Specs of existing packages take the words from modules, and their cases from JSON files.
  local require, words = environment.require, globals
  child.require = function(name)
    if name == 'lua_test' then
      return words
    end
    local word = type(name) == 'string' and name:match('^lua_test%.([%w_]+)$')
    if word then
      return words[word]
        or error(format('module `%s` not found: specs have no `%s`', name, word), 2)
    end
    return require(name)
  end
  child.load_cases = function(path)
    -- Paths from the spec's own folder lead to the same files.
    path = type(path) == 'string' and path:gsub('^[%./]+', '') or path
    return withoutNulls(environment.json.load(path), environment.json.null)
  end
  child.loadCases = child.load_cases
  local load = loadOf(child)
  child.load, child.loadstring = load, load
  return setmetatable(child, { __index = environment })
end

--- Calls what a spec file of existing packages returned with the words of specs.
function M.defineTests(module, globals)
  if type(module) == 'function' then
    module(globals, globals.assertions, globals.mock)
  elseif type(module) == 'table' and type(module.defineTests) == 'function' then
    module.defineTests(
      globals,
      setmetatable({}, {
        __index = function(_, key)
          -- `assertions.expect` as well as `assertions.is_true`.
          local word = globals[key]
          if word == nil then
            word = globals.assert[key]
          end
          return word
        end,
      }),
      globals.mock
    )
  end
end

return M
