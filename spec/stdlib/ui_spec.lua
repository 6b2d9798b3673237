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

describe('ui.html', function()
  it('writes a tree', function()
    local node = ui.Card({
      className = 'wide',
      ui.Heading({ level = 1, 'Title' }),
      ui.Link({ page = 'ThreadView', params = { threadId = 't1' }, 'Open' }),
      ui.Button({ onClick = ui.action('forum_forge.likePost', 'p1'), 'Like' }),
    })

    expect(ui.html(node)).toBe(
      '<div class="ui-card wide"><h1 class="ui-heading">Title</h1>'
        .. '<a class="ui-link" data-params="{&quot;threadId&quot;:&quot;t1&quot;}" data-page="ThreadView">Open</a>'
        .. '<button class="ui-button" type="button"'
        .. ' data-onclick="{&quot;args&quot;:[&quot;p1&quot;],&quot;operation&quot;:&quot;forum_forge.likePost&quot;}"'
        .. '>Like</button></div>'
    )
  end)

  it('writes the controls of a form', function()
    local node = ui.Form({
      ui.Input({ name = 'a', type = 'number', label = 'A', value = 1, min = 0, required = true }),
      ui.Textarea({ name = 'b', value = '\nb</textarea>' }),
      ui.Checkbox({ name = 'c', checked = true }),
      ui.Select({ name = 'd', ui.Option({ value = 1, selected = true, 'One' }) }),
    })

    expect(ui.html(node)).toBe(
      '<form class="ui-form"><span class="ui-label">A</span>'
        .. '<input class="ui-input" name="a" value="1" min="0" required aria-label="A" type="number">'
        .. '<textarea class="ui-textarea" name="b">\n\nb&lt;/textarea&gt;</textarea>'
        .. '<input class="ui-checkbox" name="c" checked type="checkbox">'
        .. '<select class="ui-select" name="d"><option class="ui-option" value="1" selected>One</option></select></form>'
    )
  end)

  it('writes tables and Markdown', function()
    local rows = { { cells = { 1, '<b>' } }, { cells = {} } }
    expect(ui.html(ui.Table({ columns = { 'A', 'B' }, rows = rows }))).toBe(
      '<table class="ui-table"><thead><tr><th>A</th><th>B</th></tr></thead>'
        .. '<tbody><tr><td>1</td><td>&lt;b&gt;</td></tr><tr></tr></tbody></table>'
    )
    local html = ui.html(ui.Markdown('**bold** <script>alert(1)</script>'))
    expect(html).toContain('<strong>bold</strong>')
    expect(html).never.toContain('<script')
  end)

  it.each({
    { '<b>&"\'', '&lt;b&gt;&amp;&quot;&#39;' },
    { 'a\0b\27c', 'abc' },
    { 'ä\xffb', '\u{FFFD}\u{FFFD}\u{FFFD}b' },
    { '\u{202E}x', '\u{202E}x' },
  })('writes the text %s', function(text, html)
    expect(ui.html(text)).toBe(html)
  end)

  it.each({
    { 'javascript:alert(1)' },
    { ' JavaScript:alert(1)' },
    { 'java\nscript:alert(1)' },
    { 'data:text/html,x' },
    { 'vbscript:x' },
  })('leads nowhere by %s', function(address)
    expect(ui.html(ui.Link({ href = address, 'x' }))).toBe('<a class="ui-link">x</a>')
    expect(ui.html(ui.Image({ src = address }))).toBe('<img class="ui-image" alt="">')
  end)

  it.each({ { '/a?b=c' }, { 'https://example.org' }, { 'mailto:a@b.c' }, { '#part' }, { 'a/b:c' } })(
    'leads to %s',
    function(address)
      expect(ui.html(ui.Link({ href = address, 'x' }))).toContain('href="' .. address .. '"')
    end
  )

  it('puts no link in a link, and no form in a form', function()
    expect(ui.html(ui.Link({ ui.Link('x') }))).toBe(
      '<a class="ui-link"><span class="ui-link">x</span></a>'
    )
    expect(ui.html(ui.Form({ ui.Box({ ui.Form('x') }) }))).toBe(
      '<form class="ui-form"><div class="ui-box"><div class="ui-form">x</div></div></form>'
    )
  end)

  it('knows types in any case, and keeps the place of a component', function()
    expect(ui.html({ type = 'STACK', props = {}, children = { 'x' } })).toBe(
      '<div class="ui-stack">x</div>'
    )
    expect(ui.html(ui.component('Post"Card', {}, 'x'))).toBe(
      '<div data-component="Post&quot;Card">x</div>'
    )
  end)

  it('refuses a tree that contains itself', function()
    local node = ui.Stack({})
    node.children[1] = node
    expect(function()
      ui.html(node)
    end).toThrow('nested too deeply')
  end)
end)
