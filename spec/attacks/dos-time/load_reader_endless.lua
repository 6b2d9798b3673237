-- expect: timeout
load(function() return ' ' end)
