-- expect: error
error("\27[2Jgone\0\a")
