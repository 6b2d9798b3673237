--- The types of nodes: what each is told, and the ways that lead out of it.
local M = {}

---@class workflow_editor.NodeType
---@field config table<string, string> what it is told, as `check.fields` takes it
---@field branches? string[] the ways out; one without a name, if left out
---@field cases? boolean whether each of its `cases` is a way out, too
---@field fails? boolean whether it may fail, and so have the way out `error`
---@field ends? boolean whether nothing may follow it

--- The types by their names.
---@type table<string, workflow_editor.NodeType>
M.byName = {
  -- Where a run begins, with its input.
  trigger = { config = {} },
  -- Calls a package's operation.
  action = { config = { operation = 'id', args = 'array?' }, fails = true },
  -- Goes on by `true` or `false`, as an expression tells.
  condition = { config = { expression = 'text' }, branches = { 'true', 'false' }, fails = true },
  -- Goes on by the case that an expression gives, else by `default`.
  switch = {
    config = { expression = 'text', cases = 'array' },
    branches = { 'default' },
    cases = true,
    fails = true,
  },
  -- Makes another value of its input.
  transform = { config = { expression = 'text' }, fails = true },
  -- Goes by `body` for each item of a list, then by `done` with what came back.
  loop = { config = { items = 'any?' }, branches = { 'body', 'done' }, fails = true },
  -- Waits.
  delay = { config = { ms = 'count' } },
  -- Waits for all that lead to it, and goes on with a list of what they brought.
  join = { config = {} },
  -- Ends the run with an error.
  fail = { config = { message = 'text', code = 'id?' }, ends = true },
}

--- Returns the names of the types, in alphabetical order.
---@return string[]
function M.names()
  local names = {}
  for name in pairs(M.byName) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- Returns the ways out of a node, by their names; `''` is the one without a name.
---@param node workflow_editor.Node
---@return table<string, boolean>
function M.branches(node)
  local known = M.byName[node.type]
  local branches = {}
  for _, name in ipairs(known.branches or (known.ends and {} or { '' })) do
    branches[name] = true
  end
  if known.cases then
    for _, case in ipairs(type(node.config) == 'table' and node.config.cases or {}) do
      branches[tostring(case)] = true
    end
  end
  if known.fails then
    branches.error = true
  end
  return branches
end

return M
