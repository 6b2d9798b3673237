-- expect: ok
math.randomseed(1) print(math.random(1000))
