local json = require('json')
local list = require('list')

local people = {
  { name = 'Cleo', age = 30 },
  { name = 'Ann', age = 20 },
  { name = 'Ben', age = 30 },
}

describe('list', function()
  it('maps, filters and folds', function()
    expect(list.map({ 1, 2 }, function(n, index)
      return n * 10 + index
    end)).toEqual({ 11, 22 })
    expect(list.filter({ 1, 2, 3 }, function(n)
      return n % 2 == 1
    end)).toEqual({ 1, 3 })
    expect(list.reduce({ 1, 2, 3 }, 0, function(sum, n)
      return sum + n
    end)).toBe(6)
  end)

  it('finds', function()
    local found, index = list.find(people, function(person)
      return person.age == 30
    end)

    expect(found).toBe(people[1])
    expect(index).toBe(1)
    expect(list.indexOf({ 'a', 'b' }, 'b')).toBe(2)
    expect(list.contains({ 'a' }, 'b')).toBe(false)
  end)

  it('asks for one or for all', function()
    local function isFalse(value)
      return value == false
    end

    expect(list.any({ true, false }, isFalse)).toBe(true)
    expect(list.any({}, isFalse)).toBe(false)
    expect(list.all({ false }, isFalse)).toBe(true)
    expect(list.all({}, isFalse)).toBe(true)
  end)

  it('plucks, groups and keys by a field', function()
    expect(list.pluck(people, 'name')).toEqual({ 'Cleo', 'Ann', 'Ben' })
    expect(list.pluck(list.groupBy(people, 'age')[30], 'name')).toEqual({ 'Cleo', 'Ben' })
    expect(list.keyBy(people, 'name').Ben.age).toBe(30)
  end)

  it('sorts a copy and keeps the order of equals', function()
    expect(list.pluck(list.sorted(people, 'age'), 'name')).toEqual({ 'Ann', 'Cleo', 'Ben' })
    expect(list.pluck(list.sorted(people, 'age', true), 'name')).toEqual({ 'Cleo', 'Ben', 'Ann' })
    expect(list.sorted({ 3, 1, 2 })).toEqual({ 1, 2, 3 })
    expect(people[1].name).toBe('Cleo')
  end)

  it('cuts and joins', function()
    expect(list.slice({ 1, 2, 3 }, 2)).toEqual({ 2, 3 })
    expect(list.slice({ 1, 2, 3 }, 0, 9)).toEqual({ 1, 2, 3 })
    expect(list.slice({ 1 }, 5)).toEqual({})
    expect(list.concat({ 1 }, {}, { 2, 3 })).toEqual({ 1, 2, 3 })
    expect(list.unique({ 2, 1, 2 })).toEqual({ 2, 1 })
    expect(list.reversed({ 1, 2 })).toEqual({ 2, 1 })
    expect(list.push({ 1 }, 2, 3)).toEqual({ 1, 2, 3 })
  end)

  it('sorts the keys of a table', function()
    expect(list.keys({ b = 1, a = 2, 'first' })).toEqual({ 'a', 'b' })
  end)
end)

describe('list.page', function()
  it.each({
    { {}, 50, 0 },
    { { take = 10, skip = 5 }, 10, 5 },
    { { limit = 10, offset = 5 }, 10, 5 },
    { { take = 1000 }, 200, 0 },
    { { take = 0 }, 0, 0 },
    { { limit = 10, cursor = 'a' }, 10, 1 },
  })('adds the page of %s', function(page, take, skip)
    local args = list.page({ where = { a = 1 } }, page)
    expect(args.take).toBe(take)
    expect(args.skip).toBe(skip)
    expect(args.cursor).toEqual(page.cursor and { id = page.cursor })
    expect(args.where).toEqual({ a = 1 })
  end)

  it('adds its fields to others', function()
    expect(list.pageFields({ search = 'string?' })).toEqual({
      take = 'count?',
      limit = 'count?',
      skip = 'count?',
      offset = 'count?',
      cursor = 'id?',
      search = 'string?',
    })
  end)
end)

describe('a list that comes out', function()
  it.each({
    { 'map', { 1 }, function() end },
    { 'filter', { 1 }, function() end },
    { 'pluck', { { a = 1 } }, 'b' },
    { 'sorted', {} },
    { 'slice', { 1 }, 2 },
    { 'concat', {}, {} },
    { 'unique', {} },
    { 'reversed', {} },
    { 'keys', { 1 } },
  })('of %s is a list when it is empty, too', function(name, ...)
    expect(json.encode(list[name](...))).toBe('[]')
  end)
end)
