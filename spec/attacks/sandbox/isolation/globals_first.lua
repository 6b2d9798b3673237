-- expect: ok
assert(rawget(_G, 'leak') == nil and string.leak == nil and require('json').leak == nil and table.leak == nil and math.leak == nil)
leak, string.leak, table.leak, math.leak, require('json').leak = 1, 1, 1, 1, 1
