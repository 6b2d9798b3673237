--- What the host runs first in a new state: the environments of packages, `require`, and the protected call.
---
--- No script reaches this file's environment, which is Lua's own, with the host's functions in the places of some of `coroutine`,
--- `string` and `table`. `native` gives: `resolve`, `compile`, `standard`, `part`, `read`, `print`, `handler`, `load`, `copy`,
--- `metatable` and `setmetatable` (raw), `guarded` (without `__gc`), `isMarker`, `stopped`; for untrusted code `tostring`, `format`, `seed`.
local native = ...

local error, find, format, next, pcall, rawget, select, setmetatable, type, xpcall =
  error, string.find, string.format, next, pcall, rawget, select, setmetatable, type, xpcall
local concat, collectgarbage = table.concat, collectgarbage
-- Untrusted code sees no addresses.
local tostring = native.tostring or tostring

local M = {}

--- The packages, by their number.
---@type table<integer, table>
local packages = {}

string.dump = nil
if native.format then
  string.format = native.format
end

-- Every string of the state has this one metatable. It cannot be reached, and its `__index` is nobody's `string`.
getmetatable('').__metatable = false

-- A handler runs where the time limit does not reach; a script that is being stopped gets no more turns in one.
local function protectedCall(f, handler, ...)
  return xpcall(f, function(problem)
    if native.stopped() then
      return problem
    end
    return handler(problem)
  end, ...)
end

-- What a script may use of Lua itself. Each package gets a copy, with copies of the libraries in it. The standard library's files share
-- this one, which none of them hands out.
local library = {
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
  coroutine = coroutine,
  math = math,
  os = { time = os.time, date = os.date, clock = os.clock, difftime = os.difftime },
  string = string,
  table = table,
  utf8 = utf8,
  unpack = table.unpack,
}

-- Compiled once: what makes a module keeps nothing between two packages.
local chunks = {}

--- Returns the standard module `name` of a package, made on first use: each package has its own.
local function standard(package, name)
  local module = package.standard[name]
  if module == nil then
    local chunk, argument = native.standard(name, package.index, library, chunks[name])
    chunks[name] = chunk
    module = chunk(argument, function(other)
      return standard(package, other)
    end)
    package.standard[name] = module
  end
  return module
end

-- What few states need of this file's own lies in files of its own, each of which makes a table of functions.
local parts = {}
local inside = { library = library, packages = packages, standard = standard }

--- Returns such a table, made on first use.
function M.part(name)
  local part = parts[name]
  if not part then
    local chunk, argument = native.part(name)
    part = chunk(argument or native, inside)
    parts[name] = part
  end
  return part
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
    local found, value = M.part('specs').data(package, name)
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

inside.loadOf = loadOf

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
      return M.part('reader').open(text)
    end,
    type = function(file)
      local known = type(file) == 'table' and rawget(file, 'text') and rawget(file, 'at')
      return known and (file.closed and 'closed file' or 'file') or nil
    end,
  }
end

local function print(...)
  local words = table.pack(...)
  for number = 1, words.n do
    words[number] = tostring(words[number])
  end
  native.print(concat(words, '\t', 1, words.n) .. '\n')
end

inside.print = print

--- Makes the environment of package `index`.
function M.package(index)
  local environment = native.copy(library)
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

--- Returns an operation that refuses arguments that do not fit its annotations.
function M.guard(name, body, parameters)
  return M.part('border').guard(name, body, parameters)
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

return M
