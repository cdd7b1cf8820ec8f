-- A test of code that sends, with a broker in the test's own process.
local C = require("rocketmq_c.ffi")
local rocketmq = require("rocketmq_c")
local testbroker = require("rocketmq_c.testbroker")

-- What is tested: a function of the application. Gives what the caller may tell its user.
local function place_order(producer, text)
  local sent, err = producer:send(assert(rocketmq.message("orders", { body = text })))
  if sent then return "placed" end
  return err.outcome == C.RMQ_OUTCOME_NOT_APPLIED and "try again" or "in doubt"
end

local broker = assert(testbroker.start("topic=orders:1"))
local runtime = assert(rocketmq.runtime { namesrv_addr = broker.namesrv_addr })
local producer = assert(runtime:producer { producer_group = "shop" })

-- A broker that is busy once is not seen by the application: the library sends again.
assert(broker:command("fault all SEND_MESSAGE_V2 nth=1 error=2"))
assert(place_order(producer, "one") == "placed")
assert(broker:command("messages orders") == "broker-a 0 0 - - 3\n")

-- A broker that stores and then says nothing leaves the application in doubt.
assert(broker:command("fault all SEND_MESSAGE_V2 first=9 cut"))
assert(place_order(producer, "two") == "in doubt")

assert(runtime:close())
broker:stop()
