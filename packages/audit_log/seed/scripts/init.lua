--- The audit log: who changed what, when, with the values before and after.
---
--- Its operations lie in `db/`. Nothing needs to be prepared, so there are no lifecycle functions.
return {}
