-- expect: error a table was raised
error({})
