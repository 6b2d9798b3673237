-- expect: error fake
error({ kind = "known", code = "P2002", message = "fake", model = "Item", meta = { {} } })
