local time = require('time')

describe('time', function()
  it('says instants as ISO text and back', function()
    expect(time.iso(0)).toBe('1970-01-01T00:00:00.000Z')
    expect(time.parse('1970-01-02T00:00:00+00:00')).toBe(time.day)
    expect(time.parse(time.iso(1234567890123))).toBe(1234567890123)
    expect(time.iso(5.0)).toBe('1970-01-01T00:00:00.005Z')
  end)

  it('needs a zone', function()
    local value, message = time.parse('2026-01-31T09:30:00')
    expect(value).toBeNil()
    expect(message).toContain('with a zone')
    expect(time.parse(nil)).toBeNil()
  end)

  it('knows the time', function()
    expect(math.type(time.now())).toBe('integer')
    expect(time.parse(time.iso())).toBeDefined()
  end)
end)

describe('the form of a text', function()
  it.each({
    { 'isDate', '2024-02-29' },
    { 'isTime', '00:00' },
    { 'isTime', '23:59:59' },
    { 'isDateTime', '2026-01-31T09:30' },
    { 'isDateTime', '2026-01-31T09:30:15' },
    { 'isDateTime', '2026-01-31T09:30:15.250+02:00' },
  })('%s takes %s', function(name, value)
    expect(time[name](value)).toBe(true)
  end)

  it.each({
    { 'isDate', '2026-02-30' },
    { 'isDate', '31.01.2026' },
    { 'isDate', '2026-1-31' },
    { 'isTime', '24:00' },
    { 'isTime', '09:60' },
    { 'isTime', '09:30:60' },
    { 'isTime', '9:30' },
    { 'isDateTime', '2026-01-31' },
    { 'isDateTime', '2026-02-30T09:30' },
    { 'isDateTime', '2026-01-31T25:00' },
    { 'isDateTime', '2026-01-31 09:30' },
    { 'isDateTime', '' },
  })('%s refuses "%s"', function(name, value)
    expect(time[name](value)).toBe(false)
  end)
end)
