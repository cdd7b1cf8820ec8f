-- Where events wait: the queue of a runtime, or one of its own.
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local errors = require("rocketmq_c.error")

local EventQueue = {}
EventQueue.__index = EventQueue

local M = {}

-- Makes another queue on a runtime, for producers and consumers that name it.
function M.new(runtime)
  return call.make(EventQueue, "rmq_event_queue_t", C.rmq_event_queue_destroy, function(out)
    return C.rmq_event_queue_new(runtime.handle, out, errors.slot)
  end)
end

-- The queue that a runtime has from the start.
function M.default_of(runtime)
  return setmetatable({ handle = C.rmq_runtime_event_queue(runtime.handle), is_default = true }, EventQueue)
end

-- Fills a batch with events and gives their number, 0 when none came in time; timeout_ms -1: no limit.
function EventQueue:poll_batch(batch, timeout_ms) return batch:fill(self.handle, timeout_ms) end

-- The descriptor that is readable while a poll would not wait. Never read or close it.
function EventQueue:fd() return C.rmq_event_queue_fd(self.handle) end

-- Has the polls that wait, or else the next that finds no event, fail with INTERRUPTED.
function EventQueue:interrupt() C.rmq_event_queue_interrupt(self.handle) end

function EventQueue:length() return tonumber(C.rmq_event_queue_length(self.handle)) end

-- Log and error events that found no room.
function EventQueue:dropped() return tonumber(C.rmq_event_queue_dropped(self.handle)) end

-- Gives up the queue and its events. Deliveries on it come to the next member of their group.
function EventQueue:release()
  if not self.is_default then call.destroy(self, C.rmq_event_queue_destroy) end
end

return M
