-- expect: error
return "\xff\xfe"
