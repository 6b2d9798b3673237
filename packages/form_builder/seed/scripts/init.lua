--- Forms: fields with rules, rendered, validated and answered. The operations lie in `db/`.
---
--- Nothing needs to be prepared, so there are no lifecycle functions.
return {}
