-- The loop with its connections; producers and consumers are made on it.
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local codes = require("rocketmq_c.codes")
local config = require("rocketmq_c.config")
local errors = require("rocketmq_c.error")
local event_queues = require("rocketmq_c.event_queue")
local new_consumer = require("rocketmq_c.consumer").new
local new_producer = require("rocketmq_c.producer").new

local slot, checked = errors.slot, call.checked
local view_type = ffi.typeof("rmq_runtime_view_t")

local Runtime = {}
Runtime.__index = Runtime

local M = {}

-- Makes and starts a runtime. options: names and values of docs/options.md, or a config.
-- more.token: of its log lines, questions and errors. more.log and more.resolve: true: log lines and questions for the addresses of
-- hosts come to the queue of the runtime. more.start: false: it waits for start(), so that set_event_queue may be called.
function M.new(options, more)
  more = more or {}
  local handle, err = config.handle_of(options)
  if handle == false then return nil, err end
  local runtime
  runtime, err = call.make(Runtime, "rmq_runtime_t", C.rmq_runtime_destroy, function(out)
    return C.rmq_runtime_new(handle, more.token or 0, nil, out, slot)
  end)
  if not runtime then return nil, err end
  runtime.queue = event_queues.default_of(runtime)
  local ok = true
  for _, word in ipairs { "log", "resolve" } do
    if ok and more[word] then ok, err = runtime:set_event_queue(word, runtime.queue) end
  end
  if ok and more.start ~= false then ok, err = runtime:start() end
  if not ok then return nil, err end
  return runtime
end

-- Starts a runtime that was made with start = false.
function Runtime:start() return checked(C.rmq_runtime_start(self.handle, slot)) end

-- Has "log" or "resolve" events come to a queue, before the start. nil: off again.
function Runtime:set_event_queue(event_type, queue)
  return checked(C.rmq_runtime_set_event_queue(self.handle, call.number(codes.event_type, event_type, "event_type"),
                                               queue and queue.handle, slot))
end

-- Makes and starts a producer whose events go to `queue`, or to the queue of the runtime. options nil: those of the runtime.
function Runtime:producer(options, token, queue) return new_producer(self, options, token, queue) end

-- Makes a consumer, to be subscribed and started. Its deliveries come to `queue`, or to that of the runtime, under the token.
function Runtime:push_consumer(options, token, queue) return new_consumer(self, options, token, queue) end

-- Makes an event queue.
function Runtime:event_queue() return event_queues.new(self) end

-- Fills a batch with events and gives their number, 0 when none came in time; timeout_ms -1: no limit.
function Runtime:poll_batch(batch, timeout_ms) return self.queue:poll_batch(batch, timeout_ms) end

function Runtime:event_fd() return self.queue:fd() end

-- Has polls of the runtime's queue fail with INTERRUPTED.
function Runtime:interrupt() self.queue:interrupt() end

-- Changes options that are live for a runtime: all of them or none.
function Runtime:update(options)
  local handle, err = config.handle_of(options)
  if handle == false then return nil, err end
  return checked(C.rmq_runtime_update(self.handle, handle, slot))
end

-- What the runtime is and does now, as a table: client_id, threads (0 when driven), is_running, is_driven.
function Runtime:view()
  local view = view_type()
  local code = C.rmq_runtime_view(self.handle, view, ffi.sizeof(view))
  if code ~= 0 then return nil, errors.take(code) end
  return { client_id = call.string(view.client_id, view.client_id_bytes), threads = view.threads,
    is_running = view.is_running ~= 0, is_driven = view.is_driven ~= 0 }
end

-- Threads that the library has for this runtime now; 0 when driven.
function Runtime:thread_count() return self:view().threads end

function Runtime:close(timeout_ms) return checked(C.rmq_runtime_close(self.handle, timeout_ms or 0, slot)) end

function Runtime:close_async(token, timeout_ms)
  return checked(C.rmq_runtime_close_async(self.handle, timeout_ms or 0, token, nil, slot))
end

-- run_mode "driven": watch fd() for at most timeout_ms(), then step().
function Runtime:fd() return C.rmq_runtime_fd(self.handle) end

function Runtime:timeout_ms() return tonumber(C.rmq_runtime_timeout_ms(self.handle)) end

function Runtime:step() return checked(C.rmq_runtime_step(self.handle, slot)) end

return M
