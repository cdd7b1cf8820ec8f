-- A host without threads: the library's work is done in step(), between waits of the host's own poll(2).
local ffi = require("ffi")
local rocketmq = require("rocketmq_c")
local support = require("support")
local check_equal = support.check_equal

ffi.cdef [[
typedef struct { int fd; short wanted; short happened; } rmq_test_poll_t;
int poll(rmq_test_poll_t *watched, unsigned long count, int timeout_ms);
]]

local kCount = tonumber(os.getenv("RMQ_TEST_COUNT") or 100000)
local kReadable = 1

-- Waits as long as the runtime allows, and steps.
local function turn(runtime)
  local watched = ffi.new("rmq_test_poll_t[1]")
  watched[0].fd = runtime:fd()
  watched[0].wanted = kReadable
  ffi.C.poll(watched, 1, runtime:timeout_ms())
  assert(runtime:step())
end

local function sends_from_one_thread()
  local address = support.start_broker()
  local runtime = assert(rocketmq.runtime { run_mode = "driven" })
  local producer = assert(runtime:producer { producer_group = "lua" })
  local destination = assert(rocketmq.destination(address, nil, 0))
  local pattern = assert(rocketmq.message("bench_stub"))
  local batch, bodies, seen = rocketmq.batch(256), {}, ffi.new("uint8_t[?]", kCount)
  local sent, ended, steps, polls, packs = 0, 0, 0, 0, 0
  local wall, cpu = support.wall_seconds(), support.cpu_seconds()
  while ended < kCount do
    while sent < kCount and sent - ended <= 4096 do
      local count = math.min(256, kCount - sent)
      for i = 1, count do bodies[i] = ("%016d"):format(sent + i) end
      for i = count + 1, #bodies do bodies[i] = nil end
      local accepted, err = producer:send_packed(pattern, bodies, destination, sent)
      assert(not err, tostring(err))
      sent, packs = sent + accepted, packs + 1
    end
    turn(runtime)
    steps = steps + 1
    repeat
      local taken = assert(runtime:poll_batch(batch, 0))
      polls = polls + 1
      for i = 0, taken - 1 do
        check_equal(batch.views[i].error_code, 0, "error_code")
        local token = tonumber(batch.views[i].token)
        seen[token] = seen[token] + 1
      end
      ended = ended + taken
    until taken < batch.capacity
    batch:release()
  end
  wall, cpu = support.wall_seconds() - wall, support.cpu_seconds() - cpu
  for token = 0, kCount - 1 do check_equal(seen[token], 1, "events of token " .. token) end
  check_equal(runtime:thread_count(), 0, "threads of the runtime")
  -- a turn is fd, timeout_ms and step; a poll is rmq_runtime_event_queue, poll_batch and destroy_batch
  print(("     driven: %.0f messages/s, %.2f us CPU and %.3f crossings per message"):format(
    kCount / wall, cpu * 1e6 / kCount, (packs + 3 * steps + 2 * polls) / kCount))

  local _, err = producer:send(pattern, destination)
  check_equal(err.name, "WRONG_THREAD", "a blocking send on the driving thread")
  assert(runtime:close_async(1))
  local last
  repeat
    turn(runtime)
    local taken = assert(runtime:poll_batch(batch, 0))
    if taken > 0 then last = batch:event(taken - 1) end
  until last
  check_equal(last.type, rocketmq.C.RMQ_EVENT_CLOSED, "type of the last event")
  check_equal(last.token, 1, "token of the last event")
end

-- The same thread receives in batches, and closes its consumer and runtime.
local function receives_on_one_thread()
  local runtime = assert(rocketmq.runtime { namesrv_addr = support.start_broker(), run_mode = "driven" })
  local producer = assert(runtime:producer { producer_group = "lua" })
  local pattern, batch, bodies = assert(rocketmq.message("bench_stub")), rocketmq.batch(64, 1024), {}
  local count = math.min(kCount, 8192)
  for i = 1, count do bodies[i] = ("%016d"):format(i) end
  check_equal(producer:send_packed(pattern, bodies, nil, 0), count, "accepted")
  local ended = 0
  while ended < count do
    turn(runtime)
    repeat -- the descriptor of the runtime tells nothing of events that wait
      local taken = assert(runtime:poll_batch(batch, 0))
      ended = ended + taken
    until taken < batch.capacity
  end

  local consumer = assert(runtime:push_consumer({ consumer_group = "lua_driven", consume_from_where = "first",
    consume_message_batch_max_size = 16, pull_batch_size = 512 }, 2))
  assert(consumer:subscribe("bench_stub"))
  assert(consumer:start())
  local seen, turns, polls, batches = 0, 0, 0, 0
  while seen < count do
    turn(runtime)
    turns = turns + 1
    repeat
      local taken = assert(runtime:poll_batch(batch, 0))
      polls = polls + 1
      if taken > 0 then
        seen, batches = seen + batch.message_count, batches + 1
        assert(batch:answer("success"))
        batch:release()
      end
    until taken < batch.capacity
  end
  -- a turn is fd, timeout_ms and step; a batch has an answer and destroy_batch
  print(("     driven, received: %.3f crossings per message"):format((3 * turns + polls + 2 * batches) / count))
  local _, err = consumer:close()
  check_equal(err.name, "IN_PROGRESS", "a close on the driving thread")
  assert(runtime:close_async(3))
  local last
  repeat
    turn(runtime)
    local taken = assert(runtime:poll_batch(batch, 0))
    if taken > 0 then last = batch:event(taken - 1) end
  until last
  check_equal(last.token, 3, "token of the last event")
  check_equal(last.error, nil, "error of the close")
end

support.run {
  { "one thread sends, steps and polls", sends_from_one_thread },
  { "one thread receives in batches", receives_on_one_thread },
}
