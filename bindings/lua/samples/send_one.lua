-- Sends one message and prints where it went: luajit send_one.lua <host:port of a broker> <topic> <text>
local rocketmq = require("rocketmq")

local address, topic, body = arg[1], arg[2], arg[3]
if not body then
  io.stderr:write("usage: send_one.lua <host:port> <topic> <text>\n")
  os.exit(2)
end

local runtime = assert(rocketmq.runtime())
local producer = assert(runtime:producer { producer_group = "send_one" })
local message = assert(rocketmq.message(topic, { body = body, tags = "sample" }))
local result = assert(producer:send(message, assert(rocketmq.destination(address))))
print(("%s is at offset %d of queue %d"):format(result.message_id, result.queue_offset, result.queue_id))
assert(runtime:close())
