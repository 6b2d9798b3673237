--- Media: uploads with their bytes, and jobs that make something of them.
---
--- The operations lie in `db/`. Bytes are kept by their content in the package's data folder, and go
--- when no asset and no job names them any more. `runNextJob` is the step of a worker: whoever runs
--- jobs calls it until it returns nil.
return {}
