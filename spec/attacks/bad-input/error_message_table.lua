-- expect: error
error({ message = {}, code = {}, file = {}, line = {} })
