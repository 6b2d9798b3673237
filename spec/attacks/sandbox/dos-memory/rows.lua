-- expect: error|timeout|ok
-- timeout-ms: 100
for i = 1, 200 do local data = {} for j = 1, 500 do data[j] = { text = ('x'):rep(1000) } end db.note.createMany({ data = data }) end return #db.note.findMany({})
