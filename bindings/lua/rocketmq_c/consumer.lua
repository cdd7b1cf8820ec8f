-- Receiving: deliveries are events of a queue, under one token.
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local codes = require("rocketmq_c.codes")
local config = require("rocketmq_c.config")
local errors = require("rocketmq_c.error")

local slot, checked = errors.slot, call.checked

local PushConsumer = {}
PushConsumer.__index = PushConsumer

local M = {}

-- Makes a consumer on a runtime, to be subscribed and started. queue nil: its events come to the queue of the runtime.
function M.new(runtime, options, token, queue)
  local handle, err = config.handle_of(options)
  if handle == false then return nil, err end
  local consumer
  consumer, err = call.make(PushConsumer, "rmq_consumer_t", C.rmq_consumer_destroy, function(out)
    return C.rmq_consumer_new(runtime.handle, C.RMQ_CONSUMER_PUSH_CONCURRENT, handle, queue and queue.handle, nil, nil,
                              token or 0, nil, out, slot)
  end)
  if not consumer then return nil, err end
  consumer.queue = queue -- without its queue a consumer receives nothing
  return consumer
end

-- expression: tags such as "a || b", nil: all messages; with language "sql92" a condition on properties.
function PushConsumer:subscribe(topic, expression, language)
  local kind = call.number(codes.expression_type, language or "tag", "language")
  local bytes, size = call.text(expression)
  return checked(C.rmq_consumer_subscribe(self.handle, topic, #topic, kind, bytes, size, slot))
end

function PushConsumer:unsubscribe(topic)
  return checked(C.rmq_consumer_unsubscribe(self.handle, topic, #topic, slot))
end

function PushConsumer:start() return checked(C.rmq_consumer_start(self.handle, slot)) end

-- Changes options that are live for a consumer: all of them or none.
function PushConsumer:update(options)
  local handle, err = config.handle_of(options)
  if handle == false then return nil, err end
  return checked(C.rmq_consumer_update(self.handle, handle, slot))
end

-- Waits for the answers to the deliveries that were taken, stores offsets and leaves the group.
function PushConsumer:close(timeout_ms)
  return checked(C.rmq_consumer_close(self.handle, timeout_ms or 0, slot))
end

function PushConsumer:close_async(token, timeout_ms)
  return checked(C.rmq_consumer_close_async(self.handle, timeout_ms or 0, token, nil, slot))
end

return M
