-- expect: error function
return { f = print }
