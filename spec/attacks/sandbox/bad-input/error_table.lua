-- expect: error
error({ code = {}, message = {} })
