local check = require('check')
local db = require('db')
local files = require('files')
local image = require('image')
local list = require('list')
local media = require('media_center')
local samples = require('tests.samples')

---@type media_center.Asset
local asset

before_each(function()
  asset = media.uploadMedia('acme', 'ann', { filename = 'a.png', data = samples.png })
end)

local function codeOf(operation, ...)
  local ok, fault = pcall(media[operation], ...)
  expect(ok).toBe(false)
  return check.isFault(fault) and fault.code or tostring(fault)
end

describe('createMediaJob', function()
  it('orders a job that waits', function()
    local job = media.createMediaJob('thumbnail', asset.id, { width = 10 })
    expect(job).toMatchObject({
      tenantId = 'acme',
      type = 'thumbnail',
      status = 'pending',
      progress = 0,
      inputPath = asset.id,
      params = { width = 10, height = 200 },
    })
    expect(job.startedAt).toBeNil()
  end)

  it('takes a file of the data folder', function()
    expect(media.createMediaJob('convert', asset.path, { format = 'webp' }).tenantId).toBe(
      'default'
    )
  end)

  it.each({
    { 'type', 'resize', nil },
    { 'params.format', 'convert', {} },
    { 'params.format', 'convert', { format = 'gif' } },
    { 'params.quality', 'convert', { format = 'jpeg', quality = 101 } },
    { 'params.width', 'thumbnail', { width = 0 } },
    { 'params.height', 'thumbnail', { height = 10001 } },
    { 'depth', 'thumbnail', { depth = 1 } },
    { 'params.format', 'transcode', {} },
  })('refuses a wrong %s', function(name, type, params)
    expect(function()
      media.createMediaJob(type, asset.id, params)
    end).toThrow(name)
    expect(db.mediaJob.count()).toBe(0)
  end)

  it('refuses an input that is not there', function()
    expect(codeOf('createMediaJob', 'thumbnail', 'nowhere')).toBe('not_found')
  end)
end)

describe('runNextJob', function()
  it.each({ { 'png' }, { 'jpeg' }, { 'webp' } })('makes a thumbnail as %s', function(format)
    media.createMediaJob('thumbnail', asset.id, { width = 10, height = 10, format = format })
    local job = assert(media.runNextJob())

    expect(job).toMatchObject({ status = 'completed', progress = 100 })
    expect(job.completedAt).toBeDefined()
    local data = files.get(assert(job.outputPath))
    expect(image.sniff(assert(data))).toBe('image/' .. format)
    local width, height = image.size(assert(data))
    expect({ width, height }).toEqual({ 10, 5 })
    expect(assert(media.getMedia(asset.id)).thumbnailPath).toBe(job.outputPath)
  end)

  it.each({ { 'png' }, { 'jpeg' }, { 'webp' } })('converts to %s', function(format)
    media.createMediaJob('convert', asset.id, { format = format })
    local data = files.get(assert(assert(media.runNextJob()).outputPath))
    expect(image.sniff(assert(data))).toBe('image/' .. format)
    expect((image.size(assert(data)))).toBe(40)
  end)

  it('does them in their order, and then nothing', function()
    local ids = {}
    for number = 1, 3 do
      local job = media.createMediaJob('thumbnail', asset.id)
      db.mediaJob.update({ where = { id = job.id }, data = { createdAt = number } })
      ids[number] = job.id
    end
    local done = list.map(ids, function()
      return assert(media.runNextJob()).id
    end)
    expect(done).toEqual(ids)
    expect(media.runNextJob()).toBeNil()
  end)

  it('fails with the reason where that cannot be done', function()
    local note = media.uploadMedia('acme', 'ann', { filename = 'a.txt', data = 'hello' })
    media.createMediaJob('thumbnail', note.id)
    local job = assert(media.runNextJob())
    expect(job.status).toBe('failed')
    expect(job.error).toContain('no png, jpeg or webp')
    expect(job.progress).toBe(0)
  end)

  it('fails to transcode where the host grants no ffmpeg', function()
    media.createMediaJob('transcode', asset.id, { format = 'mp4' })
    local job = assert(media.runNextJob())
    expect(job.status).toBe('failed')
    expect(job.error).toContain('ffmpeg')
  end)

  it('fails where the input has gone', function()
    media.createMediaJob('thumbnail', asset.id)
    media.deleteMedia(asset.id)
    expect(assert(media.runNextJob()).status).toBe('failed')
  end)
end)

describe('updateJobProgress', function()
  it('goes from pending over processing to completed', function()
    local id = media.createMediaJob('transcode', asset.id, { format = 'mp4' }).id
    expect(media.updateJobProgress(id, 0)).toMatchObject({ status = 'processing', progress = 0 })
    expect(media.updateJobProgress(id, 40)).toMatchObject({ status = 'processing', progress = 40 })
    expect(media.updateJobProgress(id, 40).progress).toBe(40)
    local done = media.updateJobProgress(id, 100)
    expect(done).toMatchObject({ status = 'completed', progress = 100 })
    expect(done.startedAt).toBeDefined()
    expect(done.completedAt).toBeDefined()
  end)

  it('does not go back', function()
    local id = media.createMediaJob('transcode', asset.id, { format = 'mp4' }).id
    media.updateJobProgress(id, 40)
    expect(codeOf('updateJobProgress', id, 39)).toBe('progress_back')
    media.updateJobProgress(id, 100)
    expect(codeOf('updateJobProgress', id, 100)).toBe('job_ended')
    expect(codeOf('failJob', id, 'late')).toBe('job_ended')
  end)

  it.each({ { -1 }, { 101 }, { 1.5 }, { '50' }, { nil } })(
    'refuses the progress %s',
    function(progress)
      local id = media.createMediaJob('thumbnail', asset.id).id
      expect(function()
        media.updateJobProgress(id, progress)
      end).toThrow('progress')
    end
  )

  it('refuses a job that is not there', function()
    expect(codeOf('updateJobProgress', 'nowhere', 1)).toBe('not_found')
  end)
end)

describe('failJob', function()
  it('ends a job with its reason, and keeps how far it was', function()
    local id = media.createMediaJob('transcode', asset.id, { format = 'mp4' }).id
    media.updateJobProgress(id, 40)
    local job = media.failJob(id, 'no space')
    expect(job).toMatchObject({ status = 'failed', progress = 40, error = 'no space' })
    expect(codeOf('updateJobProgress', id, 50)).toBe('job_ended')
    expect(function()
      media.failJob(id, ' ')
    end).toThrow('reason')
  end)
end)

describe('listMediaJobs', function()
  it('lists by state', function()
    media.createMediaJob('thumbnail', asset.id)
    media.createMediaJob('thumbnail', asset.id)
    media.runNextJob()
    expect(media.listMediaJobs('acme')).toHaveLength(2)
    expect(media.listMediaJobs('acme', 'completed')).toHaveLength(1)
    expect(media.listMediaJobs('acme', 'failed')).toEqual({})
    expect(media.listMediaJobs('globex')).toEqual({})
    expect(function()
      media.listMediaJobs('acme', 'done' --[[@as any]])
    end).toThrow('status')
    expect(media.getMediaJob('nowhere')).toBeNil()
  end)
end)

describe('getMediaJob', function()
  it.each({ { '' }, { 7 }, { { 'a' } } })('refuses %s for an id', function(jobId)
    expect(function()
      media.getMediaJob(jobId)
    end).toThrow('`jobId` must be ')
  end)
end)
