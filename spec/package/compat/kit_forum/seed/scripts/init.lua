local M = {}

M.name = "kit_forum"
M.version = "2.1.0"

function M.on_install(context)
  return { message = "Forum installed", version = context.version, tenant = context.tenant }
end

function M.on_uninstall(context)
  return { message = "Forum removed" }
end

function M.init()
  log("forum is there")
  log.info("forum is there")
  return { name = M.name, version = M.version }
end

return M
