-- The embedded broker in the process of a test, as a user's test would have it.
local rocketmq = require("rocketmq_c")
local support = require("support")
local testbroker = require("rocketmq_c.testbroker")
local check_equal = support.check_equal

local function open(options)
  local broker = assert(testbroker.start(options))
  return broker, assert(rocketmq.runtime { namesrv_addr = broker.namesrv_addr })
end

local function a_message_goes_through_a_broker_of_this_process()
  local broker, runtime = open()
  assert(broker:command("topic put orders 2"))
  local producer = assert(runtime:producer { producer_group = "shop" })
  local sent = assert(producer:send(assert(rocketmq.message("orders", { body = "one", tags = "new", keys = "k1" }))))
  local line = ("broker-a %d 0 new k1 3"):format(sent.queue_id)
  check_equal(assert(broker:command("messages orders")):match("^[^\n]*"), line, "messages")

  local consumer = assert(runtime:push_consumer({ consumer_group = "billing", consume_from_where = "first" }, 1))
  assert(consumer:subscribe("orders"))
  assert(consumer:start())
  local batch = rocketmq.batch(1)
  check_equal(assert(runtime:poll_batch(batch, 60000)), 1, "events within 60 s")
  local delivery = assert(batch:delivery(0))
  check_equal(delivery:message(0).body, "one", "body")
  assert(delivery:answer("success"))
  assert(consumer:close())
  local offsets = assert(broker:command("offsets billing"))
  check_equal(offsets:find(("broker-a orders %d 1"):format(sent.queue_id), 1, true) ~= nil, true, "stored in " .. offsets)
  assert(runtime:close())
  broker:stop()
end

local function ordered_sends_with_one_key_share_a_queue_in_their_order()
  local broker, runtime = open("topic=orders:8")
  local producer = assert(runtime:producer { producer_group = "shop" })
  assert(broker:command("fault all SEND_MESSAGE_V2 nth=2 error=2"))
  local by_key = assert(rocketmq.selected_destination("hash_of_sharding_key"))
  for i = 1, 4 do
    local message = assert(rocketmq.message("orders", { body = "x", keys = "k" .. i, sharding_key = "one" }))
    assert(producer:send_async(message, by_key, i, 60000, "ordered"))
  end
  assert(producer:flush(60000))
  local keys = {}
  for line in assert(broker:command("messages orders")):gmatch("[^\n]+") do
    keys[#keys + 1] = line:match("^%S+ %S+ %S+ %S+ (%S+)")
  end
  check_equal(table.concat(keys, " "), "k1 k2 k3 k4", "keys")
  local result, err = producer:send(assert(rocketmq.message("orders", { body = "x" })), by_key)
  check_equal(result, nil, "result")
  check_equal(err.name, "MESSAGE_ILLEGAL", "name")
  assert(runtime:close())
  broker:stop()
end

local function a_fault_is_what_the_client_sees()
  local broker, runtime = open("topic=orders:2")
  local producer = assert(runtime:producer { producer_group = "shop", retry_times_when_send_failed = 0 })
  local message = assert(rocketmq.message("orders", { body = "one" }))
  assert(broker:command("fault all SEND_MESSAGE_V2 nth=1 error=2"))
  local result, err = producer:send(message)
  check_equal(result, nil, "result")
  check_equal(err.name, "BROKER_BUSY", "name")
  check_equal(broker:command("messages orders"), "", "messages")
  assert(producer:send(message))
  assert(runtime:close())
  broker:stop()
end

local function a_timer_message_is_recalled()
  local broker, runtime = open("topic=orders:2 recall=true")
  local producer = assert(runtime:producer { producer_group = "shop" })
  local message = assert(rocketmq.message("orders", { body = "later", delay_ms = 3600000 }))
  local sent = assert(producer:send(message))
  check_equal(assert(producer:recall("orders", sent.recall_handle)), sent.message_id, "id of what was recalled")
  local queues = assert(producer:queues("orders"))
  check_equal(#queues, 2, "queues")
  check_equal(queues[2].broker_name .. queues[2].queue_id, "broker-a1", "the second queue")
  local none, err = producer:queues("none")
  check_equal(none, nil, "queues of a missing topic")
  check_equal(err.name, "NO_ROUTE", "name")
  assert(producer:queues_async("orders", 7))
  local batch = rocketmq.batch(1)
  check_equal(assert(runtime:poll_batch(batch, 60000)), 1, "events within 60 s")
  assert(runtime:close())
  broker:stop()
end

local function what_is_not_understood_is_named()
  local broker, why = testbroker.start("no_such_option=1")
  check_equal(broker, nil, "broker")
  check_equal(why:find("no_such_option", 1, true) ~= nil, true, why)
  broker = assert(testbroker.start())
  local answer, reason = broker:command("no_such_command")
  check_equal(answer, nil, "answer")
  check_equal(reason:find("no_such_command", 1, true) ~= nil, true, reason)
  check_equal(select(2, broker:command("stats\0")):match("zero byte"), "zero byte", "a zero byte in a command")
  check_equal(select(2, testbroker.start("topic=a\0")):match("zero byte"), "zero byte", "a zero byte in options")
  broker:stop()
  broker:stop()
  check_equal(broker:command("stats"), nil, "answer of a stopped broker")
end

support.run {
  { "a message goes through a broker of this process", a_message_goes_through_a_broker_of_this_process },
  { "ordered sends with one key share a queue in their order", ordered_sends_with_one_key_share_a_queue_in_their_order },
  { "a fault is what the client sees", a_fault_is_what_the_client_sees },
  { "a timer message is recalled", a_timer_message_is_recalled },
  { "what is not understood is named", what_is_not_understood_is_named },
}
