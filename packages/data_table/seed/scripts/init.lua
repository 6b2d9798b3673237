--- Tables that tenants define themselves: schemas, and records that fit them. The operations lie in
--- `db/`.
---
--- Nothing needs to be prepared, so there are no lifecycle functions.
return {}
