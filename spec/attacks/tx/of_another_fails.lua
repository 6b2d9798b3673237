-- expect: error x
-- items: 1
require('victim').inside(function() error('x') end)
