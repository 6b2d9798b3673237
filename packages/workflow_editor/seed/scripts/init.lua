--- Workflows: graphs of nodes that are checked before they are stored, and run with a trace.
---
--- The operations lie in `db/`, what a node may be in `node_types.lua`, what makes a graph whole in
--- `graph.lua`, and how one is run in `run.lua`.
return {}
