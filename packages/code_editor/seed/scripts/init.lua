--- Lua scripts that people write: every version is kept, and a run is locked into the sandbox.
---
--- The operations lie in `db/`.
return {}
