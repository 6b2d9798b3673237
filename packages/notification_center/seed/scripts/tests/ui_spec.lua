local badge = require('ui.notification_badge')
local center = require('notification_center')
local notificationList = require('ui.notification_list')
local page = require('ui.notification_center')
local ui = require('ui')

describe('NotificationBadge', function()
  it.each({ { 0, '' }, { 3, '3' }, { 99, '99' }, { 100, '99+' } })(
    'shows %d as "%s"',
    function(count, shown)
      local node = badge.render({ count = count })

      expect(node.type).toBe('Badge')
      expect(ui.textOf(node)).toBe(shown)
      expect(node.props.invisible).toBe(count == 0)
    end
  )
end)

describe('NotificationList', function()
  local unread =
    { id = 'n1', type = 'info', title = 'New', message = 'M', read = false, createdAt = 0 }
  local read =
    { id = 'n2', type = 'reply', title = 'Seen', message = '', read = true, createdAt = 0 }

  it('has an item for each', function()
    local node = notificationList.render({ notifications = { unread, read } } --[[@as any]])

    expect(ui.findAll(node, 'ListItem')).toHaveLength(2)
    expect(ui.textOf(node)).toContain('New')
    expect(ui.textOf(node)).toContain('Seen')
    expect(ui.findAll(node, 'IconButton')).toBeEmpty()
  end)

  it('offers to read only what is unread', function()
    local props = { notifications = { unread, read }, onRead = 'a.read', onDelete = 'a.delete' }
    local operations = {}
    for _, button in
      ipairs(ui.findAll(notificationList.render(props --[[@as any]]), 'IconButton'))
    do
      local action = button.props.onClick
      operations[#operations + 1] = action.operation .. ' ' .. action.args[1]
    end

    expect(operations).toEqual({ 'a.read n1', 'a.delete n1', 'a.delete n2' })
  end)

  it('says that there is nothing', function()
    expect(notificationList.render({ notifications = {} }).type).toBe('Alert')
  end)
end)

describe('NotificationCenter', function()
  it("shows the user's notifications", function()
    local first = center.createNotification('ann', 'info', 'One', 'M')
    center.createNotification('ann', 'info', 'Two', 'M')
    center.createNotification('ben', 'info', 'Three', 'M')
    center.markAsRead(first.id)

    local all = page.render({ userId = 'ann' })
    expect(ui.findAll(all, 'ListItem')).toHaveLength(2)
    expect(ui.textOf(assert(ui.find(all, 'Badge')))).toBe('1')

    local unread = page.render({ userId = 'ann', unreadOnly = true })
    expect(ui.findAll(unread, 'ListItem')).toHaveLength(1)
    expect(ui.textOf(unread)).never.toContain('One')
  end)

  it('asks a caller without a user to sign in', function()
    expect(page.render({}).type).toBe('Alert')
  end)
end)
