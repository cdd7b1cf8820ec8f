-- Options, messages, the runtime's own events, and how a producer may be asked to send.
local ffi = require("ffi")
local rocketmq = require("rocketmq_c")
local support = require("support")
local check_equal = support.check_equal
local C, codes = rocketmq.C, rocketmq.codes

ffi.cdef [[
int setenv(const char *name, const char *value, int overwrite);
int unsetenv(const char *name);
]]

local kGroup = { producer_group = "lua" }
local kReaders = { consumer_group = "lua_surface", consume_from_where = "first" }

local function check_refused(name, result, err)
  check_equal(result, nil, "result")
  check_equal(err.name, name, "name")
  return err
end

-- Takes one event, which must come within a minute, and gives its batch.
local function poll(source)
  local batch = rocketmq.batch(1, 1)
  check_equal(assert(source:poll_batch(batch, 60000)), 1, "events within 60 s")
  return batch
end

local function receive_one(runtime, tags)
  local queue = assert(runtime:event_queue())
  local consumer = assert(runtime:push_consumer(kReaders, 1, queue))
  assert(consumer:subscribe("bench_stub", tags))
  assert(consumer:start())
  local delivery = assert(poll(queue):delivery(0))
  assert(delivery:answer("success"))
  assert(consumer:close())
  return delivery
end

local function one_config_serves_all()
  local config = assert(rocketmq.config({ namesrv_addr = support.start_broker() }, "low_memory"))
  check_equal(config:get("pull_batch_size"), "16", "predefined")
  assert(config:load_text("producer_group = one\nconsumer_group = two\n# a comment\nconsume_from_where = first"))
  local copy = config:copy()
  assert(copy:set("pull_batch_size", 8))
  check_equal(config:get("pull_batch_size"), "16", "the original of a copy")
  check_equal(config:get("unit_name"), nil, "an option without default")
  assert(copy:set("instance_name", "x"))
  assert(copy:set("instance_name", nil))
  check_equal(copy:get("instance_name"), nil, "an option that was taken back")

  local runtime = assert(rocketmq.runtime(config))
  local message = assert(rocketmq.message("bench_stub", { body = "x" }))
  assert(assert(runtime:producer(config)):send(message))
  assert(assert(runtime:producer()):send(message))
  local consumer = assert(runtime:push_consumer(config, 1))
  assert(consumer:subscribe("bench_stub"))
  assert(consumer:start())
  local delivery = assert(poll(runtime):delivery(0))
  check_equal(delivery:source().group, "two", "group")
  assert(delivery:answer("success"))
  assert(runtime:close())

  check_refused("OPTION_UNKNOWN", config:set("no_such_option", 1))
  check_refused("OPTION_UNKNOWN", config:get("no_such_option"))
  check_refused("OPTION_VALUE", rocketmq.config(nil, "no_such"))
  check_refused("OPTION_UNKNOWN", runtime:producer { no_such_option = 1 })
end

local function loads_files_and_the_environment()
  local config, path = assert(rocketmq.config()), os.tmpname()
  local file = assert(io.open(path, "w"))
  file:write("instance_name = from_file\ntls_key_password = hunter2\n")
  file:close()
  assert(config:load_file(path))
  os.remove(path)
  check_equal(config:get("instance_name"), "from_file", "instance_name")
  check_equal(config:get("tls_key_password"), "***", "a secret")
  ffi.C.setenv("ROCKETMQ_INSTANCE_NAME", "from_environment", 1)
  assert(config:load_environment())
  ffi.C.unsetenv("ROCKETMQ_INSTANCE_NAME")
  check_equal(config:get("instance_name"), "from_environment", "instance_name")
  check_refused("FILE", config:load_file("/no/such/file"))
end

local function describes_options()
  local found
  for _, option in ipairs(rocketmq.options()) do
    if option.name == "queue_full_policy" then found = option end
  end
  check_equal(found.kind, "choice", "kind")
  check_equal(found.choices, "block|error", "choices")
  check_equal(found.is_code_only, true, "is_code_only")
  assert(#found.sentence > 0)
end

local function names_numbers()
  check_equal(rocketmq.name("error", codes.code.too_large), "TOO_LARGE", "name")
  check_equal(rocketmq.name("send_status", 12345), "UNKNOWN", "name of another number")
  assert(#rocketmq.sentence("response_code", 1) > 0)
  local number, words = rocketmq.version()
  check_equal(("%d.%d.%d"):format(number / 1000000, number / 1000 % 1000, number % 1000), words, "version")
end

local function carries_all_fields()
  local runtime = assert(rocketmq.runtime { namesrv_addr = support.start_broker() })
  local producer = assert(runtime:producer(kGroup))
  local message = assert(rocketmq.message("bench_stub", { body = "body", tags = "all", keys = "k1 k2",
    sharding_key = "order-1", flag = -7, wait_store = false, delay_level = 0, properties = { colour = "red" } }))
  local built = message:copy()
  check_equal(built.tags, "all", "tags of a message that is built")
  check_equal(built.flag, -7, "flag of a message that is built")
  check_equal(message:property("colour"), "red", "property of a message that is built")
  check_equal(message:properties().colour, "red", "properties of a message that is built")
  local sent = assert(producer:send(message))
  local delivery = receive_one(runtime, "all")
  local received = delivery:message(0)
  check_equal(received.body, "body", "body")
  check_equal(received.flag, -7, "flag")
  check_equal(received.message_id, sent.message_id, "message_id")
  check_equal(received.offset_message_id, sent.offset_message_id, "offset_message_id")
  check_equal(received.error_code, 0, "error_code")
  check_equal(delivery:properties(0).__SHARDINGKEY, "order-1", "sharding key")
  assert(received.store_size > 4 and received.born_host and received.store_host)
  check_equal(received.broker_name, sent.broker_name, "broker_name")
  assert(received.raw_properties:find("colour\1red\2", 1, true))

  local again = assert(rocketmq.message_from(delivery.views[0].message))
  assert(again:set_tags("again"))
  check_equal(again:property("colour"), "red", "property of a message from another")
  assert(producer:send(again))
  local kept = delivery:retain(0)
  delivery:release()
  check_equal(kept.view.reconsume_times, 0, "reconsume_times of a kept message")
  check_equal(assert(rocketmq.message_from(kept, "other")):copy().topic, "other", "topic of a message from a kept one")
  check_equal(receive_one(runtime, "again"):message(0).keys, "k1 k2", "keys of a message from another")
  assert(runtime:close())
end

local function big_endian(number, count)
  local bytes = {}
  for i = count, 1, -1 do
    bytes[i] = string.char(number % 256)
    number = math.floor(number / 256)
  end
  return table.concat(bytes)
end

-- "abc" with its CRC32 as brokers store it.
local function stored_message()
  local host, properties = "\127\0\0\1" .. big_endian(1, 4), "TAGS\1a\2"
  local rest = "\xda\xa3\x20\xa7" .. big_endian(0x352441c2, 4) .. big_endian(3, 4) .. big_endian(5, 4) .. big_endian(42, 8)
    .. big_endian(1000, 8) .. big_endian(0, 4) .. big_endian(1700000000000, 8) .. host .. big_endian(1700000000001, 8) .. host
    .. big_endian(2, 4) .. big_endian(0, 8) .. big_endian(3, 4) .. "abc" .. "\6orders" .. big_endian(#properties, 2) .. properties
  return big_endian(#rest + 4, 4) .. rest
end

local function decodes_stored_messages()
  local stored = stored_message()
  local list = assert(rocketmq.decode(stored .. stored))
  check_equal(list.count, 2, "messages")
  local message = list:copy(1)
  check_equal(message.topic, "orders", "topic")
  check_equal(message.body, "abc", "body")
  check_equal(message.queue_offset, 42, "queue_offset")
  check_equal(message.store_size, #stored, "store_size")
  check_equal(list:property(1, "TAGS"), "a", "property")
  check_equal(list:properties(1).TAGS, "a", "properties")
  local kept = list:retain(1)
  list:release()
  check_equal(kept:copy().born_host, "127.0.0.1:1", "born_host")
  local broken = assert(rocketmq.decode((stored:gsub("abc", "abd"))))
  assert(broken:copy(0).error.message, "a message that cannot be read says why")
  check_refused("BAD_BODY", rocketmq.decode("no message at all"))
end

local function sends_as_it_is_told()
  local runtime = assert(rocketmq.runtime { namesrv_addr = support.start_broker() })
  local queue = assert(runtime:event_queue())
  local producer = assert(runtime:producer(kGroup, 0, queue))
  local message = assert(rocketmq.message("bench_stub", { body = "x", tags = "a" }))
  check_equal(assert(producer:send(message, nil, nil, "oneway")).status, codes.send_status.written, "status")
  assert(producer:send_async(message, nil, 1, nil, codes.send_flag.oneway + codes.send_flag.no_wait))
  check_equal(poll(queue):event(0).status, codes.send_status.written, "status")
  assert(producer:send_oneway(message))
  check_equal(pcall(producer.send, producer, message, nil, nil, "one_way"), false, "a word misspelt")

  local accepted, err = producer:send_many({ message, message, assert(rocketmq.message("bench_stub")) }, nil, 10)
  check_equal(accepted, 2, "accepted")
  check_equal(err.name, "MESSAGE_ILLEGAL", "error of the first refused")
  local sum = 0
  for _ = 1, 2 do
    local batch = poll(queue)
    local event, result = batch:event(0), assert(batch:send_result(0))
    sum = sum + event.token
    check_equal(result.message_id, event.message_id, "message_id")
    check_equal(event.topic, "bench_stub", "topic")
    check_refused("WRONG_EVENT", batch:log(0))
    check_refused("WRONG_EVENT", batch:question(0))
  end
  check_equal(sum, 10 + 11, "tokens")

  local pattern = assert(rocketmq.message("bench_stub", { body = "p" }))
  local parts = codes.message_part.tags + codes.message_part.sharding_key
  check_equal(producer:send_packed(pattern, { "packed", "s1", "packed", "s2" }, nil, 20, nil, nil, parts), 2, "accepted")
  for _ = 1, 2 do check_equal(poll(queue):event(0).error, nil, "error") end
  check_equal(pcall(producer.send_packed, producer, pattern, { "odd" }, nil, 0, nil, nil, parts), false, "an odd number of parts")
  local delivery = receive_one(runtime, "packed")
  check_equal(delivery:message(0).body, "p", "body of the pattern")
  check_equal(delivery:property(0, "__SHARDINGKEY"):sub(1, 1), "s", "sharding key")

  assert(producer:flush_async(30, 60000))
  local event = poll(queue):event(0)
  check_equal(event.type, codes.event_type.flushed, "type")
  check_equal(event.token, 30, "token")
  check_equal(queue:length(), 0, "length")
  check_equal(queue:dropped(), 0, "dropped")
  assert(queue:fd() >= 0)
  queue:interrupt()
  check_refused("INTERRUPTED", queue:poll_batch(rocketmq.batch(1), 60000))
  runtime:interrupt()
  check_refused("INTERRUPTED", runtime:poll_batch(rocketmq.batch(1), 60000))
  assert(producer:close())
  queue:release()
  assert(runtime:close())
end

local function pins_bodies_of_sends_that_wait()
  local runtime = assert(rocketmq.runtime { namesrv_addr = support.start_broker() })
  local producer = assert(runtime:producer(kGroup))
  local message = assert(rocketmq.message("bench_stub"))
  for i = 1, 100 do
    assert(message:set_body_pinned(("%08d"):format(i):rep(100)))
    collectgarbage("step")
    assert(producer:send(message))
  end
  check_equal(message:copy().body, ("00000100"):rep(100), "body")
  check_equal(pcall(producer.send_async, producer, message, nil, 1), false, "an asynchronous send")
  assert(message:set_body("x"))
  assert(producer:send_async(message, nil, 1))
  check_equal(poll(runtime):event(0).token, 1, "token")
  assert(runtime:close())
end

local function updates_options()
  local silent = support.start_broker("--fault 'SEND_MESSAGE_V2 first=100000 no_answer'")
  local runtime = assert(rocketmq.runtime())
  local producer = assert(runtime:producer(kGroup))
  assert(producer:update { send_msg_timeout = 50 })
  local message = assert(rocketmq.message("bench_stub", { body = "x" }))
  local err = check_refused("REQUEST_TIMEOUT", producer:send(message, assert(rocketmq.destination(silent, nil, 0))))
  check_equal(err.limit_ms, 50, "limit_ms")
  check_refused("OPTION_VALUE", producer:update { producer_group = "other" })
  assert(runtime:update(assert(rocketmq.config { log_level = "debug" })))
  local consumer = assert(runtime:push_consumer(kReaders))
  assert(consumer:update { close_timeout = "1s" })
  assert(runtime:close())
end

local function tells_what_it_is()
  local runtime = assert(rocketmq.runtime { instance_name = "seen" })
  local view = assert(runtime:view())
  assert(view.client_id:find("@seen$") and view.threads >= 1)
  check_equal(view.is_running, true, "is_running")
  check_equal(view.is_driven, false, "is_driven")
  assert(runtime:close())
  check_equal(runtime:view().is_running, false, "is_running after close")
end

-- Host names are asked for, and log lines come, as events of a queue that was chosen before the start.
local function logs_and_asks()
  local port = support.start_broker():match(":(%d+)$")
  local runtime = assert(rocketmq.runtime({ namesrv_addr = "broker.example:" .. port, log_level = "info" },
    { token = 9, resolve = true, start = false }))
  local logs = assert(runtime:event_queue())
  assert(runtime:set_event_queue("log", logs))
  assert(runtime:start())
  check_refused("ALREADY_STARTED", runtime:set_event_queue("log", nil))
  local batch = poll(logs)
  local line = assert(batch:log(0))
  check_equal(batch:event(0).token, 9, "token")
  check_equal(line.operation, "start", "operation")
  check_equal(line.level, codes.log_level.info, "level")
  assert(line.line:find("^event=start"), line.line)

  local producer = assert(runtime:producer(kGroup))
  assert(producer:send_async(assert(rocketmq.message("bench_stub", { body = "x" })), nil, 5))
  repeat
    batch = poll(runtime)
    local question = batch:question(0)
    if question then
      check_equal(question.text, "broker.example", "text")
      check_equal(question.token, 9, "token")
      check_refused("ARGUMENT", question:answer("no address"))
      assert(question:answer("127.0.0.1"))
      check_refused("ALREADY_ANSWERED", question:answer("127.0.0.1"))
      question:release()
    end
  until batch.views[0].event ~= nil and batch:event(0).token == 5
  check_equal(batch:event(0).error, nil, "error of the send")
  check_equal(batch:event(0).type, C.RMQ_EVENT_SEND, "type")
  assert(runtime:close())
end

support.run {
  { "one config serves a runtime and all that is made on it", one_config_serves_all },
  { "a config is loaded from a file and the environment", loads_files_and_the_environment },
  { "options are described", describes_options },
  { "numbers have names", names_numbers },
  { "all fields of a message arrive", carries_all_fields },
  { "stored messages are decoded", decodes_stored_messages },
  { "a producer sends as it is told", sends_as_it_is_told },
  { "a send that waits takes a pinned body", pins_bodies_of_sends_that_wait },
  { "options are updated while objects live", updates_options },
  { "a runtime tells what it is", tells_what_it_is },
  { "log lines and questions are events", logs_and_asks },
}
