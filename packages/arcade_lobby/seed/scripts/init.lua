--- The arcade: games, sessions and high scores. The operations lie in `db/`.
---
--- Nothing needs to be prepared, so there are no lifecycle functions.
return {}
