-- What an event shows, as tables that outlive it. `event` is a pointer of C.
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local errors = require("rocketmq_c.error")

local text = call.string
local view_type = ffi.typeof("rmq_event_view_t")
local result_type = ffi.typeof("rmq_send_result_view_t")
local log_type = ffi.typeof("rmq_log_view_t")
local size_type = ffi.typeof("size_t[1]")

local M = {}

function M.copy(view)
  return {
    type = view.event_type,
    token = tonumber(view.token),
    status = view.status,
    outcome = view.outcome,
    queue_id = view.queue_id,
    offset = tonumber(view.offset),
    count = view.count,
    wants_answer = view.wants_answer ~= 0,
    topic = text(view.topic, view.topic_bytes),
    broker_name = text(view.broker_name, view.broker_name_bytes),
    message_id = text(view.message_id, view.message_id_bytes),
    offset_message_id = text(view.offset_message_id, view.offset_message_id_bytes),
    error = view.error ~= nil and errors.read(view.error) or nil,
  }
end

-- The result of a send that succeeded.
function M.send_result(event)
  local view = result_type()
  local code = C.rmq_event_send_result(event, view, ffi.sizeof(view))
  if code ~= 0 then return nil, errors.take(code) end
  local result = { status = view.status, queue_id = view.queue_id, queue_offset = tonumber(view.queue_offset),
    trace_on = view.trace_on ~= 0 }
  for _, name in ipairs { "message_id", "offset_message_id", "broker_name", "transaction_id", "region_id", "recall_handle" } do
    result[name] = text(view[name], view[name .. "_bytes"])
  end
  return result
end

local queue_type = ffi.typeof("rmq_queue_view_t[?]")

-- What the result of a call tells: its text, and its queues as an array.
function M.call_result(event)
  local view, bytes = view_type(), size_type()
  local code = C.rmq_event_view(event, view, ffi.sizeof(view))
  if code ~= 0 then return nil, errors.take(code) end
  local told = C.rmq_event_text(event, bytes)
  if told == nil then return nil, errors.take(C.RMQ_ERROR_WRONG_EVENT) end -- the slot is empty
  local result = { text = ffi.string(told, bytes[0]), queues = {} }
  local views = queue_type(view.count)
  for i = 0, tonumber(C.rmq_event_queues(event, 0, views, ffi.sizeof("rmq_queue_view_t"), view.count)) - 1 do
    result.queues[i + 1] = { topic = text(views[i].topic, views[i].topic_bytes),
      broker_name = text(views[i].broker_name, views[i].broker_name_bytes), queue_id = views[i].queue_id }
  end
  return result
end

-- The line of a log event.
function M.log(event)
  local view = log_type()
  local code = C.rmq_event_log(event, view, ffi.sizeof(view))
  if code ~= 0 then return nil, errors.take(code) end
  local line = { level = view.level, status = view.status, timestamp_ms = tonumber(view.timestamp_ms),
    execution_time_us = tonumber(view.execution_time_us) }
  for _, name in ipairs { "operation", "client_id", "error", "line" } do line[name] = text(view[name], view[name .. "_bytes"]) end
  return line
end

-- ---------------------------------------------------------------- questions

-- An event that asks for something, to be answered now or later: `text` is what it asks about. One that is collected or released
-- gets its default answer.
local Question = {}
Question.__index = Question

-- Takes over an owned event. Gives nil and the error for one that asks nothing.
function M.question(event)
  local bytes = size_type()
  local asked = C.rmq_event_text(event, bytes)
  if asked == nil then
    C.rmq_event_destroy(event)
    return nil, errors.take(C.RMQ_ERROR_WRONG_EVENT) -- the slot is empty
  end
  local view = view_type()
  local code = C.rmq_event_view(event, view, ffi.sizeof(view))
  assert(code == 0)
  return setmetatable({
    handle = ffi.gc(event, C.rmq_event_destroy),
    text = ffi.string(asked, bytes[0]),
    type = view.event_type,
    token = tonumber(view.token),
  }, Question)
end

-- Answers. codes.event_type.resolve: IP addresses without port, separated by ";"; nil: there are none.
function Question:answer(answer)
  local bytes, size = call.text(answer)
  return call.checked(C.rmq_event_answer_text(self.handle, bytes, size, errors.slot))
end

function Question:release() call.destroy(self, C.rmq_event_destroy) end

return M
