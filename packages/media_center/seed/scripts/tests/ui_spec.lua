local jobProgress = require('ui.job_progress')
local media = require('media_center')
local mediaCard = require('ui.media_card')
local mediaCenter = require('ui.media_center')
local mediaGrid = require('ui.media_grid')
local mediaJobs = require('ui.media_jobs')
local samples = require('tests.samples')
local ui = require('ui')

local function asset(fields)
  local whole = { id = 'a', filename = 'a.png', mimeType = 'image/png', size = 10 }
  for key, value in pairs(fields or {}) do
    whole[key] = value
  end
  return whole
end

describe('MediaCard', function()
  it.each({
    { 0, '0 bytes' },
    { 1023, '1023 bytes' },
    { 1024, '1.0 KiB' },
    { 1536 * 1024, '1.5 MiB' },
  })('shows %d as "%s"', function(size, words)
    expect(ui.textOf(mediaCard.render({ asset = asset({ size = size }) } --[[@as any]]))).toContain(
      words
    )
  end)

  it('shows width and height where there are some', function()
    expect(
      ui.textOf(mediaCard.render({ asset = asset({ width = 40, height = 20 }) } --[[@as any]]))
    ).toContain('40 × 20')
    expect(ui.textOf(mediaCard.render({ asset = asset() } --[[@as any]]))).never.toContain('×')
  end)

  it('has a button where it can be deleted', function()
    expect(ui.find(mediaCard.render({ asset = asset() } --[[@as any]]), 'IconButton')).toBeNil()
    local node =
      mediaCard.render({ asset = asset(), onDelete = 'media_center.deleteMedia' } --[[@as any]])
    expect(assert(ui.find(node, 'IconButton')).props.onClick.args).toEqual({ 'a' })
  end)
end)

describe('MediaGrid', function()
  it('has a card for each, or says that there is none', function()
    expect(ui.findAll(mediaGrid.render({ assets = { asset(), asset() } } --[[@as any]]), 'Card')).toHaveLength(
      2
    )
    expect(ui.textOf(mediaGrid.render({ assets = {} }))).toBe('No media')
  end)
end)

describe('MediaCenter', function()
  it('shows the media of a tenant, and a form to who is signed in', function()
    media.uploadMedia('acme', 'ann', { filename = 'a.png', data = samples.png })
    asCaller({ tenant = 'acme', user = 'ann' }, function()
      local node = mediaCenter.render({})
      expect(ui.textOf(node)).toContain('1 file')
      expect(ui.find(node, 'Form')).toBeDefined()
    end)
    expect(ui.find(mediaCenter.render({ tenantId = 'acme' }), 'Form')).toBeNil()
  end)
end)

describe('MediaJobs', function()
  it('shows how far each is', function()
    local picture = media.uploadMedia('default', 'ann', { filename = 'a.png', data = samples.png })
    media.createMediaJob('thumbnail', picture.id)
    media.runNextJob()
    local node = mediaJobs.render({})
    expect(assert(ui.find(node, 'Progress')).props.value).toBe(100)
    expect(ui.textOf(mediaJobs.render({ status = 'failed' }))).toContain('No jobs')
  end)
end)

describe('JobProgress', function()
  it('says why a job failed', function()
    ---@type any
    local props = {
      job = { id = 'j', type = 'convert', status = 'failed', progress = 3, error = 'no space' },
    }
    local node = jobProgress.render(props)
    expect(ui.textOf(assert(ui.find(node, 'Alert')))).toBe('no space')
  end)
end)
