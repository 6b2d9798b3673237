local center = require('notification_center')
local ctx = require('ctx')
local db = require('db')
local list = require('list')
local time = require('time')

local hour = 60 * 60 * 1000

local function add(fields)
  local data = {
    tenantId = ctx.tenant,
    userId = 'ann',
    type = 'info',
    title = 'Hello',
    message = 'World',
    createdAt = time.now(),
  }
  for key, value in pairs(fields or {}) do
    data[key] = value
  end
  return db.notification.create({ data = data })
end

local function titles(notifications)
  return list.pluck(notifications, 'title')
end

describe('createNotification', function()
  it("makes an unread notification in the caller's tenant", function()
    local made = center.createNotification('ann', 'mention', 'Ben mentioned you', 'in a thread')

    expect(made).toMatchObject({
      tenantId = ctx.tenant,
      userId = 'ann',
      type = 'mention',
      title = 'Ben mentioned you',
      message = 'in a thread',
      read = false,
    })
    expect(made.createdAt).toBeType('integer')
    expect(made.data).toBeNil()
    expect(made.expiresAt).toBeNil()
  end)

  it('takes data as a table and stores it as text', function()
    local made =
      center.createNotification('ann', 'reply', 'T', 'M', { threadId = 't1', posts = { 1, 2 } })

    expect(made.data).toEqual({ threadId = 't1', posts = { 1, 2 } })
    expect(assert(db.notification.findUnique({ where = { id = made.id } })).data).toBeType('string')
    expect(assert(center.listNotifications('ann')[1]).data).toEqual({
      threadId = 't1',
      posts = { 1, 2 },
    })
  end)

  it.each({
    { 'userId', nil, 'info', 'T', 'M' },
    { 'userId', { startsWith = '' }, 'info', 'T', 'M' },
    { 'type', 'ann', nil, 'T', 'M' },
    { 'title', 'ann', 'info', '  ', 'M' },
    { 'message', 'ann', 'info', 'T', nil },
    { 'data', 'ann', 'info', 'T', 'M', 'text' },
  })('refuses a wrong %s', function(name, ...)
    local arguments = table.pack(...)
    expect(function()
      local operation = center.createNotification --[[@as function]]
      operation(table.unpack(arguments, 1, arguments.n))
    end).toThrow('`' .. name .. '`')
    expect(db.notification.count()).toBe(0)
  end)
end)

describe('sendNotification', function()
  it('takes an icon and a time at which it expires', function()
    local expiresAt = time.now() + hour
    local made = center.sendNotification({
      userId = 'ann',
      type = 'warning',
      title = 'Maintenance',
      message = 'tonight',
      icon = 'build',
      expiresAt = expiresAt,
    })

    expect(made).toMatchObject({ icon = 'build', expiresAt = expiresAt })
  end)

  it('names every fault', function()
    expect(function()
      ---@type any
      local fields = { userId = 'ann', titel = 'T' }
      center.sendNotification(fields)
    end).toThrow(function(fault)
      local message = tostring(fault)
      return message:find('fields.title', 1, true) and message:find('titel', 1, true)
    end)
  end)
end)

describe('listNotifications', function()
  it("lists one user's, newest first", function()
    add({ title = 'first', createdAt = 1000 })
    add({ title = 'third', createdAt = 3000 })
    add({ title = 'second', createdAt = 2000, read = true })
    add({ title = 'other', userId = 'ben' })
    add({ title = 'elsewhere', tenantId = 'another-tenant' })

    expect(titles(center.listNotifications('ann'))).toEqual({ 'third', 'second', 'first' })
    expect(titles(center.listNotifications('ann', true))).toEqual({ 'third', 'first' })
    expect(titles(center.listNotifications('ann', false))).toHaveLength(3)
    expect(center.listNotifications('nobody')).toEqual({})
  end)

  it('never lists what has expired', function()
    add({ title = 'forever' })
    add({ title = 'later', expiresAt = time.now() + hour })
    add({ title = 'over', expiresAt = time.now() - 1 })
    add({ title = 'long over', expiresAt = 1, read = true })

    local all = titles(center.listNotifications('ann'))
    expect(all).toHaveLength(2)
    expect(all).toContain('forever')
    expect(all).toContain('later')
    expect(center.listNotifications('ann', true)).toHaveLength(2)
    expect(center.countUnread('ann')).toBe(2)
  end)

  it.each({
    { 'userId', nil },
    { 'userId', {} },
    { 'unreadOnly', 'ann', 'yes' },
  })('refuses a wrong %s', function(name, userId, unreadOnly)
    expect(function()
      center.listNotifications(userId, unreadOnly)
    end).toThrow(name)
  end)
end)

describe('markAsRead', function()
  it('marks one, once and again', function()
    local one, other = add(), add()

    expect(center.markAsRead(one.id).read).toBe(true)
    expect(center.markAsRead(one.id).read).toBe(true)
    expect(center.listNotifications('ann', true)).toHaveLength(1)
    expect(assert(center.listNotifications('ann', true)[1]).id).toBe(other.id)
  end)

  it('refuses one that is not there', function()
    expect(function()
      center.markAsRead('nothing')
    end).toThrow({ code = 'not_found' })
  end)

  it("does not reach another tenant's", function()
    local foreign = add({ tenantId = 'another-tenant' })

    expect(function()
      center.markAsRead(foreign.id)
    end).toThrow({ code = 'not_found' })
    expect(assert(db.notification.findUnique({ where = { id = foreign.id } })).read).toBe(false)
  end)
end)

describe('markAllAsRead', function()
  it("marks the user's and counts them", function()
    add()
    add()
    add({ read = true })
    add({ userId = 'ben' })
    add({ tenantId = 'another-tenant' })

    expect(center.markAllAsRead('ann')).toBe(2)
    expect(center.markAllAsRead('ann')).toBe(0)
    expect(center.countUnread('ann')).toBe(0)
    expect(db.notification.count({ where = { read = false } })).toBe(2)
  end)

  it('must be told the user', function()
    add()
    expect(function()
      center.markAllAsRead(nil --[[@as any]])
    end).toThrow('userId')
    expect(center.countUnread('ann')).toBe(1)
  end)
end)

describe('deleteNotification', function()
  it('deletes one and returns what it was', function()
    local one, other = add({ title = 'one', data = '{"n":1}' }), add({ title = 'other' })
    local deleted = center.deleteNotification(one.id)

    expect(deleted).toMatchObject({ id = one.id, title = 'one', data = { n = 1 } })
    expect(assert(center.listNotifications('ann')[1]).id).toBe(other.id)
    expect(db.notification.count()).toBe(1)
  end)

  it('refuses one that is not there, or is not of this tenant', function()
    local foreign = add({ tenantId = 'another-tenant' })
    for _, id in ipairs({ 'nothing', foreign.id }) do
      expect(function()
        center.deleteNotification(id)
      end).toThrow({ code = 'not_found' })
    end
    expect(db.notification.count()).toBe(1)
  end)

  it('must be told which', function()
    add()
    expect(function()
      center.deleteNotification(nil --[[@as any]])
    end).toThrow('notificationId')
    expect(db.notification.count()).toBe(1)
  end)
end)

describe('deleteExpiredNotifications', function()
  it('deletes what nobody sees any more', function()
    add()
    add({ expiresAt = time.now() + hour })
    add({ expiresAt = time.now() - 1 })
    add({ expiresAt = 1, tenantId = 'another-tenant' })

    expect(center.deleteExpiredNotifications()).toBe(1)
    expect(db.notification.count()).toBe(3)
  end)
end)

describe('countUnread', function()
  it.each({ { '' }, { 7 }, { { 'a' } } })('refuses %s for an id', function(userId)
    expect(function()
      center.countUnread(userId)
    end).toThrow('`userId` must be ')
  end)
end)
