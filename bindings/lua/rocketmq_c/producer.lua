-- Sending: asynchronous calls end as events of a queue, under tokens of the host.
local bit = require("bit")
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local codes = require("rocketmq_c.codes")
local config = require("rocketmq_c.config")
local errors = require("rocketmq_c.error")
local event = require("rocketmq_c.event")
local read_send_result = event.send_result

local slot, checked = errors.slot, call.checked
local event_type = ffi.typeof("rmq_event_t *[1]")
local messages_type = ffi.typeof("const rmq_message_t *[?]")
local tokens_type = ffi.typeof("uint64_t[?]")
local offsets_type = ffi.typeof("uint32_t[?]")

local Producer = {}
Producer.__index = Producer

local M = {}

-- Makes and starts a producer on a runtime. queue nil: its events come to the queue of the runtime.
function M.new(runtime, options, token, queue)
  local handle, err = config.handle_of(options)
  if handle == false then return nil, err end
  local producer
  producer, err = call.make(Producer, "rmq_producer_t", C.rmq_producer_destroy, function(out)
    return C.rmq_producer_new(runtime.handle, handle, queue and queue.handle, token or 0, nil, out, slot)
  end)
  if not producer then return nil, err end
  producer.accepted, producer.queue = ffi.new("size_t[1]"), queue
  local ok
  ok, err = checked(C.rmq_producer_start(producer.handle, slot))
  if not ok then return nil, err end
  return producer
end

-- A destination may be left out wherever one is taken: any queue of the topic is chosen.
local function handle_of(destination) return destination and destination.handle or nil end

-- A word of codes.send_flag, or a sum of its numbers.
local function flags_of(flags) return call.number(codes.send_flag, flags or 0, "flags") end

-- Nobody could tell when the library has done with a body that is not copied.
local function check_copied(message)
  if message.pinned then error("only a send that waits takes a pinned body; use set_body", 3) end
end

-- Sends and waits. The result is a table, or nil and an error whose outcome tells whether the message may be stored all the same.
function Producer:send(message, destination, timeout_ms, flags)
  local out = event_type()
  local code = C.rmq_producer_send(self.handle, message.handle, handle_of(destination), flags_of(flags), timeout_ms or 0, out,
                                   slot)
  if code ~= 0 then return nil, errors.take(code) end
  local result, err = read_send_result(out[0])
  C.rmq_event_destroy(out[0])
  return result, err
end

-- Sends the half of a transaction, calls `run` with the result once it is stored, and tells the broker what that returned:
-- "commit", "rollback" or "unknown". When `run` fails, the broker asks later: codes.event_type.transaction_check.
function Producer:send_transaction(message, run, destination, timeout_ms)
  local out = event_type()
  local code = C.rmq_producer_send(self.handle, message.handle, handle_of(destination), C.RMQ_FLAG_TRANSACTION, timeout_ms or 0,
                                   out, slot)
  if code ~= 0 then return nil, errors.take(code) end
  local handle = ffi.gc(out[0], C.rmq_event_destroy)
  local result, err = read_send_result(handle)
  if result and result.status == C.RMQ_SEND_OK then
    local answer = codes.answer[run(result)] or C.RMQ_ANSWER_UNKNOWN
    local ok
    ok, err = checked(C.rmq_event_answer(handle, answer, 0, slot))
    if not ok then return nil, err end
  end
  return result, err
end

-- Sends; the result comes as an event with the token. flags "oneway": without an answer of the broker.
function Producer:send_async(message, destination, token, timeout_ms, flags)
  check_copied(message)
  return checked(C.rmq_producer_send_async(self.handle, message.handle, handle_of(destination), flags_of(flags),
                                           timeout_ms or 0, token, nil, slot))
end

-- Sends without an answer of the broker and without an event; flush waits for the bytes.
function Producer:send_oneway(message, destination, timeout_ms)
  return self:send_async(message, destination, 0, timeout_ms, C.RMQ_FLAG_ONEWAY + C.RMQ_FLAG_SILENT)
end

local function tokens_of(first_token, count)
  local tokens = tokens_type(count)
  for i = 0, count - 1 do tokens[i] = first_token + i end
  return tokens
end

-- What a call of many messages gives: the number accepted, and the error of the first refused one if there is one.
local function accepted_of(producer, code)
  local accepted = tonumber(producer.accepted[0])
  if code ~= 0 then return accepted, errors.take(code) end
  return accepted
end

-- Sends each message of an array in one call, under the tokens first_token, first_token + 1, ...
-- Gives the number accepted, and the error of the first refused one if there is one.
function Producer:send_many(messages, destination, first_token, timeout_ms, flags)
  local count = #messages
  local handles = messages_type(count)
  for i = 1, count do
    check_copied(messages[i])
    handles[i - 1] = messages[i].handle
  end
  return accepted_of(self, C.rmq_producer_send_many(self.handle, handles, tokens_of(first_token, count), count,
                                                    handle_of(destination), flags_of(flags), timeout_ms or 0, nil,
                                                    self.accepted, slot))
end

-- Sends each string of `bodies` with the rest of `pattern`; otherwise as send_many. With `parts`, a sum of numbers of
-- codes.message_part, `bodies` has that many strings for each message, in the order of these numbers.
function Producer:send_packed(pattern, bodies, destination, first_token, timeout_ms, flags, parts)
  parts = call.number(codes.message_part, parts or C.RMQ_PART_BODY, "parts")
  local pieces, each = #bodies, 0
  for i = 0, 30 do each = each + bit.band(bit.rshift(parts, i), 1) end
  if each > 0 and pieces % each ~= 0 then error(("%d strings for %d parts of each message"):format(pieces, each), 2) end
  if pieces == 0 then return 0 end
  if bit.band(parts, C.RMQ_PART_BODY) == 0 then check_copied(pattern) end
  local offsets, position = offsets_type(pieces + 1), 0
  for i = 1, pieces do
    position = position + #bodies[i]
    offsets[i] = position
  end
  local count = pieces / each
  return accepted_of(self, C.rmq_producer_send_packed(self.handle, pattern.handle, parts, table.concat(bodies), offsets,
                                                      tokens_of(first_token, count), count, handle_of(destination),
                                                      flags_of(flags), timeout_ms or 0, nil, self.accepted, slot))
end

-- Cancels the sends that have this token. Each still has its event.
function Producer:cancel(token) return checked(C.rmq_producer_cancel(self.handle, token, slot)) end

-- What a call has told that waited, or nil and its error.
local function result_of(code, out)
  if code ~= 0 then return nil, errors.take(code) end
  local result, err = event.call_result(out[0])
  C.rmq_event_destroy(out[0])
  return result, err
end

-- Takes back a timer message before its time: waits, and gives its message id. The handle is the recall_handle of its send.
function Producer:recall(topic, recall_handle, timeout_ms)
  local out = event_type()
  local result, err = result_of(C.rmq_producer_recall(self.handle, topic, #topic, recall_handle, #recall_handle,
                                                      timeout_ms or 0, 0, nil, out, slot), out)
  return result and result.text, err
end

-- The same without waiting: the event has the token, and event.call_result reads it.
function Producer:recall_async(topic, recall_handle, token, timeout_ms)
  return checked(C.rmq_producer_recall(self.handle, topic, #topic, recall_handle, #recall_handle, timeout_ms or 0, token, nil,
                                       nil, slot))
end

-- The queues of a topic that take messages, as an array: waits.
function Producer:queues(topic, timeout_ms)
  local out = event_type()
  local result, err = result_of(C.rmq_producer_queues(self.handle, topic, #topic, timeout_ms or 0, 0, nil, out, slot), out)
  return result and result.queues, err
end

-- The same without waiting.
function Producer:queues_async(topic, token, timeout_ms)
  return checked(C.rmq_producer_queues(self.handle, topic, #topic, timeout_ms or 0, token, nil, nil, slot))
end

function Producer:flush(timeout_ms) return checked(C.rmq_producer_flush(self.handle, timeout_ms or 0, slot)) end

-- Flushes without waiting: the event has the token.
function Producer:flush_async(token, timeout_ms)
  return checked(C.rmq_producer_flush_async(self.handle, timeout_ms or 0, token, nil, slot))
end

-- Changes options that are live for a producer: all of them or none.
function Producer:update(options)
  local handle, err = config.handle_of(options)
  if handle == false then return nil, err end
  return checked(C.rmq_producer_update(self.handle, handle, slot))
end

function Producer:close(timeout_ms) return checked(C.rmq_producer_close(self.handle, timeout_ms or 0, slot)) end

function Producer:close_async(token, timeout_ms)
  return checked(C.rmq_producer_close_async(self.handle, timeout_ms or 0, token, nil, slot))
end

return M
