--- What the host runs first in a new state: the environments of packages, `require`, and the protected call.
---
--- No script reaches this file's environment. `native` gives: `resolve`, `compile`, `standard`, `read`,
--- `print`, `handler`, `load`, `metatable` and `setmetatable` (raw), `guarded` (without `__gc`), `isMarker`, `stopped`, `coroutine`, `string`, `table`.
local native = ...

local assert, error, getmetatable, ipairs, next, pairs, pcall, rawequal, rawget, rawlen, rawset, select, setmetatable =
  assert,
  error,
  getmetatable,
  ipairs,
  next,
  pairs,
  pcall,
  rawequal,
  rawget,
  rawlen,
  rawset,
  select,
  setmetatable
local tonumber, type, xpcall, collectgarbage = tonumber, type, xpcall, collectgarbage
-- Untrusted code sees no addresses.
local tostring = native.tostring or tostring
local concat, pack, find, format = table.concat, table.pack, string.find, string.format

local M = {}

--- The packages, by their number.
---@type table<integer, table>
local packages = {}

local function copyOf(library)
  local copy = {}
  for name, value in next, library do
    copy[name] = value
  end
  return copy
end

local function replaced(library, replacements)
  local copy = copyOf(library)
  for name, replacement in next, replacements do
    copy[name] = replacement
  end
  return copy
end

-- Lua's own do not tell which coroutine runs, which the limits have to know.
local coroutines = replaced(coroutine, native.coroutine)
-- Lua's own run in C for as long as they are told to, where the time limit does not reach.
local tables = replaced(table, native.table)
local strings = replaced(string, native.string)
strings.dump = nil
if native.format then
  strings.format = native.format
end

-- Every string of the state has this one metatable. It cannot be reached, and its `__index` is nobody's `string`.
local stringMetatable = getmetatable('')
stringMetatable.__metatable = false
stringMetatable.__index = copyOf(strings)

-- A handler runs where the time limit does not reach; a script that is being stopped gets no more turns in one.
local function protectedCall(f, handler, ...)
  return xpcall(f, function(problem)
    if native.stopped() then
      return problem
    end
    return handler(problem)
  end, ...)
end

--- Returns a table with private copies of all that a script may use of Lua itself.
local function library()
  return {
    assert = assert,
    error = error,
    getmetatable = getmetatable,
    ipairs = ipairs,
    next = next,
    pairs = pairs,
    pcall = pcall,
    rawequal = rawequal,
    rawget = rawget,
    rawlen = rawlen,
    rawset = rawset,
    select = select,
    setmetatable = native.guarded,
    tonumber = tonumber,
    tostring = tostring,
    type = type,
    xpcall = protectedCall,
    _VERSION = _VERSION,
    coroutine = copyOf(coroutines),
    math = copyOf(math),
    os = { time = os.time, date = os.date, clock = os.clock, difftime = os.difftime },
    string = copyOf(strings),
    table = copyOf(tables),
    utf8 = copyOf(utf8),
    unpack = tables.unpack,
  }
end

-- The standard library's files share one environment, which none of them hands out.
local standardEnvironment = library()

-- Compiled once: what makes a module keeps nothing between two packages.
local chunks = {}

--- Returns the standard module `name` of a package, made on first use: each package has its own.
local function standard(package, name)
  local module = package.standard[name]
  if module == nil then
    local chunk, argument = native.standard(name, package.index, standardEnvironment, chunks[name])
    chunks[name] = chunk
    module = chunk(argument, function(other)
      return standard(package, other)
    end)
    package.standard[name] = module
  end
  return module
end

--- Copies a table with all the tables in it, so that what one package does to it is not seen by another.
local function separate(value, copies)
  if type(value) ~= 'table' then
    return value
  elseif copies[value] then
    return copies[value]
  end
  local copy = {}
  copies[value] = copy
  for key, item in next, value do
    copy[separate(key, copies)] = separate(item, copies)
  end
  local metatable = native.metatable(value)
  if metatable then
    native.setmetatable(copy, native.isMarker(value) and metatable or separate(metatable, copies))
  end
  return copy
end

local closeModule = {
  __close = function(module, fault)
    local loading = module.package.loading
    loading[#loading] = nil
    module.loading = false
    if fault ~= nil then
      module.fault = fault
    end
  end,
}

local function run(module, chunk, ...)
  local guard <close> = module
  local loading = module.package.loading
  loading[#loading + 1] = module.path
  module.loading = true
  return chunk(...)
end

--- Returns what a script of a package returned; runs it the first time. `true` stands for a script that returns nothing.
local function script(package, path, name)
  local module = package.modules[path]
  if not module then
    module = setmetatable({ package = package, path = path }, closeModule)
    local chunk, message = package.compiled[path], nil
    package.compiled[path] = nil
    if not chunk then
      chunk, message = native.compile(package.index, path, package.environment)
    end
    if not chunk then
      package.modules[path] = module
      module.fault = message
      error(message, 0)
    end
    package.modules[path] = module
    local value = run(module, chunk, name, path)
    if value == nil then
      module.empty = true
      value = true
    end
    module.value = value
  elseif module.loading then
    error(format('`%s` requires itself: %s > %s', name, concat(package.loading, ' > '), path), 3)
  elseif module.fault ~= nil then
    error(module.fault, 0)
  end
  return module.value
end

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
local function data(package, name)
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

local function requireOf(package)
  local others = {}

  local function foreign(key, value)
    if others[key] == nil then
      others[key] = separate(value, {})
    end
    return others[key]
  end

  return function(name)
    if type(name) ~= 'string' then
      error(format("bad argument #1 to 'require' (string expected, got %s)", type(name)), 2)
    end
    local kind, owner, path = native.resolve(package.index, name, package.loading[#package.loading])
    if kind == 'standard' then
      return standard(package, name)
    elseif kind == 'script' and owner == package.index then
      return script(package, path, name)
    elseif kind == 'script' then
      return foreign(owner .. ':' .. path, script(packages[owner], path, name))
    elseif kind == 'face' then
      local other = packages[owner]
      if not other.face then
        error(
          format('package `%s` is not loaded: its own scripts failed, or are still being run', name),
          2
        )
      end
      -- Its own face a package has as it is: its specs see what its callers see.
      return owner == package.index and other.face or foreign(owner, other.face)
    end
    local found, value = data(package, name)
    if found then
      return value
    end
    error(owner, 2)
  end
end

local function loadOf(environment)
  return function(chunk, name, mode, ...)
    local kind = type(chunk)
    if kind == 'function' then
      local pieces = {}
      repeat
        local piece = chunk()
        if piece ~= nil and type(piece) ~= 'string' then
          return nil, 'reader function must return a string'
        end
        pieces[#pieces + 1] = piece
      until piece == nil or piece == ''
      chunk = concat(pieces)
    elseif kind ~= 'string' then
      error(format("bad argument #1 to 'load' (string expected, got %s)", kind), 2)
    end
    if mode ~= nil and (type(mode) ~= 'string' or not find(mode, 't', 1, true)) then
      return nil, format("attempt to load a text chunk (mode is '%s')", tostring(mode))
    end
    local target = environment
    if select('#', ...) > 0 then
      target = (...)
    end
    return native.load(chunk, name or '=(load)', target)
  end
end

local readers = {}

--- Reads one item from a file's text as Lua's own `file:read` does.
local function readItem(file, what)
  local text, at = file.text, file.at
  if type(what) == 'number' then
    if at > #text and what > 0 then
      return nil
    end
    file.at = math.min(at + what, #text + 1)
    return text:sub(at, file.at - 1)
  end
  what = what:gsub('^%*', ''):sub(1, 1)
  if what == 'a' then
    file.at = #text + 1
    return text:sub(at)
  elseif what == 'l' or what == 'L' then
    if at > #text then
      return nil
    end
    local stop = text:find('\n', at, true)
    file.at = (stop or #text) + 1
    return text:sub(at, stop and (what == 'L' and stop or stop - 1) or #text)
  elseif what == 'n' then
    local first, last = text:find('^%s*[%w%.%+%-]+', at)
    file.at = (last or at - 1) + 1
    return first and tonumber(text:sub(first, last)) or nil
  end
  error("bad argument to 'read' (invalid format)", 3)
end

function readers:read(...)
  if self.closed then
    error('attempt to use a closed file', 2)
  end
  local results, count = {}, math.max(select('#', ...), 1)
  for number = 1, count do
    results[number] = readItem(self, (select(number, ...)) or 'l')
    if results[number] == nil then
      break
    end
  end
  return table.unpack(results, 1, count)
end

function readers:lines(what)
  return function()
    return self:read(what or 'l')
  end
end

function readers:close()
  self.closed = true
  return true
end

function readers:seek(from, offset)
  local base = from == 'set' and 1 or from == 'end' and #self.text + 1 or self.at
  self.at = math.max(1, math.min(base + (offset or 0), #self.text + 1))
  return self.at - 1
end

local function ioOf(package)
  return {
    open = function(path, mode)
      if mode ~= nil and mode ~= 'r' and mode ~= 'rb' then
        return nil, tostring(path) .. ': files are read-only here', 13
      end
      local text, message = native.read(package.index, path)
      if not text then
        return nil, message, 2
      end
      return setmetatable(
        { text = text, at = 1 },
        { __index = readers, __name = 'FILE*', __metatable = false }
      )
    end,
    type = function(file)
      local known = type(file) == 'table' and rawget(file, 'text') and rawget(file, 'at')
      return known and (file.closed and 'closed file' or 'file') or nil
    end,
  }
end

local function print(...)
  local words = pack(...)
  for number = 1, words.n do
    words[number] = tostring(words[number])
  end
  native.print(concat(words, '\t', 1, words.n) .. '\n')
end

--- Makes the environment of package `index`.
function M.package(index)
  local environment = library()
  local package = {
    index = index,
    environment = environment,
    standard = {},
    modules = {},
    compiled = {},
    loading = {},
  }
  packages[index] = package
  local load = loadOf(environment)
  environment._G = environment
  environment.print = print
  environment.load = load
  environment.loadstring = load
  environment.io = ioOf(package)
  environment.require = requireOf(package)
  environment.collectgarbage = function(what)
    what = what or 'collect'
    if what ~= 'count' and what ~= 'collect' and what ~= 'step' then
      error(
        format(
          "bad argument #1 to 'collectgarbage' (only 'count', 'collect' and 'step' are there, got '%s')",
          tostring(what)
        ),
        2
      )
    end
    return collectgarbage(what)
  end
  environment.json = standard(package, 'json')
  environment.log = standard(package, 'log')
  return package
end

--- Returns the environment of package `index`.
function M.environment(index)
  return packages[index].environment
end

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
function M.untrusted(hasDatabase, names, args, isObject)
  local package = packages[0]
  local environment = library()
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

--- Runs a script of package `index`; returns its value, and whether it returned nothing.
function M.script(index, path)
  local package = packages[index]
  local value = script(package, path, path)
  return value, package.modules[path].empty or false
end

--- Marks a script that failed, so that whoever requires it gets its fault.
function M.quarantine(index, path, fault)
  local package = packages[index]
  package.modules[path] =
    setmetatable({ package = package, path = path, fault = fault }, closeModule)
end

-- Checks arguments where a call comes in from outside; made for the first operation that says what it takes.
local border

--- Returns an operation that refuses arguments that do not fit its annotations.
function M.guard(name, body, parameters)
  border = border or native.border(standard(packages[0], 'check'))
  return border.guard(name, body, parameters)
end

--- Keeps what a script of package `index` was compiled to, until it runs.
function M.keep(index, path, chunk)
  packages[index].compiled[path] = chunk
end

--- Sets what other packages get.
function M.setFace(index, face)
  packages[index].face = face
end

--- Returns a standard module of package `index`.
function M.standard(index, name)
  return standard(packages[index], name)
end

-- What an error says of itself is asked for here, where the limits still hold.
local function outcome(ok, ...)
  if ok then
    return ok, ...
  end
  local problem = (...)
  if type(problem) == 'table' and type(rawget(problem, 'message')) ~= 'string' then
    local metatable = native.metatable(problem)
    local printer = metatable and rawget(metatable, '__tostring')
    if type(printer) == 'function' then
      local printed, text = pcall(printer, problem)
      return ok, problem, printed and text or nil
    end
  end
  return ok, problem
end

--- Calls `f`; returns whether it went well, then its results, or the error and what it says of itself.
function M.protect(f, ...)
  return outcome(xpcall(f, native.handler, ...))
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
