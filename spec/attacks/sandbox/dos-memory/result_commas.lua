-- expect: ok
-- One value, whatever is in it.
return { text = (','):rep(1000000), quoted = ('"\\[,'):rep(100000) }
