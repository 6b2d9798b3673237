--- Guides: Markdown, step by step. The operations lie in `db/`.
---
--- Nothing needs to be prepared, so there are no lifecycle functions.
return {}
