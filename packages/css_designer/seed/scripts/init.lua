--- Themes: CSS variables and overrides, checked so that none can break out of its CSS. The
--- operations lie in `db/`.
---
--- Nothing needs to be prepared, so there are no lifecycle functions.
return {}
