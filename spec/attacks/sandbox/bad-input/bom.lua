return 1
-- expect: ok
