-- expect: ok
return 1, 2, 3, print, nil
