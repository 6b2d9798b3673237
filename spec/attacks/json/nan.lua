-- expect: error
return { 0 / 0 }
