-- Room for events and their messages: filled in one call, answered in one, given back in one with release().
--
-- `views` has fields of rmq_event_view_t under their C names, and `messages` fields of rmq_message_view_t, from 0 to
-- message_count - 1; what they point to is readable until release(). A batch that is collected, or filled again, releases what is in
-- it.
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local codes = require("rocketmq_c.codes")
local errors = require("rocketmq_c.error")
local events = require("rocketmq_c.event")
local new_delivery = require("rocketmq_c.delivery")
local received = require("rocketmq_c.received")

local views_type = ffi.typeof("rmq_event_view_t[?]")
local view_size = ffi.sizeof("rmq_event_view_t")
local count_type = ffi.typeof("size_t[1]")
local answers_type = ffi.typeof("int32_t[?]")
local kUndecided = -1

local Batch = {}
Batch.__index = Batch

-- Room for `capacity` events. With message_capacity, messages of deliveries are shown as events are taken.
local function new(capacity, message_capacity)
  local count = count_type()
  local views = ffi.gc(views_type(capacity),
                       function(dying) C.rmq_event_destroy_batch(dying, view_size, count[0]) end)
  local batch = { views = views, capacity = capacity, taken = count, message_count = 0, answers = answers_type(capacity) }
  if message_capacity then
    batch.messages, batch.message_capacity = received.views_type(message_capacity), message_capacity
    batch.messages_shown = count_type()
  end
  return setmetatable(batch, Batch)
end

-- Takes events of a queue, which is a pointer of C.
function Batch:fill(queue, timeout_ms)
  self:release()
  local code
  if self.messages then
    code = C.rmq_event_queue_poll_messages(queue, timeout_ms, self.views, view_size, self.capacity, self.taken, self.messages,
                                           received.view_size, self.message_capacity, self.messages_shown, errors.slot)
  else
    code = C.rmq_event_queue_poll(queue, timeout_ms, self.views, view_size, self.capacity, self.taken, errors.slot)
  end
  if code ~= 0 then return nil, errors.take(code) end
  if self.messages then self.message_count = tonumber(self.messages_shown[0]) end
  local count = tonumber(self.taken[0])
  for i = 0, count - 1 do self.answers[i] = kUndecided end
  return count
end

function Batch:release()
  if self.taken[0] > 0 then C.rmq_event_destroy_batch(self.views, view_size, self.taken[0]) end
  self.taken[0], self.message_count = 0, 0
end

-- Leaves the answer of the delivery or transaction check at i to answer(): a word of codes.answer.
function Batch:decide(i, answer) self.answers[i] = call.number(codes.answer, answer, "answer") end

-- Answers all deliveries in one call: as they were decided, the others with `answer`, a word of codes.answer. A delivery that
-- found no room for all of its messages is returned unless it was decided, and comes again. Fails with the first refusal, such as
-- STALE, which keeps no other delivery from its answer.
function Batch:answer(answer)
  local rest, count = call.number(codes.answer, answer or "success", "answer"), tonumber(self.taken[0])
  for i = 0, count - 1 do
    if self.views[i].event_type ~= C.RMQ_EVENT_DELIVERY then
      if self.answers[i] == kUndecided then self.answers[i] = C.RMQ_ANSWER_NONE end -- a transaction check may be decided
    elseif self.answers[i] == kUndecided then
      local is_shown = not self.messages or self.views[i].messages_shown == self.views[i].count
      self.answers[i] = is_shown and rest or C.RMQ_ANSWER_RETURN
    end
  end
  return call.checked(C.rmq_event_answer_batch(self.views, view_size, count, self.answers, errors.slot))
end

-- The event at i, from 0, as a table that outlives the batch.
function Batch:event(i) return events.copy(self.views[i]) end

-- The log line, or the result of a send, at i as a table.
function Batch:log(i) return events.log(self.views[i].event) end

function Batch:send_result(i) return events.send_result(self.views[i].event) end

local function take(batch, i)
  local event = batch.views[i].event
  batch.views[i].event = nil
  return event
end

-- Takes the question at i out of the batch, to be answered now or later. Gives nil and an error when the event is none.
function Batch:question(i)
  if self.views[i].event_type ~= C.RMQ_EVENT_RESOLVE then return nil, errors.take(C.RMQ_ERROR_WRONG_EVENT) end
  return events.question(take(self, i))
end

-- Takes the delivery at i out of the batch, to be answered now or later. Gives nil and an error when the event is none. What
-- `messages` shows of it is readable until the delivery is released.
function Batch:delivery(i)
  if self.views[i].event_type ~= C.RMQ_EVENT_DELIVERY then return nil, errors.take(C.RMQ_ERROR_WRONG_EVENT) end
  return new_delivery(take(self, i))
end

-- The message at m of `messages`, from 0, as a table that outlives the batch.
function Batch:message(m) return received.copy(self.messages[m]) end

-- A property of the message at m by name, nil when absent; and all of them as a table.
function Batch:property(m, name) return received.property(self.messages[m].message, name) end

function Batch:properties(m) return received.properties(self.messages[m].message, self.messages[m].property_count) end

-- Keeps the message at m without its neighbours.
function Batch:retain(m) return received.retain(self.messages[m].message) end

return new
