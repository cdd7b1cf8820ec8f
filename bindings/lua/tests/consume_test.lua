-- A push consumer in poll mode against an embedded NameServer and broker.
local ffi = require("ffi")
local rocketmq = require("rocketmq_c")
local support = require("support")
local check_equal = support.check_equal

local kCount = 2000
local kQueues = 4

local function send(runtime, count, body)
  local producer = assert(runtime:producer { producer_group = "lua" })
  local message = assert(rocketmq.message("bench_stub",
    { body = body or "0123456789abcdef", tags = "a", keys = "k", properties = { colour = "red" } }))
  for _ = 1, count do assert(producer:send(message)) end
  assert(producer:close())
end

local function open(token, address)
  local runtime = assert(rocketmq.runtime { namesrv_addr = address or support.start_broker() })
  return runtime, function()
    local consumer = assert(runtime:push_consumer({
      consumer_group = "lua_readers",
      consume_from_where = "first",
      consume_message_batch_max_size = 32,
    }, token or 1))
    assert(consumer:subscribe("bench_stub"))
    assert(consumer:start())
    return consumer
  end
end

local function receive(runtime)
  local batch = rocketmq.batch(1)
  check_equal(assert(runtime:poll_batch(batch, 60000)), 1, "events within 60 s")
  return assert(batch:delivery(0))
end

local function delivers_each_message_once()
  local runtime, new_consumer = open(7)
  send(runtime, kCount)
  local consumer, seen, total = new_consumer(), {}, 0
  local wall, cpu, polls, deliveries = support.wall_seconds(), support.cpu_seconds(), 0, 0
  local batch = rocketmq.batch(64)
  while total < kCount do
    local taken = assert(runtime:poll_batch(batch, 60000))
    assert(taken > 0, "no event came in 60 s")
    polls = polls + 1
    for i = 0, taken - 1 do
      check_equal(tonumber(batch.views[i].token), 7, "token")
      local delivery = assert(batch:delivery(i))
      for m = 0, delivery.count - 1 do
        local view = delivery.views[m]
        local place = tonumber(view.queue_offset) * kQueues + view.queue_id
        check_equal(seen[place], nil, "earlier deliveries of the message")
        check_equal(view.body_bytes, 16, "body_bytes")
        seen[place] = true
      end
      total, deliveries = total + delivery.count, deliveries + 1
      assert(delivery:answer("success"))
      delivery:release()
    end
    batch:release()
  end
  wall, cpu = support.wall_seconds() - wall, support.cpu_seconds() - cpu
  -- a poll is rmq_event_queue_poll and destroy_batch; a delivery is delivery, messages, answer and destroy
  print(("     received: %.0f messages/s, %.2f us CPU and %.3f crossings per message"):format(
    kCount / wall, cpu * 1e6 / kCount, (2 * polls + 4 * deliveries) / kCount))
  assert(consumer:close())

  send(runtime, 1, "after all others")
  consumer = new_consumer()
  local delivery = receive(runtime)
  check_equal(delivery.count, 1, "messages of the second consumer")
  check_equal(delivery:message(0).body, "after all others", "body")
  assert(delivery:answer("success"))
  assert(consumer:close())
  assert(runtime:close())
end

local function shows_all_of_a_message()
  local runtime, new_consumer = open()
  send(runtime, 1, "a\0b")
  local consumer = new_consumer()
  local delivery = receive(runtime)
  local source, message = delivery:source(), delivery:message(0)
  check_equal(source.topic, "bench_stub", "topic of the delivery")
  check_equal(source.group, "lua_readers", "group")
  check_equal(source.queue_id, message.queue_id, "queue_id")
  check_equal(message.topic, "bench_stub", "topic")
  check_equal(message.body, "a\0b", "body")
  check_equal(message.tags, "a", "tags")
  check_equal(message.keys, "k", "keys")
  check_equal(message.reconsume_times, 0, "reconsume_times")
  check_equal(delivery:property(0, "colour"), "red", "property")
  check_equal(delivery:property(0, "shape"), nil, "absent property")
  assert(delivery:answer_each { true })
  local _, err = delivery:answer("reconsume_later")
  check_equal(err.name, "ALREADY_ANSWERED", "a second answer")
  assert(consumer:close())
  assert(runtime:close())
end

-- Whoever gives up a delivery without a look has not failed with its messages, and makes no dead letters of them.
local function gives_back_what_nobody_looked_at()
  local runtime, new_consumer = open()
  send(runtime, 1, "unseen")
  local consumer = new_consumer()
  local delivery = receive(runtime)
  check_equal(delivery.count, 1, "count")
  check_equal(delivery:source().topic, "bench_stub", "topic of the delivery")
  delivery:release()
  check_equal(delivery.views, nil, "views of a released delivery")
  delivery = receive(runtime)
  delivery = nil
  collectgarbage()
  collectgarbage()
  delivery = receive(runtime)
  check_equal(delivery:message(0).reconsume_times, 0, "reconsume_times")
  check_equal(delivery:message(0).body, "unseen", "body")
  assert(delivery:answer("success"))
  assert(consumer:close())
  assert(runtime:close())
end

local function shows_messages_after_the_answer()
  local runtime, new_consumer = open()
  send(runtime, 1, "kept")
  local consumer = new_consumer()
  local delivery = receive(runtime)
  assert(delivery:answer("success"))
  check_equal(delivery:message(0).body, "kept", "body")
  assert(consumer:close())
  assert(runtime:close())
end

-- Clients of old wrote what their platform spoke: GBK here, which is no UTF-8.
local function keeps_each_byte_of_other_clients()
  local address = support.start_broker()
  local gbk = "\xb6\xa9\xb5\xa5"
  support.store_raw(address, "body \xb6", "TAGS\1" .. gbk .. "\2KEYS\1k \xb6\2" .. gbk .. "\1\xb6\2")
  local runtime, new_consumer = open(1, address)
  local consumer = new_consumer()
  local delivery = receive(runtime)
  local message = delivery:message(0)
  check_equal(message.tags, gbk, "tags")
  check_equal(message.keys, "k \xb6", "keys")
  check_equal(message.body, "body \xb6", "body")
  check_equal(delivery:property(0, gbk), "\xb6", "property")
  assert(delivery:answer("success"))
  assert(consumer:close())
  assert(runtime:close())
end

local function keeps_deliveries_of_a_dead_consumer()
  local runtime, new_consumer = open()
  send(runtime, 1, "kept")
  local consumer = new_consumer()
  local delivery = receive(runtime)
  local _, err = consumer:close(1)
  check_equal(err.name, "CLOSE_TIMEOUT", "close with a delivery unanswered")
  _, err = delivery:answer("success")
  check_equal(err.name, "STALE", "an answer after the close")
  assert(runtime:close())
  runtime, new_consumer, consumer = nil, nil, nil
  collectgarbage()
  collectgarbage()
  check_equal(delivery:message(0).body, "kept", "body")
end

local function says_what_keeps_it_from_working()
  local runtime = assert(rocketmq.runtime { namesrv_addr = support.start_broker() })
  local consumer = assert(runtime:push_consumer({ consumer_group = "lua_readers" }, 7))
  assert(consumer:subscribe("misspelt"))
  assert(consumer:start())
  local batch = rocketmq.batch(1)
  check_equal(assert(runtime:poll_batch(batch, 60000)), 1, "events within 60 s")
  local event = batch:event(0)
  check_equal(event.type, ffi.C.RMQ_EVENT_ERROR, "type")
  check_equal(event.token, 7, "token")
  check_equal(event.error.name, "NO_ROUTE", "name")
  check_equal(event.error.topic, "misspelt", "topic")
  check_equal(batch:delivery(0), nil, "delivery of an error event")
  assert(runtime:close())
end

local function runs_the_sample()
  local address = support.start_broker()
  local runtime = assert(rocketmq.runtime { namesrv_addr = address })
  send(runtime, 3, "hello")
  local sample = arg[0]:gsub("tests/[^/]*$", "samples/consume_push.lua")
  local command = ("luajit '%s' %s bench_stub readers"):format(sample, address)
  local output = io.popen(command .. " 3")
  for _ = 1, 3 do
    local line = output:read("*l") or ""
    assert(line:find("^consumed %S+ hello$"), line)
  end
  check_equal(output:read("*l"), nil, "line after the last message")
  output:close()

  send(runtime, 1, "again")
  output = io.popen("exec 2>&1; echo $$; exec " .. command)
  local process = output:read("*l")
  local line = output:read("*l")
  os.execute("kill -INT " .. process)
  check_equal(output:read("*l"), nil, "line after the interrupt")
  assert(line:find("^consumed %S+ again$"), line)
  assert(runtime:close())
end

support.run {
  { "each message is delivered once", delivers_each_message_once },
  { "a delivery shows all of its messages", shows_all_of_a_message },
  { "a delivery that nobody looked at comes again uncounted", gives_back_what_nobody_looked_at },
  { "messages are readable after the answer", shows_messages_after_the_answer },
  { "texts of other clients come byte for byte", keeps_each_byte_of_other_clients },
  { "a delivery outlives its consumer and runtime", keeps_deliveries_of_a_dead_consumer },
  { "a consumer says what keeps it from working", says_what_keeps_it_from_working },
  { "the sample consumes until its count or Ctrl-C", runs_the_sample },
}
