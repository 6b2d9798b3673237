-- expect: timeout
-- timeout-ms: 100
::again:: goto again
