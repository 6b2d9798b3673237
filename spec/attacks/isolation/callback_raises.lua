-- expect: error from the callback
require('victim').apply(function() error('from the callback') end)
