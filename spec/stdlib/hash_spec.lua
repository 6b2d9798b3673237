local hash = require('hash')

describe('hash.sha256', function()
  it.each({
    { '', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' },
    { 'abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' },
  })('of "%s" is as FIPS 180 has it', function(data, digest)
    expect(hash.sha256(data)).toBe(digest)
  end)

  it('takes any bytes', function()
    expect(hash.sha256('\0\255')).toBe(
      '06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8'
    )
    expect(#hash.sha256(('x'):rep(1000000))).toBe(64)
  end)

  it.each({ { nil }, { 7 }, { {} } })('refuses %s', function(value)
    expect(function()
      hash.sha256(value)
    end).toThrow('hash.sha256: `data` must be a string')
  end)
end)

describe('hash.hmacSha256', function()
  it.each({
    {
      ('\11'):rep(20),
      'Hi There',
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    },
    {
      'Jefe',
      'what do ya want for nothing?',
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    },
    {
      ('\170'):rep(131),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    },
  })('signs as RFC 4231 has it', function(key, data, digest)
    expect(hash.hmacSha256(key, data)).toBe(digest)
  end)

  it('signs as GitHub does', function()
    expect(hash.hmacSha256("It's a Secret to Everybody", 'Hello, World!')).toBe(
      '757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17'
    )
  end)
end)

describe('hash.equal', function()
  it.each({
    { 'a', 'a', true },
    { '', '', true },
    { 'a', 'b', false },
    { 'a', 'ab', false },
    { nil, nil, false },
    { 1, 1, false },
  })('of %s and %s is %s', function(one, other, equal)
    expect(hash.equal(one, other)).toBe(equal)
  end)
end)
