-- Prints the messages of a topic: luajit consume_push.lua <host:port of a NameServer, or -> <topic> <group> [count]
--
-- "-" takes the NameServer from NAMESRV_ADDR. Ends after `count` messages, or with Ctrl-C.
local rocketmq = require("rocketmq_c")

local name_servers, topic, group, count = arg[1], arg[2], arg[3], tonumber(arg[4] or math.huge)
if not group or not count then
  io.stderr:write("usage: consume_push.lua <host:port of a NameServer, or -> <topic> <group> [count]\n",
    "without RocketMQ, start a broker for trying: rmq-testbroker --port 9876\n")
  os.exit(2)
end
if name_servers == "-" then name_servers = os.getenv("NAMESRV_ADDR") end

local runtime = assert(rocketmq.runtime { namesrv_addr = name_servers })
local consumer = assert(runtime:push_consumer({ consumer_group = group, consume_from_where = "first" }, 1))
assert(consumer:subscribe(topic))
assert(consumer:start())

-- Prints the messages of a delivery, answers it, and gives their number.
local function handle(delivery)
  for i = 0, delivery.count - 1 do
    local message = delivery:message(i)
    print(("consumed %s %s"):format(message.message_id, message.body or tostring(message.error)))
  end
  io.stdout:flush()
  local ok, err = delivery:answer("success")
  if not ok then io.stderr:write(tostring(err), "\n") end -- STALE: another member has the queue now, and gets them too
  local handled = delivery.count
  delivery:release()
  return handled
end

local batch = rocketmq.batch(16)

local function consume()
  local seen = 0
  while seen < count do
    for i = 0, assert(runtime:poll_batch(batch, 200)) - 1 do
      local delivery = batch:delivery(i)
      if delivery then seen = seen + handle(delivery) end
    end
    batch:release()
  end
end

jit.off(consume) -- compiled code would not hear Ctrl-C, which luajit turns into the error "interrupted!"
local ok, err = pcall(consume)
if not ok and not tostring(err):find("interrupted!", 1, true) then error(err, 0) end
batch:release() -- what Ctrl-C left unanswered comes again later; the close would wait for it
collectgarbage()
assert(consumer:close())
assert(runtime:close())
