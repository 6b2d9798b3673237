-- expect: timeout
require('victim').apply(function() while true do end end)
