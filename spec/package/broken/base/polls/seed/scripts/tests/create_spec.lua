local polls = require('polls')

describe('createPoll', function()
  it('keeps the answers', function()
    local poll = polls.createPoll('acme', 'Tabs or spaces?', { 'tabs', 'spaces' })
    expect(#poll.answers).toBe(2)
    expect(poll.slug).toBe('tabs-or-spaces')
  end)
end)
