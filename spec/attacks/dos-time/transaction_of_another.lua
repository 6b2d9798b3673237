-- expect: timeout
require('victim').inside(function() while true do end end)
