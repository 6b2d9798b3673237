-- expect: timeout|ok|error
-- timeout-ms: 100
for _ in ('a'):rep(60):gmatch(('a?'):rep(60) .. ('a'):rep(60) .. 'b') do end
