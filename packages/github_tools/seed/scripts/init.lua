--- Repositories and workflow runs, kept up to date by signed webhooks. The operations lie in `db/`.
---
--- Nothing needs to be prepared, so there are no lifecycle functions.
return {}
