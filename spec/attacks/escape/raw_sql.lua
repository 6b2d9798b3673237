-- expect: error db.raw
require('db').queryRaw('SELECT 1')
