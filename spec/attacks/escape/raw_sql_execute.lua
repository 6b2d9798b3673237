-- expect: error db.raw
require('db').executeRaw('ATTACH DATABASE "x" AS y')
