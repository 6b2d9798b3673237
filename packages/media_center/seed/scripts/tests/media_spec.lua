local check = require('check')
local db = require('db')
local files = require('files')
local hash = require('hash')
local image = require('image')
local list = require('list')
local media = require('media_center')
local samples = require('tests.samples')
local text = require('text')

local function codeOf(operation, ...)
  local ok, fault = pcall(media[operation], ...)
  expect(ok).toBe(false)
  return check.isFault(fault) and fault.code or tostring(fault)
end

local function upload(filename, data)
  return media.uploadMedia('acme', 'ann', { filename = filename, data = data })
end

describe('uploadMedia', function()
  it('keeps the bytes by their content and reads what they are', function()
    local asset = upload('Photo.PNG', samples.png)

    expect(asset).toMatchObject({
      tenantId = 'acme',
      userId = 'ann',
      filename = 'Photo.PNG',
      mimeType = 'image/png',
      size = #samples.png,
      width = 40,
      height = 20,
    })
    expect(asset.path).toContain(hash.sha256(assert(samples.png)))
    expect(files.get(asset.path)).toBe(samples.png)
  end)

  it('keeps the same bytes once', function()
    expect(upload('a.png', samples.png).path).toBe(upload('b.png', samples.png).path)
  end)

  it('takes base64, and a file of the data folder', function()
    local first = media.uploadMedia('acme', 'ann', { filename = 'a.png', base64 = samples.base64 })
    local second = media.uploadMedia('acme', 'ann', { filename = 'b.png', path = first.path })
    expect(second.path).toBe(first.path)
    expect(second.width).toBe(40)
  end)

  it('keeps what is told beside the bytes', function()
    local asset = media.uploadMedia('acme', 'ann', {
      filename = 'a.png',
      data = samples.png,
      duration = 1.5,
      metadata = { tags = { 'a', 'b' } },
    })
    expect(asset.duration).toBe(1.5)
    expect(assert(assert(media.getMedia(asset.id)).metadata).tags).toEqual({ 'a', 'b' })
  end)

  it.each({
    { 'notes.txt', 'hello', 'text/plain' },
    { 'notes.md', '', 'text/markdown' },
    { 'data.json', '{}', 'application/json' },
    { 'page.html', '<html></html>', 'text/html' },
    { 'README', 'hello', 'application/octet-stream' },
    { 'noname', '%PDF-1.7 ...', 'application/pdf' },
    { 'doc.pdf', '%PDF-1.7 ...', 'application/pdf' },
    { 'photo.unknown', '%PDF-1.7 ...', 'application/pdf' },
    { 'gone.gif', 'GIF89a....', 'image/gif' },
  })('takes %s with its bytes for what they are', function(filename, data, mimeType)
    expect(upload(filename, data).mimeType).toBe(mimeType)
  end)

  it.each({
    { 'photo.png', 'hello' },
    { 'photo.png', '' },
    { 'photo.png', 'GIF89a....' },
    { 'photo.jpg', '%PDF-1.7 ...' },
    { 'notes.txt', '%PDF-1.7 ...' },
    { 'notes.txt', 'GIF89a....' },
    { 'notes.txt', 'a\0b' },
    { 'notes.txt', '\255\254' },
    { 'song.mp3', 'GIF89a....' },
    { 'notes.txt', '#!/bin/sh\n' },
    { 'photo.png', '\127ELF\2\1\1\0\0\0\0\0\0\0\0\0\0\0\0\0' },
  })('refuses %s where the bytes show something else', function(filename, data)
    expect(codeOf('uploadMedia', 'acme', 'ann', { filename = filename, data = data })).toBe(
      'type_mismatch'
    )
    expect(db.mediaAsset.count()).toBe(0)
  end)

  it('refuses a picture that only begins like one', function()
    expect(
      codeOf(
        'uploadMedia',
        'acme',
        'ann',
        { filename = 'a.png', data = assert(samples.png):sub(1, 20) }
      )
    ).toBe('bad_image')
  end)

  it.each({
    { '' },
    { '  ' },
    { '../a.png' },
    { 'a/b.png' },
    { 'a\\b.png' },
    { 'a\0.png' },
    { 'a\n.png' },
    { ('a'):rep(256) },
  })('refuses the name %q', function(filename)
    expect(function()
      upload(filename, samples.png)
    end).toThrow('file.filename')
  end)

  it('wants one source of bytes', function()
    expect(function()
      media.uploadMedia('acme', 'ann', { filename = 'a.png' })
    end).toThrow('one of data, base64 and path')
    expect(function()
      media.uploadMedia('acme', 'ann', { filename = 'a.png', data = 'a', base64 = 'YQ==' })
    end).toThrow('one of data, base64 and path')
    expect(function()
      media.uploadMedia('acme', 'ann', { filename = 'a.png', base64 = '%%%' })
    end).toThrow('base64')
    expect(codeOf('uploadMedia', 'acme', 'ann', { filename = 'a.png', path = 'none/a.png' })).toBe(
      'not_found'
    )
    expect(function()
      media.uploadMedia('acme', 'ann', { filename = 'a.png', path = '../../etc/passwd' })
    end).toThrow('no path inside the data folder')
  end)

  it.each({
    { 'tenantId', '', 'ann', { filename = 'a' } },
    { 'userId', 'acme', '', { filename = 'a' } },
    { 'userId', 'acme', nil, { filename = 'a', data = '' } },
    { 'file', 'acme', 'ann', nil },
    { 'file.size', 'acme', 'ann', { filename = 'a', data = '', size = 7 } },
    { 'file.metadata', 'acme', 'ann', { filename = 'a', data = '', metadata = 'x' } },
  })('refuses a wrong %s', function(name, tenantId, userId, file)
    expect(function()
      media.uploadMedia(tenantId, userId, file)
    end).toThrow(name:match('[^.]*$'))
  end)
end)

describe('listMedia', function()
  before_each(function()
    upload('a.txt', 'a')
    upload('b.png', samples.png)
    media.uploadMedia('acme', 'bob', { filename = 'c.txt', data = 'c' })
    media.uploadMedia('globex', 'ann', { filename = 'd.txt', data = 'd' })
  end)

  it.each({
    { nil, { 'a.txt', 'b.png', 'c.txt' } },
    { { userId = 'bob' }, { 'c.txt' } },
    { { mimeType = 'image/' }, { 'b.png' } },
    { { mimeType = 'text/plain' }, { 'a.txt', 'c.txt' } },
    { { search = '.t' }, { 'a.txt', 'c.txt' } },
    { { search = 'zzz' }, {} },
  })('with %s', function(filters, names)
    local found = list.pluck(media.listMedia('acme', filters), 'filename')
    expect(list.sorted(found)).toEqual(names)
  end)

  it('gives pages without a gap', function()
    local all = list.pluck(media.listMedia('acme'), 'id')
    local first = media.listMedia('acme', { take = 2 })
    local rest = media.listMedia('acme', { cursor = assert(first[2]).id })
    expect(list.concat(list.pluck(first, 'id'), list.pluck(rest, 'id'))).toEqual(all)
  end)

  it('refuses a wrong filter', function()
    expect(function()
      media.listMedia('acme', { size = 1 })
    end).toThrow('size')
    expect(function()
      media.listMedia(nil --[[@as any]])
    end).toThrow('tenantId')
  end)
end)

describe('getMedia', function()
  it('returns an asset, and nil where there is none', function()
    local asset = upload('a.txt', 'a')
    expect(media.getMedia(asset.id)).toEqual(asset)
    expect(media.getMedia('nowhere')).toBeNil()
    expect(function()
      media.getMedia('')
    end).toThrow('mediaId')
  end)
end)

describe('readMedia', function()
  it('returns the bytes', function()
    local asset = upload('a.png', samples.png)
    expect(media.readMedia(asset.id)).toEqual({
      filename = 'a.png',
      mimeType = 'image/png',
      base64 = text.toBase64(assert(samples.png)),
    })
  end)

  it('returns the thumbnail where there is one', function()
    local asset = upload('a.png', samples.png)
    expect(media.readMedia(asset.id, true).base64).toBe(text.toBase64(assert(samples.png)))
    media.createMediaJob('thumbnail', asset.id, { width = 10, format = 'jpeg' })
    media.runNextJob()
    local small = media.readMedia(asset.id, true)
    expect(small.mimeType).toBe('image/jpeg')
    expect((image.size(assert(text.fromBase64(small.base64))))).toBe(10)
  end)

  it('refuses one that is not there', function()
    expect(codeOf('readMedia', 'nowhere')).toBe('not_found')
  end)
end)

describe('updateMedia', function()
  it('changes what is said, not what is', function()
    local asset = upload('a.txt', 'a')
    local changed = media.updateMedia(asset.id, { metadata = { tags = { 'x' } }, duration = 2.5 })
    expect(changed.metadata).toEqual({ tags = { 'x' } })
    expect(changed.duration).toBe(2.5)
    expect(changed.path).toBe(asset.path)
    expect(media.updateMedia(asset.id, {}).duration).toBe(2.5)
    expect(function()
      media.updateMedia(asset.id, { path = 'x' })
    end).toThrow('path')
    expect(codeOf('updateMedia', 'nowhere', {})).toBe('not_found')
  end)
end)

describe('deleteMedia', function()
  it('takes the bytes away with the last that has them', function()
    local first, second = upload('a.png', samples.png), upload('b.png', samples.png)
    expect(media.deleteMedia(first.id).id).toBe(first.id)
    expect(files.exists(second.path)).toBe(true)
    media.deleteMedia(second.id)
    expect(files.exists(second.path)).toBe(false)
    expect(media.getMedia(second.id)).toBeNil()
  end)

  it('takes the thumbnail away, but not what a job made', function()
    local asset = upload('a.png', samples.png)
    media.createMediaJob('thumbnail', asset.id, { width = 10 })
    local job = assert(media.runNextJob())
    media.deleteMedia(asset.id)
    expect(files.exists(assert(job.outputPath))).toBe(true)
  end)

  it('refuses one that is not there', function()
    expect(codeOf('deleteMedia', 'nowhere')).toBe('not_found')
    expect(function()
      media.deleteMedia(nil --[[@as any]])
    end).toThrow('mediaId')
  end)
end)
