--- Settings of the instance (SystemConfig) and values of tenants (KeyValue), both models of the
--- runtime's. The operations lie in `db/`.
---
--- Nothing needs to be prepared, so there are no lifecycle functions.
return {}
