local json = require('json')
local ui = require('ui')

describe('ui', function()
  it('has a builder for each node type', function()
    for _, nodeType in ipairs(ui.types) do
      expect(ui[nodeType]('x')).toEqual({ type = nodeType, props = {}, children = { 'x' } })
    end
  end)

  it('takes names as props and the rest as children', function()
    expect(ui.Card({ gap = 2, 'a', ui.Text('b') })).toEqual({
      type = 'Card',
      props = { gap = 2 },
      children = { 'a', { type = 'Text', props = {}, children = { 'b' } } },
    })
    expect(ui.Input({ type = 'text' }).props).toEqual({ type = 'text' })
    expect(ui.Stack(ui.Text('a'), 'b').children).toHaveLength(2)
  end)

  it('flattens lists and leaves out what is not there', function()
    expect(ui.Stack({ 'a', nil, false, { 'b', { 3 } }, {} }).children).toEqual({ 'a', 'b', '3' })
  end)

  it('completes nodes as components.json has them', function()
    local node = ui.Stack({ { type = 'Card', children = { { type = 'Text', children = 'a' } } } })

    expect(node.children[1]).toMatchObject({ type = 'Card', props = {} })
    expect(ui.textOf(node)).toBe('a')
  end)

  it('refuses other children', function()
    for _, child in ipairs({ true, print }) do
      expect(function()
        ui.Stack({ child })
      end).toThrow('a child must be')
    end
    local cycle = {}
    cycle[1] = cycle
    expect(function()
      ui.Stack(cycle)
    end).toThrow('nested too deeply')
  end)

  it('keeps an empty list a list and empty props an object in JSON', function()
    expect(json.encode(ui.Divider())).toBe('{"children":[],"props":{},"type":"Divider"}')
  end)

  it('names a component', function()
    local node = ui.component('PostCard', { post = { id = 'p1' } })

    expect(node).toEqual({ type = 'PostCard', props = { post = { id = 'p1' } }, children = {} })
    expect(function()
      ui.component({})
    end).toThrow('name')
  end)

  it('names an operation with its arguments', function()
    expect(ui.action('a.b', 1, 'x')).toEqual({ operation = 'a.b', args = { 1, 'x' } })
  end)

  it('finds nodes', function()
    local tree = ui.Stack({ ui.Text('a'), ui.Box({ ui.Text('b') }) })

    expect(ui.find(tree, 'Box').type).toBe('Box')
    expect(ui.findAll(tree, 'Text')).toHaveLength(2)
    expect(ui.find(tree, 'Card')).toBeNil()
    expect(ui.textOf(tree)).toBe('a b')
  end)
end)
