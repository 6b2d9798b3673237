--- Changes of assets, and the way of jobs.
local asset = require('asset')
local check = require('check')
local ctx = require('ctx')
local db = require('db')
local job = require('job')
local json = require('json')
local time = require('time')

local M = {}

---@class media_center.MediaChanges
---@field duration? number seconds
---@field metadata? table<string, any> replaces what was there

--- Changes what is said of an asset; its bytes, and what they show, stay.
---@param mediaId string
---@param changes media_center.MediaChanges
---@return media_center.Asset
function M.updateMedia(mediaId, changes)
  check.id(mediaId, 'mediaId')
  changes = check.fields(changes, 'changes', { duration = 'number?', metadata = 'object?' })
  return db.transaction(function()
    local record = asset.get(mediaId)
    return asset.decode(db.mediaAsset.update({
      where = { id = record.id },
      data = json.encodeFields(changes, asset.jsonFields),
    }))
  end)
end

--- Reports how far a job is: at 100 it is completed. There is no way back: the code is
--- `progress_back` for less than before, and `job_ended` for a job that has completed or failed.
---@param jobId string
---@param progress integer 0 to 100
---@return media_center.Job
function M.updateJobProgress(jobId, progress)
  check.id(jobId, 'jobId')
  progress = check.integer(progress, 'progress', 0, 100)
  return db.transaction(function()
    local record = job.get(jobId)
    return job.decode(
      db.mediaJob.update({ where = { id = record.id }, data = job.moved(record, progress) })
    )
  end)
end

local function fail(record, reason)
  local data = job.moved(record, record.progress)
  data.status, data.error, data.completedAt = 'failed', reason, time.now()
  return db.mediaJob.update({ where = { id = record.id }, data = data })
end

--- Reports that a job cannot be done. One that has ended stays as it is: the code is `job_ended`.
---@param jobId string
---@param reason string
---@return media_center.Job
function M.failJob(jobId, reason)
  check.id(jobId, 'jobId')
  check.text(reason, 'reason')
  return db.transaction(function()
    return job.decode(fail(job.get(jobId), reason))
  end)
end

-- Takes the oldest job that waits, so that no other worker does.
local function take()
  return db.transaction(function()
    local record = db.mediaJob.findFirst({
      where = { status = 'pending', tenantId = ctx.bound },
      orderBy = { { createdAt = 'asc' }, { id = 'asc' } },
    })
    return record
      and db.mediaJob.update({ where = { id = record.id }, data = job.moved(record, 0) })
  end)
end

--- Does the job that waits longest, and returns it as it ended; nil where none waits.
---
--- What cannot be done fails with its reason. A job that somebody ended meanwhile stays so.
---@return media_center.Job?
function M.runNextJob()
  local record = take()
  if not record then
    return nil
  end
  local worked, outputPath, reason = pcall(job.work, job.decode(record))
  if not worked then
    outputPath, reason = nil, tostring(outputPath)
  end

  return db.transaction(function()
    local current = job.get(record.id)
    if current.status ~= 'processing' then
      return job.decode(current)
    elseif not outputPath then
      return job.decode(fail(current, reason))
    end
    local data = job.moved(current, 100)
    data.outputPath = outputPath
    return job.decode(db.mediaJob.update({ where = { id = current.id }, data = data }))
  end)
end

return M
