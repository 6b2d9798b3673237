local markdown = require('markdown')

describe('markdown.html', function()
  it.each({
    { '# Hi', '<h1>Hi</h1>\n' },
    { '**a** *b* `c` ~~d~~', '<p><strong>a</strong> <em>b</em> <code>c</code> <del>d</del></p>\n' },
    { '- a\n- b', '<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n' },
    { '[a](https://b.c/d?e=f&g)', '<p><a href="https://b.c/d?e=f&amp;g">a</a></p>\n' },
    { '[a](/b#c)', '<p><a href="/b#c">a</a></p>\n' },
    { '[a](b:c@d)', '<p>a</p>\n' },
    { '<ann@b.c>', '<p><a href="mailto:ann@b.c">ann@b.c</a></p>\n' },
    { '![a](b.png)', '<p><img src="b.png" alt="a" /></p>\n' },
    { '```lua\nx < 1\n```', '<pre><code class="language-lua">x &lt; 1\n</code></pre>\n' },
    { '', '' },
  })('makes of %s: %s', function(text, html)
    expect(markdown.html(text)).toBe(html)
  end)

  it('makes tables', function()
    expect(markdown.html('| a |\n| - |\n| b |')).toContain('<td>b</td>')
  end)

  it.each({
    { '<script>alert(1)</script>' },
    { 'a <img src=x onerror=alert(1)> b' },
    { '<svg/onload=alert(1)>' },
    { '<div\nonclick="x">' },
    { '[a](javascript:alert(1))' },
    { '[a](JaVaScRiPt:alert(1))' },
    { '[a](java&#10;script:alert(1))' },
    { '[a](&#1;javascript:alert(1))' },
    { '[a](&#x6A;avascript&colon;alert(1))' },
    { '[a](vbscript:x)' },
    { '[a](data:text/html,<script>alert(1)</script>)' },
    { '![a](data:image/svg+xml;base64,AAAA)' },
    { '![a](javascript:alert(1))' },
    { '<javascript:alert(1)>' },
    { '[a]: javascript:alert(1)\n\n[a]' },
    { '[a](x "\" onmouseover=\"alert(1)")' },
    { '```"><script>alert(1)</script>\n```' },
    { '<!-- --><script>alert(1)</script>' },
    { '<![CDATA[<script>alert(1)</script>]]>' },
  })('makes nothing that runs of %s', function(text)
    local html = markdown.html(text)
    -- What is left of tags are those that Markdown makes.
    for tag in html:gmatch('<%s*/?%s*(%w+)') do
      expect({ 'p', 'a', 'img', 'pre', 'code', 'em', 'h1' }).toContain(tag)
    end
    for attributes in html:gmatch('<%w+(.-)>') do
      expect(attributes:gsub('"[^"]*"', '""')).never.toMatch('on%w+=')
    end
    expect(html:gsub('&#?%w+;', '')).never.toMatch('="[^"]*[Ss][Cc][Rr][Ii][Pp][Tt]:')
    expect(html).never.toMatch('="data:')
  end)

  it('survives what is long or nested deeply', function()
    expect(#markdown.html(('a'):rep(100000))).toBe(100008)
    for _, piece in ipairs({ '>', '- ', '[', '*', '`', '![', '<', '|', '_a_ ' }) do
      expect(type(markdown.html(piece:rep(20000)))).toBe('string')
    end
  end)

  it('refuses what is no text', function()
    expect(function()
      markdown.html(nil)
    end).toThrow('markdown.html: expected a string, found a nil')
  end)
end)

describe('markdown.plain', function()
  it.each({
    { '# Hi **you**\n\n[a](b) and `c`', 'Hi you\na and c' },
    { '- a\n- b', 'a\nb' },
    { 'a\nb', 'a b' },
    { '', '' },
  })('reads %s as "%s"', function(text, plain)
    expect(markdown.plain(text)).toBe(plain)
  end)
end)
