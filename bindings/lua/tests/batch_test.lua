-- The batch path: many deliveries in one call, answered in one, given back in one. All calls into the library are counted.
local crossings = require("crossings")
local rocketmq = require("rocketmq_c")
local support = require("support")
local check_equal = support.check_equal

local kCount = 8192
local kCrossingsPerMessageMax = 1 / 16

local function fill(runtime, count)
  local producer = assert(runtime:producer { producer_group = "lua" })
  local pattern = assert(rocketmq.message("bench_stub", { properties = { colour = "red" } }))
  local batch, bodies = rocketmq.batch(256), {}
  for i = 1, count do bodies[i] = ("%016d"):format(i) end
  local accepted, err = producer:send_packed(pattern, bodies, nil, 1)
  assert(not err, tostring(err))
  local ended = 0
  while ended < accepted do ended = ended + assert(runtime:poll_batch(batch, 60000)) end
  batch:release()
  assert(producer:close())
end

local function open(count, options, token)
  local runtime = assert(rocketmq.runtime { namesrv_addr = support.start_broker() })
  fill(runtime, count)
  local queue = assert(runtime:event_queue())
  local chosen = { consumer_group = "lua_batches", consume_from_where = "first", consume_message_batch_max_size = 16,
    pull_batch_size = 512 }
  for name, value in pairs(options or {}) do chosen[name] = value end
  local consumer = assert(runtime:push_consumer(chosen, token, queue))
  assert(consumer:subscribe("bench_stub"))
  assert(consumer:start())
  return runtime, queue, consumer
end

local function poll(queue, batch)
  local taken = assert(queue:poll_batch(batch, 60000))
  assert(taken > 0, "no event came in 60 s")
  return taken
end

local function crosses_rarely()
  local runtime, queue, consumer = open(kCount)
  local batch, seen, total, batches = rocketmq.batch(64, 1024), {}, 0, 0
  local wall, cpu, before = support.wall_seconds(), support.cpu_seconds(), crossings.total()
  while total < kCount do
    poll(queue, batch)
    for m = 0, batch.message_count - 1 do
      local view = batch.messages[m]
      local place = tonumber(view.queue_offset) * 4 + view.queue_id
      check_equal(seen[place], nil, "earlier deliveries of the message")
      check_equal(view.body_bytes, 16, "body_bytes")
      seen[place] = true
    end
    total, batches = total + batch.message_count, batches + 1
    assert(batch:answer())
    batch:release()
  end
  local crossed = crossings.total() - before
  wall, cpu = support.wall_seconds() - wall, support.cpu_seconds() - cpu
  print(("     received in batches: %.0f messages/s, %.2f us CPU and %.4f crossings per message, %.0f messages per batch"):format(
    kCount / wall, cpu * 1e6 / kCount, crossed / kCount, kCount / batches))
  check_equal(crossings.calls.rmq_event_answer_batch, batches, "calls that answer")
  assert(crossed >= 3 * batches, "each batch has its three calls")
  assert(crossed / kCount <= kCrossingsPerMessageMax, ("%.4f crossings per message"):format(crossed / kCount))
  assert(consumer:close())
  assert(runtime:close())
end

local function decides_each_delivery()
  local runtime, queue, consumer = open(8, { consume_message_batch_max_size = 1 }, 7)
  local batch, seen = rocketmq.batch(64, 64), 0
  while seen < 8 do
    for i = 0, poll(queue, batch) - 1 do
      local view = batch.views[i]
      check_equal(tonumber(view.token), 7, "token")
      local m = tonumber(view.first_message)
      local message = batch:message(m)
      check_equal(batch:property(m, "colour"), "red", "property")
      check_equal(batch:properties(m).colour, "red", "properties")
      if message.body:find("3$") and seen < 8 then batch:decide(i, "return") end
    end
    seen = seen + batch.message_count
    assert(batch:answer("success"))
    batch:release()
  end
  poll(queue, batch)
  local message = batch:message(0)
  check_equal(message.body, ("%016d"):format(3), "what was returned comes again")
  check_equal(message.reconsume_times, 0, "reconsume_times")
  check_equal(message.error_code, 0, "error_code")
  local kept = batch:retain(0)
  assert(batch:answer("success"))
  local _, err = batch:answer("success")
  check_equal(err.name, "ALREADY_ANSWERED", "a second answer")
  check_equal(select(2, pcall(batch.answer, batch, "succes")):match("no word of codes"), "no word of codes", "a word misspelt")
  batch:release()
  check_equal(kept:copy().body, message.body, "body of a kept message")
  check_equal(kept:property("colour"), "red", "property of a kept message")
  check_equal(kept:properties().colour, "red", "properties of a kept message")
  kept:release()
  assert(consumer:close())
  assert(runtime:close())
end

-- Deliveries whose messages had no room are read when they are looked at.
local function reads_what_had_no_room()
  local runtime, queue, consumer = open(64)
  local batch, seen = rocketmq.batch(64, 5), {}
  local total = 0
  poll(queue, batch)
  assert(batch.message_count <= 5)
  assert(batch:answer("success")) -- what it does not show is returned
  for m = 0, batch.message_count - 1 do
    local first = batch.views[0]
    assert(first.count > first.messages_shown, "no delivery is shown whole")
    check_equal(batch:message(m).reconsume_times, 0, "reconsume_times")
  end
  while total < 64 do
    for i = 0, poll(queue, batch) - 1 do
      local delivery = assert(batch:delivery(i))
      for m = 0, delivery.count - 1 do
        seen[delivery:message(m).body] = true
        check_equal(delivery:properties(m).colour, "red", "properties")
      end
      total = total + delivery.count
      assert(delivery:answer("success"))
      delivery:release()
    end
  end
  for i = 1, 64 do check_equal(seen[("%016d"):format(i)], true, "message " .. i) end
  assert(consumer:close())
  assert(runtime:close())
end

support.run {
  { "crossings: at most one for sixteen messages", crosses_rarely },
  { "each delivery of a batch has its own answer", decides_each_delivery },
  { "messages without room in a batch are read all the same", reads_what_had_no_room },
}
