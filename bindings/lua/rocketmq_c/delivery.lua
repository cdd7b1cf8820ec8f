-- Messages of one queue, to be answered once. One that is collected or released unanswered comes again: without being counted if
-- nobody looked at a message, else later.
--
-- `views` has fields of rmq_message_view_t under their C names, from 0 to count - 1. All are filled in one call at the first look;
-- what they point to is readable while the delivery is referred to.
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local codes = require("rocketmq_c.codes")
local errors = require("rocketmq_c.error")
local received = require("rocketmq_c.received")

local info_type = ffi.typeof("rmq_delivery_view_t")
local bits_type = ffi.typeof("uint8_t[?]")
local text = call.string

local Delivery = {}

-- A delivery has no views before the first look: the library counts messages as shown once it has filled views of them.
local function read_views(delivery)
  if not delivery.handle then return nil end -- released
  delivery.views = received.views_type(delivery.count)
  C.rmq_event_messages(delivery.handle, 0, delivery.views, received.view_size, delivery.count)
  return delivery.views
end

local metatable = {
  __index = function(delivery, name)
    if name == "views" then return read_views(delivery) end
    return Delivery[name]
  end,
}

-- Takes over an owned event. Gives nil and the error for one that is no delivery.
local function new(event)
  event = ffi.gc(event, C.rmq_event_destroy)
  local info = info_type()
  local code = C.rmq_event_delivery(event, info, ffi.sizeof(info))
  if code ~= 0 then return nil, errors.take(code) end -- the slot is empty
  return setmetatable({ handle = event, info = info, count = info.message_count }, metatable)
end

-- Where the messages come from, as a table.
function Delivery:source()
  local info = self.info
  return {
    topic = text(info.topic, info.topic_bytes),
    broker_name = text(info.broker_name, info.broker_name_bytes),
    group = text(info.group, info.group_bytes),
    queue_id = info.queue_id,
    first_queue_offset = tonumber(info.first_queue_offset),
    epoch = tonumber(info.epoch),
  }
end

-- The message at i, from 0, as a table that outlives the delivery; `error` tells why a body could not be read.
function Delivery:message(i) return received.copy(self.views[i]) end

-- A property of the message at i by name; nil when absent.
function Delivery:property(i, name) return received.property(self.views[i].message, name) end

-- All properties of the message at i, as a table.
function Delivery:properties(i) return received.properties(self.views[i].message, self.views[i].property_count) end

-- Keeps the message at i without its neighbours.
function Delivery:retain(i) return received.retain(self.views[i].message) end

-- A word of codes.delay, or a number as it is.
local function level(delay_level) return call.number(codes.delay, delay_level or "by_count", "delay_level") end

-- Answers for all messages: "success", "reconsume_later", or "return": not looked at, offered again and not counted. Fails with
-- STALE when the queue is no longer held: others receive them.
-- delay_level tells when to deliver again: nil the later the more often, 1 to 255, or "dead_letter".
function Delivery:answer(answer, delay_level)
  local number = call.number(codes.answer, answer, "answer")
  return call.checked(C.rmq_event_answer(self.handle, number, level(delay_level), errors.slot))
end

-- Answers message by message: consumed[i + 1] tells whether the message at i is consumed; the others are delivered again later.
function Delivery:answer_each(consumed, delay_level)
  local bytes = math.floor((self.count + 7) / 8)
  local bits = bits_type(bytes)
  for i = 0, self.count - 1 do
    if consumed[i + 1] then
      local byte = math.floor(i / 8)
      bits[byte] = bits[byte] + 2 ^ (i % 8)
    end
  end
  return call.checked(C.rmq_event_answer_each(self.handle, bits, bytes, level(delay_level), errors.slot))
end

-- Gives up the messages now instead of when they are collected: LuaJIT's collector sees only how little Lua memory they hold.
function Delivery:release()
  call.destroy(self, C.rmq_event_destroy)
  self.views, self.count = nil, 0
end

return new
