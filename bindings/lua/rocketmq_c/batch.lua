-- Room for events: filled by EventQueue:poll_batch, read as flat views, given back with release().
--
-- `views` has fields of rmq_event_view_t under their C names; what they point to is readable until release(). A batch that is
-- collected, or filled again, releases what is in it.
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")
local errors = require("rocketmq_c.error")
local new_delivery = require("rocketmq_c.delivery")

local views_type = ffi.typeof("rmq_event_view_t[?]")
local view_size = ffi.sizeof("rmq_event_view_t")
local count_type = ffi.typeof("size_t[1]")

local Batch = {}
Batch.__index = Batch

local function new(capacity)
  local count = count_type()
  local views = ffi.gc(views_type(capacity),
                       function(dying) C.rmq_event_destroy_batch(dying, view_size, count[0]) end)
  return setmetatable({ views = views, capacity = capacity, taken = count }, Batch)
end

function Batch:fill(queue, timeout_ms)
  self:release()
  local code = C.rmq_event_queue_poll_batch(queue, timeout_ms, self.views, view_size, self.capacity, self.taken,
                                            errors.slot)
  if code ~= 0 then return nil, errors.take(code) end
  return tonumber(self.taken[0])
end

function Batch:release()
  C.rmq_event_destroy_batch(self.views, view_size, self.taken[0])
  self.taken[0] = 0
end

-- The event at i, from 0, as a table that outlives the batch.
function Batch:event(i)
  local view = self.views[i]
  return {
    type = view.event_type,
    token = tonumber(view.token),
    send_status = view.send_status,
    queue_id = view.queue_id,
    queue_offset = tonumber(view.queue_offset),
    message_id = view.message_id ~= nil and ffi.string(view.message_id, view.message_id_bytes) or nil,
    message_count = view.message_count,
    error = view.error ~= nil and errors.read(view.error) or nil,
  }
end

-- Takes the delivery at i out of the batch, to be answered now or later. Gives nil and an error when the event is none.
function Batch:delivery(i)
  local view = self.views[i]
  if view.event_type ~= C.RMQ_EVENT_DELIVERY then return nil, errors.take(C.RMQ_ERROR_WRONG_EVENT) end
  local event = view.event
  view.event = nil
  return new_delivery(event)
end

return new
