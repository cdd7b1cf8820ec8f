-- Sends one message: luajit hello.lua [host:port of a NameServer].
local rocketmq = require("rocketmq_c")

local runtime = assert(rocketmq.runtime { namesrv_addr = arg[1] or "127.0.0.1:9876" })
local producer = assert(runtime:producer { producer_group = "hello" })
assert(producer:send(assert(rocketmq.message("orders", { body = "hello" }))))
print("stored")
assert(runtime:close())
