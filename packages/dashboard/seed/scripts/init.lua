--- Dashboards: widgets on a grid, without overlaps. The operations lie in `db/`.
---
--- Nothing needs to be prepared, so there are no lifecycle functions.
return {}
