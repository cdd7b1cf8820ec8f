-- Many sends in poll mode, and what a binding must get right around them.
local ffi = require("ffi")
local rocketmq = require("rocketmq_c")
local support = require("support")
local check_equal = support.check_equal
local C = rocketmq.C

local kCount = tonumber(os.getenv("RMQ_TEST_COUNT") or 100000)
local kPack = 256

local function open(address, options)
  local runtime = assert(rocketmq.runtime())
  options = options or {}
  options.producer_group = "lua"
  local producer = assert(runtime:producer(options))
  return runtime, producer, assert(rocketmq.destination(address, nil, 0))
end

-- Counts events per token and keeps the code of the last one.
local function new_account(count)
  return { seen = ffi.new("uint8_t[?]", count), codes = ffi.new("int32_t[?]", count), total = 0, failed = 0, polls = 0 }
end

local function take_events(runtime, batch, account, timeout_ms)
  local taken = assert(runtime:poll_batch(batch, timeout_ms))
  account.polls = account.polls + 1
  for i = 0, taken - 1 do
    local view = batch.views[i]
    local token = tonumber(view.token)
    account.seen[token] = account.seen[token] + 1
    account.codes[token] = view.error_code
    if view.error_code ~= 0 then account.failed = account.failed + 1 end
  end
  account.total = account.total + taken
  batch:release()
  return taken
end

local function check_account(account, count)
  check_equal(account.total, count, "events")
  for token = 0, count - 1 do check_equal(account.seen[token], 1, "events of token " .. token) end
end

-- send_some(first_token) sends one or more messages and gives how many.
local function send_all(name, runtime, crossings_per_call, send_some)
  local account, batch = new_account(kCount), rocketmq.batch(256)
  local wall, cpu = support.wall_seconds(), support.cpu_seconds()
  local sent, calls = 0, 0
  while sent < kCount do
    sent = sent + send_some(sent)
    calls = calls + crossings_per_call
    while sent - account.total > 4096 do
      assert(take_events(runtime, batch, account, 10000) > 0, "no event came in 10 s")
    end
  end
  while account.total < kCount do
    assert(take_events(runtime, batch, account, 10000) > 0, "no event came in 10 s")
  end
  wall, cpu = support.wall_seconds() - wall, support.cpu_seconds() - cpu
  check_account(account, kCount)
  check_equal(account.failed, 0, "failed sends")
  -- a poll is rmq_event_queue_poll and destroy_batch
  print(("     %s: %.0f messages/s, %.2f us CPU and %.3f crossings per message"):format(
    name, kCount / wall, cpu * 1e6 / kCount, (calls + 2 * account.polls) / kCount))
end

local address = support.start_broker()

local function sends_packed_messages()
  local runtime, producer, destination = open(address)
  local pattern = assert(rocketmq.message("bench_stub"))
  local bodies = {}
  send_all("packed", runtime, 1, function(first)
    local count = math.min(kPack, kCount - first)
    for i = 1, count do bodies[i] = ("%016d"):format(first + i) end
    for i = count + 1, #bodies do bodies[i] = nil end
    local accepted, err = producer:send_packed(pattern, bodies, destination, first)
    assert(not err, tostring(err))
    return accepted
  end)
  assert(runtime:close())
end

local function sends_single_messages()
  local runtime, producer, destination = open(address)
  local message = assert(rocketmq.message("bench_stub"))
  send_all("single", runtime, 2, function(token)
    assert(message:set_body("0123456789abcdef"))
    assert(producer:send_async(message, destination, token))
    return 1
  end)
  assert(runtime:close())
end

local function refuses_with_all_fields()
  local runtime, producer, destination = open(address)
  local _, err = rocketmq.runtime { no_such_option = 1 }
  check_equal(err.name, "OPTION_UNKNOWN", "name")
  check_equal(err.code, C.RMQ_ERROR_OPTION_UNKNOWN, "code")
  assert(err.message:find("no_such_option", 1, true), err.message)
  _, err = producer:send(assert(rocketmq.message("bench_stub")), destination)
  check_equal(err.name, "MESSAGE_ILLEGAL", "a message without body")
  check_equal(err.outcome, C.RMQ_OUTCOME_NOT_APPLIED, "outcome")
  assert(runtime:close())
end

local function shows_the_brokers_words()
  local faulty = support.start_broker("--fault 'SEND_MESSAGE_V2 first=1000 error=16'")
  local runtime, producer, destination = open(faulty)
  local _, err = producer:send(assert(rocketmq.message("bench_stub", { body = "x" })), destination)
  check_equal(err.name, "NO_PERMISSION", "name")
  check_equal(err.category, C.RMQ_CATEGORY_BROKER, "category")
  check_equal(err.outcome, C.RMQ_OUTCOME_NOT_APPLIED, "outcome")
  check_equal(err.server_role, C.RMQ_SERVER_BROKER, "server_role")
  check_equal(err.response_code, 16, "response_code")
  check_equal(err.address, faulty, "address")
  check_equal(err.group, "lua", "group")
  check_equal(err.retriable, false, "retriable")
  check_equal(err.queue_id, 0, "queue_id")
  assert(runtime:close())
end

local function carries_any_bytes_up_to_the_limit()
  local limit = 64 * 1024
  local runtime, producer, destination = open(address, { max_message_size = limit })
  for _, body in ipairs { "\0", "a\0b\0", ("\0"):rep(limit) } do
    local result = assert(producer:send(assert(rocketmq.message("bench_stub", { body = body })), destination))
    check_equal(result.status, C.RMQ_SEND_OK, "status")
  end
  local _, err = producer:send(assert(rocketmq.message("bench_stub", { body = ("x"):rep(limit + 1) })), destination)
  check_equal(err.name, "TOO_LARGE", "one byte more")
  local view = ffi.new("rmq_message_view_t")
  local message = assert(rocketmq.message("bench_stub", { body = "a\0b" }))
  check_equal(C.rmq_message_view(message.handle, view, ffi.sizeof(view)), 0, "rmq_message_view")
  check_equal(ffi.string(view.body, view.body_bytes), "a\0b", "body")
  assert(runtime:close())
end

-- Everything but the runtime is dropped while sends are pending at a broker that does not answer.
local function ends_sends_of_a_collected_producer()
  local silent = support.start_broker("--fault 'SEND_MESSAGE_V2 first=100000 no_answer'")
  local runtime = assert(rocketmq.runtime())
  do
    local producer = assert(runtime:producer { producer_group = "lua" })
    local destination = assert(rocketmq.destination(silent, nil, 0))
    local message = assert(rocketmq.message("bench_stub", { body = "x" }))
    for token = 0, 999 do assert(producer:send_async(message, destination, token)) end
  end
  collectgarbage()
  collectgarbage()
  local account, batch = new_account(1000), rocketmq.batch(256)
  while account.total < 1000 do
    assert(take_events(runtime, batch, account, 10000) > 0, "no event came in 10 s")
  end
  check_account(account, 1000)
  for token = 0, 999 do check_equal(account.codes[token], C.RMQ_ERROR_SHUTDOWN, "code of " .. token) end
  assert(runtime:close(), "what the dropped producer cut short is no matter of the runtime's close")
end

local function gives_events_after_close()
  local silent = support.start_broker("--fault 'SEND_MESSAGE_V2 first=100000 no_answer'")
  local runtime, producer, destination = open(silent)
  local message = assert(rocketmq.message("bench_stub", { body = "x" }))
  for token = 0, 9 do assert(producer:send_async(message, destination, token)) end
  local _, err = runtime:close(1)
  check_equal(err.name, "CLOSE_TIMEOUT", "close with sends pending")
  _, err = producer:send_async(message, destination, 10)
  check_equal(err.name, "CLOSED", "send after close")
  local batch = rocketmq.batch(256)
  check_equal(assert(runtime:poll_batch(batch, 0)), 10, "events after close")
  check_equal(batch:event(0).error.name, "SHUTDOWN", "error of the event")
  _, err = runtime:poll_batch(batch, -1)
  check_equal(err.name, "CLOSED", "poll at the end")
end

local function ends_with_the_event_of_the_close()
  local silent = support.start_broker("--fault 'SEND_MESSAGE_V2 first=100000 no_answer'")
  local runtime, producer, destination = open(silent)
  local message = assert(rocketmq.message("bench_stub", { body = "x" }))
  for token = 0, 9 do assert(producer:send_async(message, destination, token)) end
  assert(producer:close_async(10, 1))
  local batch, token = rocketmq.batch(4), 0
  while token <= 10 do
    local taken = assert(runtime:poll_batch(batch, 10000))
    assert(taken > 0, "no event came in 10 s")
    for i = 0, taken - 1 do
      check_equal(batch:event(i).token, token, "token")
      token = token + 1
    end
    if token == 11 then
      local err = batch:event(taken - 1).error
      check_equal(err.name, "CLOSE_TIMEOUT", "error of the close")
      assert(err.message:find("^10 sends"), err.message)
    end
  end
end

-- An event outlives its runtime, and a batch that is never released gives its events up when collected.
local function keeps_events_of_a_dead_runtime()
  local runtime, producer, destination = open(address)
  assert(producer:send_async(assert(rocketmq.message("bench_stub", { body = "x" })), destination, 7))
  local batch = rocketmq.batch(4)
  check_equal(assert(runtime:poll_batch(batch, 10000)), 1, "events")
  runtime, producer, destination = nil, nil, nil
  collectgarbage()
  collectgarbage()
  check_equal(batch:event(0).token, 7, "token")
  assert(#batch:event(0).message_id > 0)
  batch = nil
  collectgarbage()
end

local function cancels_by_token()
  local silent = support.start_broker("--fault 'SEND_MESSAGE_V2 first=100000 no_answer'")
  local runtime, producer, destination = open(silent)
  assert(producer:send_async(assert(rocketmq.message("bench_stub", { body = "x" })), destination, 2 ^ 53 - 1))
  assert(producer:cancel(2 ^ 53 - 1))
  local batch = rocketmq.batch(4)
  check_equal(assert(runtime:poll_batch(batch, 10000)), 1, "events")
  local event = batch:event(0)
  check_equal(event.token, 2 ^ 53 - 1, "token")
  check_equal(event.error.name, "CANCELLED", "error")
  assert(runtime:close())
end

local function runs_the_sample()
  local sample = arg[0]:gsub("tests/[^/]*$", "samples/send_one.lua")
  local output = io.popen(("luajit '%s' %s bench_stub hello"):format(sample, support.start_broker()))
  local line = output:read("*l") or ""
  assert(line:find(" is at offset 0 of queue ", 1, true), line)
end

support.run {
  { "packed sends yield one event per token", sends_packed_messages },
  { "single sends yield one event per token", sends_single_messages },
  { "refused calls tell all fields of their error", refuses_with_all_fields },
  { "failed sends tell what the broker said", shows_the_brokers_words },
  { "bodies are any bytes up to the limit", carries_any_bytes_up_to_the_limit },
  { "sends of a collected producer end with their event", ends_sends_of_a_collected_producer },
  { "events are there after close", gives_events_after_close },
  { "the event of a close comes after all others", ends_with_the_event_of_the_close },
  { "events outlive their runtime", keeps_events_of_a_dead_runtime },
  { "a send is cancelled by its token", cancels_by_token },
  { "the sample sends one message", runs_the_sample },
}
