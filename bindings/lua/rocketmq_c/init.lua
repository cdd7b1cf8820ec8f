-- RocketMQ for LuaJIT. Failing functions return nil and an error table (rocketmq_c.error); tokens are numbers below 2^53.
--
-- Objects are tables around one handle each, given up when collected. Order and moment of that do not matter: pending sends of
-- a producer that is collected end with SHUTDOWN, each with its event.
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")
local codes = require("rocketmq_c.codes")
local errors = require("rocketmq_c.error")
local new_batch = require("rocketmq_c.batch")

local M = { C = C, codes = codes, batch = new_batch }

local slot = errors.slot

-- What a call with an error slot becomes: `value` (true when there is none), or nil and the error.
local function checked(code, value)
  if code ~= 0 then return nil, errors.take(code) end
  if value == nil then return true end
  return value
end

-- Makes an object: `call` fills an out parameter of the C type, `destroy` becomes its finalizer.
local function make(class, handle_type, destroy, call)
  local out = ffi.new(handle_type .. " *[1]")
  local ok, err = checked(call(out))
  if not ok then return nil, err end
  return setmetatable({ handle = ffi.gc(out[0], destroy) }, class)
end

-- Text for the C side: nil stays null, numbers and booleans become text.
local function text(value)
  if value == nil then return nil, 0 end
  value = tostring(value)
  return value, #value
end

local function new_config(options)
  local out = ffi.new("rmq_config_t *[1]")
  local code = C.rmq_config_new(nil, 0, out, slot)
  if code ~= 0 then return nil, errors.take(code) end
  local config = ffi.gc(out[0], C.rmq_config_destroy)
  for name, value in pairs(options or {}) do
    local value_text, value_bytes = text(value)
    code = C.rmq_config_set(config, name, #name, value_text, value_bytes, slot)
    if code ~= 0 then return nil, errors.take(code) end
  end
  return config
end

-- ---------------------------------------------------------------- messages and destinations

local Message = {}
Message.__index = Message

function M.message(topic, fields)
  local message, err = make(Message, "rmq_message_t", C.rmq_message_destroy, function(out)
    return C.rmq_message_new(topic, #topic, out, slot)
  end)
  if not message then return nil, err end
  fields = fields or {}
  for _, name in ipairs { "body", "tags", "keys" } do
    if fields[name] then
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

function Message:set_body(body) return checked(C.rmq_message_set_body(self.handle, body, #body, slot)) end

function Message:set_tags(tags)
  local bytes, size = text(tags)
  return checked(C.rmq_message_set_tags(self.handle, bytes, size, slot))
end

function Message:set_keys(keys)
  local bytes, size = text(keys)
  return checked(C.rmq_message_set_keys(self.handle, bytes, size, slot))
end

function Message:set_property(name, value)
  local bytes, size = text(value)
  return checked(C.rmq_message_set_property(self.handle, name, #name, bytes, size, slot))
end

local Destination = {}
Destination.__index = Destination

-- queue_id nil: the broker chooses. address nil: the topic's route has it, by the broker's name.
function M.destination(address, broker_name, queue_id)
  local place, place_bytes = text(address)
  local name, name_bytes = text(broker_name)
  return make(Destination, "rmq_destination_t", C.rmq_destination_destroy, function(out)
    return C.rmq_destination_new(place, place_bytes, name, name_bytes, queue_id or -1, out, slot)
  end)
end

-- ---------------------------------------------------------------- runtime

local Runtime = {}
Runtime.__index = Runtime

-- Makes and starts a runtime. options: names and values of docs/options.md.
function M.runtime(options)
  local config, err = new_config(options)
  if not config then return nil, err end
  local runtime
  runtime, err = make(Runtime, "rmq_runtime_t", C.rmq_runtime_destroy, function(out)
    return C.rmq_runtime_new(config, out, slot)
  end)
  if not runtime then return nil, err end
  local ok
  ok, err = checked(C.rmq_runtime_start(runtime.handle, slot))
  if not ok then return nil, err end
  return runtime
end

-- Fills a batch with events and gives their number, 0 when none came in time; timeout_ms -1: no limit.
function Runtime:poll_batch(batch, timeout_ms)
  return batch:fill(C.rmq_runtime_event_queue(self.handle), timeout_ms)
end

function Runtime:event_fd() return C.rmq_event_queue_fd(C.rmq_runtime_event_queue(self.handle)) end

function Runtime:close(timeout_ms) return checked(C.rmq_runtime_close(self.handle, timeout_ms or 0, slot)) end

function Runtime:close_async(token, timeout_ms)
  return checked(C.rmq_runtime_close_async(self.handle, timeout_ms or 0, token, nil, slot))
end

function Runtime:thread_count() return C.rmq_runtime_thread_count(self.handle) end

-- run_mode "driven": watch fd() for at most timeout_ms(), then step().
function Runtime:fd() return C.rmq_runtime_fd(self.handle) end

function Runtime:timeout_ms() return tonumber(C.rmq_runtime_timeout_ms(self.handle)) end

function Runtime:step() return checked(C.rmq_runtime_step(self.handle, slot)) end

-- ---------------------------------------------------------------- producer

local Producer = {}
Producer.__index = Producer

-- Makes and starts a producer whose events go to the runtime's queue. At its bounds it fails with QUEUE_FULL by default: the
-- thread that would wait for room is the one that makes room, by taking events.
function Runtime:producer(options)
  local chosen = { queue_full_policy = "error" }
  for name, value in pairs(options or {}) do chosen[name] = value end
  local config, err = new_config(chosen)
  if not config then return nil, err end
  local producer
  producer, err = make(Producer, "rmq_producer_t", C.rmq_producer_destroy, function(out)
    return C.rmq_producer_new(self.handle, config, nil, out, slot)
  end)
  if not producer then return nil, err end
  producer.accepted = ffi.new("size_t[1]")
  local ok
  ok, err = checked(C.rmq_producer_start(producer.handle, slot))
  if not ok then return nil, err end
  return producer
end

-- A destination may be left out wherever one is taken: any queue of the topic is chosen.
local function handle_of(destination) return destination and destination.handle or nil end

-- Sends and waits. The result is a table, or nil and an error whose outcome tells whether the message may be stored all the same.
function Producer:send(message, destination, timeout_ms)
  local out = ffi.new("rmq_event_t *[1]")
  local code = C.rmq_producer_send(self.handle, message.handle, handle_of(destination), timeout_ms or 0, out, slot)
  local event = ffi.gc(out[0], C.rmq_event_destroy)
  if code ~= 0 then return nil, errors.take(code) end
  local view = ffi.new("rmq_send_result_view_t")
  C.rmq_event_send_result(event, view, ffi.sizeof(view))
  local result = {
    status = view.status,
    queue_id = view.queue_id,
    queue_offset = tonumber(view.queue_offset),
    message_id = ffi.string(view.message_id, view.message_id_bytes),
    offset_message_id = ffi.string(view.offset_message_id, view.offset_message_id_bytes),
    broker_name = ffi.string(view.broker_name, view.broker_name_bytes),
  }
  C.rmq_event_destroy(ffi.gc(event, nil))
  return result
end

function Producer:send_async(message, destination, token, timeout_ms)
  return checked(C.rmq_producer_send_async(self.handle, message.handle, handle_of(destination), timeout_ms or 0, token,
                                           nil, slot))
end

-- Sends each string of `bodies` with the rest of `pattern`, under the tokens first_token, first_token + 1, ...
-- Gives the number accepted, and the error of the first refused one if there is one.
function Producer:send_packed(pattern, bodies, destination, first_token, timeout_ms)
  local count = #bodies
  local offsets = ffi.new("uint32_t[?]", count + 1)
  local position = 0
  for i = 1, count do
    position = position + #bodies[i]
    offsets[i] = position
  end
  local code = C.rmq_producer_send_packed(self.handle, pattern.handle, table.concat(bodies), offsets, first_token, count,
                                          handle_of(destination), timeout_ms or 0, nil, self.accepted, slot)
  local accepted = tonumber(self.accepted[0])
  if code ~= 0 then return accepted, errors.take(code) end
  return accepted
end

function Producer:cancel(token) return checked(C.rmq_producer_cancel(self.handle, token, slot)) end

function Producer:flush(timeout_ms) return checked(C.rmq_producer_flush(self.handle, timeout_ms or 0, slot)) end

function Producer:close(timeout_ms) return checked(C.rmq_producer_close(self.handle, timeout_ms or 0, slot)) end

function Producer:close_async(token, timeout_ms)
  return checked(C.rmq_producer_close_async(self.handle, timeout_ms or 0, token, nil, slot))
end

-- ---------------------------------------------------------------- push consumer

local PushConsumer = {}
PushConsumer.__index = PushConsumer

-- Makes a consumer, to be subscribed and started. Its deliveries come to the runtime's queue under the token: batch:delivery(i).
function Runtime:push_consumer(options, token)
  local config, err = new_config(options)
  if not config then return nil, err end
  return make(PushConsumer, "rmq_push_consumer_t", C.rmq_push_consumer_destroy, function(out)
    return C.rmq_push_consumer_new(self.handle, config, nil, token or 0, nil, out, slot)
  end)
end

-- expression: tags such as "a || b", nil: all messages; with language "sql92" a condition on properties.
function PushConsumer:subscribe(topic, expression, language)
  local filter = language == "sql92" and C.RMQ_FILTER_SQL92 or C.RMQ_FILTER_TAG
  local bytes, size = text(expression)
  return checked(C.rmq_push_consumer_subscribe(self.handle, topic, #topic, filter, bytes, size, slot))
end

function PushConsumer:unsubscribe(topic)
  return checked(C.rmq_push_consumer_unsubscribe(self.handle, topic, #topic, slot))
end

function PushConsumer:start() return checked(C.rmq_push_consumer_start(self.handle, slot)) end

-- Waits for the answers to the deliveries that were taken, stores offsets and leaves the group.
function PushConsumer:close(timeout_ms)
  return checked(C.rmq_push_consumer_close(self.handle, timeout_ms or 0, slot))
end

function PushConsumer:close_async(token, timeout_ms)
  return checked(C.rmq_push_consumer_close_async(self.handle, timeout_ms or 0, token, nil, slot))
end

return M
