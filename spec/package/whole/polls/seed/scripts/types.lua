return require('types')
