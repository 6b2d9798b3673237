local M = {}

function M.on_install(context)
  return { message = 'installed ' .. context.version, package = context.package }
end

function M.on_uninstall()
  return { message = 'gone' }
end

function M.init()
  return { name = 'kit_base', loaded = true }
end

return M
