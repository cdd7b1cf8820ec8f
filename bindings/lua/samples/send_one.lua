-- Sends one message and prints where it went: luajit send_one.lua <host:port of a NameServer, or -> <topic> <text>
--
-- "-" takes the NameServer from NAMESRV_ADDR.
local rocketmq = require("rocketmq_c")

local name_servers, topic, body = arg[1], arg[2], arg[3]
if not body then
  io.stderr:write("usage: send_one.lua <host:port of a NameServer, or -> <topic> <text>\n",
    "without RocketMQ, start a broker for trying: rmq-testbroker --port 9876\n")
  os.exit(2)
end
if name_servers == "-" then name_servers = os.getenv("NAMESRV_ADDR") end

local runtime = assert(rocketmq.runtime { namesrv_addr = name_servers })
local producer = assert(runtime:producer { producer_group = "send_one" })
local message = assert(rocketmq.message(topic, { body = body, tags = "sample" }))
local sent = assert(producer:send(message))
print(("%s is at offset %d of queue %d of %s"):format(sent.message_id, sent.queue_offset, sent.queue_id, sent.broker_name))
assert(runtime:close())
