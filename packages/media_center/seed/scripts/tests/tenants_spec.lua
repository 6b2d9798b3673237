local check = require('check')
local db = require('db')
local media = require('media_center')
local samples = require('tests.samples')

---@type media_center.Asset, media_center.Job
local asset, job

before_each(function()
  asset = media.uploadMedia('acme', 'ann', { filename = 'a.png', data = samples.png })
  job = media.createMediaJob('thumbnail', asset.id)
end)

local function asGlobex(operation, ...)
  local args = table.pack(...)
  return asCaller({ tenant = 'globex', user = 'eve', level = 6 }, function()
    return pcall(media[operation], table.unpack(args, 1, args.n))
  end)
end

local function everything()
  return { db.mediaAsset.findMany(), db.mediaJob.findMany() }
end

describe('a caller of another tenant', function()
  it.each({
    { 'uploadMedia', 'acme', 'eve', { filename = 'a.txt', data = 'a' } },
    { 'listMedia', 'acme' },
    { 'listMediaJobs', 'acme' },
  })('may not name the tenant in %s', function(operation, ...)
    local before = everything()
    local ok, fault = asGlobex(operation, ...)
    expect(ok).toBe(false)
    expect(check.isFault(fault, 'forbidden')).toBe(true)
    expect(everything()).toEqual(before)
  end)

  it('finds nothing by its id', function()
    local before = everything()
    for operation, args in pairs({
      readMedia = { asset.id },
      updateMedia = { asset.id, { duration = 1 } },
      deleteMedia = { asset.id },
      createMediaJob = { 'thumbnail', asset.id },
      updateJobProgress = { job.id, 50 },
      failJob = { job.id, 'no' },
      uploadMedia = { 'globex', 'eve', { filename = 'a.png', path = asset.path } },
    }) do
      local ok, fault = asGlobex(operation, table.unpack(args))
      expect({ operation, ok, check.isFault(fault, 'not_found') }).toEqual({
        operation,
        false,
        true,
      })
    end
    expect(select(2, asGlobex('getMedia', asset.id))).toBeNil()
    expect(select(2, asGlobex('getMediaJob', job.id))).toBeNil()
    expect(select(2, asGlobex('createMediaJob', 'convert', asset.path, { format = 'png' })).code).toBe(
      'not_found'
    )
    expect(everything()).toEqual(before)
  end)

  -- The folder of a tenant of that name would be where the bytes of all tenants lie.
  it('reaches no bytes by the name of the tenant', function()
    asCaller({ tenant = 'objects', user = 'eve', level = 6 }, function()
      expect(function()
        media.uploadMedia('objects', 'eve', { filename = 'a.png', path = asset.path })
      end).toThrow({ code = 'not_found' })
      expect(function()
        media.createMediaJob('convert', asset.path, { format = 'png' })
      end).toThrow({ code = 'not_found' })
    end)
  end)

  it('runs no job of others', function()
    expect(select(2, asGlobex('runNextJob'))).toBeNil()
    expect(assert(media.getMediaJob(job.id)).status).toBe('pending')
  end)
end)

describe('a caller of the tenant', function()
  it('reaches all of it', function()
    asCaller({ tenant = 'acme', user = 'ann', level = 3 }, function()
      expect(media.listMedia('acme')).toHaveLength(1)
      expect(assert(media.runNextJob()).status).toBe('completed')
      expect(media.deleteMedia(asset.id).id).toBe(asset.id)
    end)
  end)
end)
