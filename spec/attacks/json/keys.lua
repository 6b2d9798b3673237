-- expect: error
return { [{}] = 1 }
