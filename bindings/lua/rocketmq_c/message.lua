-- Messages to be sent, and where to.
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local codes = require("rocketmq_c.codes")
local errors = require("rocketmq_c.error")
local received = require("rocketmq_c.received")

local slot, checked, text = errors.slot, call.checked, call.text

local Message = {}
Message.__index = Message

local M = {}

-- fields: body, tags, keys, sharding_key, flag, delay_level, delay_ms, deliver_at_ms, priority, wait_store and properties, all of
-- them optional.
function M.new(topic, fields)
  fields = fields or {}
  local body, body_bytes = text(fields.body)
  local tags, tags_bytes = text(fields.tags)
  local keys, keys_bytes = text(fields.keys)
  local message, err = call.make(Message, "rmq_message_t", C.rmq_message_destroy, function(out)
    return C.rmq_message_new(topic, #topic, body, body_bytes, tags, tags_bytes, keys, keys_bytes, out, slot)
  end)
  if not message then return nil, err end
  for _, name in ipairs { "sharding_key", "flag", "delay_level", "delay_ms", "deliver_at_ms", "priority",
    "wait_store" } do
    if fields[name] ~= nil then
      local ok
      ok, err = message["set_" .. name](message, fields[name])
      if not ok then return nil, err end
    end
  end
  for name, value in pairs(fields.properties or {}) do
    local ok
    ok, err = message:set_property(name, value)
    if not ok then return nil, err end
  end
  return message
end

-- Makes a message of what the sender has put into another one: a message, a kept one, or the `message` of a view. Topic nil: the
-- same.
function M.from(source, topic)
  local name, bytes = text(topic)
  return call.make(Message, "rmq_message_t", C.rmq_message_destroy, function(out)
    return C.rmq_message_new_from(type(source) == "table" and source.handle or source, name, bytes, out, slot)
  end)
end

function Message:set_body(body)
  local ok, err = checked(C.rmq_message_set_body(self.handle, body, #body, slot))
  if ok then self.pinned = nil end
  return ok, err
end

-- Sets the body without a copy: a string does not change or move, and the message keeps it. Only for sends that wait.
function Message:set_body_pinned(body)
  local ok, err = checked(C.rmq_message_set_body_pinned(self.handle, body, #body, slot))
  if ok then self.pinned = body end
  return ok, err
end

-- Sets a field of text, named by a word of codes.message_field; nil takes it away.
function Message:set_text(field, value)
  local bytes, size = text(value)
  return checked(C.rmq_message_set_text(self.handle, call.number(codes.message_field, field, "field"), bytes, size, slot))
end

-- Sets a field that is a number, named in the same way.
function Message:set_number(field, number)
  return checked(C.rmq_message_set_number(self.handle, call.number(codes.message_field, field, "field"), number, slot))
end

function Message:set_tags(tags) return self:set_text("tags", tags) end

function Message:set_keys(keys) return self:set_text("keys", keys) end

function Message:set_sharding_key(key) return self:set_text("sharding_key", key) end

function Message:set_flag(flag) return self:set_number("flag", flag) end

function Message:set_delay_level(level) return self:set_number("delay_level", level) end

-- Brokers 5.x deliver the message so much later; one of level, delay and time may be set.
function Message:set_delay_ms(delay_ms) return self:set_number("delay_ms", delay_ms) end

-- The same, at that time: milliseconds since 1970.
function Message:set_deliver_at_ms(timestamp_ms) return self:set_number("deliver_at_ms", timestamp_ms) end

function Message:set_priority(priority) return self:set_number("priority", priority) end

function Message:set_wait_store(wait) return self:set_number("wait_store", wait and 1 or 0) end

function Message:set_property(name, value)
  local bytes, size = text(value)
  return checked(C.rmq_message_set_property(self.handle, name, #name, bytes, size, slot))
end

-- What is set, as a table with the fields of a received message.
function Message:copy()
  local view, err = received.view(self.handle)
  if not view then return nil, err end
  return received.copy(view)
end

function Message:property(name) return received.property(self.handle, name) end

function Message:properties()
  local view, err = received.view(self.handle)
  if not view then return nil, err end
  return received.properties(self.handle, view.property_count)
end

local Destination = {}
Destination.__index = Destination

-- queue_id nil: the broker chooses. address nil: the topic's route has it, by the broker's name.
function M.destination(address, broker_name, queue_id)
  local place, place_bytes = text(address)
  local name, name_bytes = text(broker_name)
  return call.make(Destination, "rmq_destination_t", C.rmq_destination_destroy, function(out)
    return C.rmq_destination_new(place, place_bytes, name, name_bytes, queue_id or -1, out, slot)
  end)
end

-- selector: a word of codes.selector, but for "callback", or its number. With a hash of the sharding key, and with a queue id, the flag ORDERED keeps the order.
function M.selected_destination(selector)
  local number = call.number(codes.selector, selector, "selector")
  return call.make(Destination, "rmq_destination_t", C.rmq_destination_destroy, function(out)
    return C.rmq_destination_new_selected(number, nil, nil, out, slot)
  end)
end

return M
