-- expect: timeout|error
-- timeout-ms: 100
load(function() return " " end)
