local limits = json.load("validate/limits.json")
limits.first = unpack({ limits.title })
limits.chunk = loadstring("return 1 + 1")()
return limits
