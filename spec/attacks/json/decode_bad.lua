-- expect: ok
for _, text in ipairs({ '', ' ', '{', '[', '"', '"\\', '"\\u', '"\\ud800"', 'nul', '-', '1e', '1.', '.5', '+1', '[1,]', '{"a"}', '{"a":1,}', '\0', '[1]x', 'NaN', 'Infinity', '\xff', '"\1"', '//', '1 2', '\xef\xbb\xbf1' }) do
  local value, message = json.decode(text)
  assert(value == nil and type(message) == 'string', text)
end
