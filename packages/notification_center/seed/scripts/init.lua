--- Notifications for each user: unread, read and expiring.
---
--- Its operations lie in `db/`. They act in the caller's tenant: a notification of another one is
--- not found. Nothing needs to be prepared, so there are no lifecycle functions.
return {}
