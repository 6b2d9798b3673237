-- expect: error
-- Nothing in it, so that it costs no memory: only time, in C.
table.move({}, 1, 1 << 60, 2)
