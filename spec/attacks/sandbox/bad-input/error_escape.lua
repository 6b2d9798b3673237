-- expect: error
error('\27[2J\r\n\0')
