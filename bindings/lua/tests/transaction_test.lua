-- Transactions: half messages, and checks of a broker.
local rocketmq = require("rocketmq_c")
local support = require("support")
local testbroker = require("rocketmq_c.testbroker")
local check_equal = support.check_equal

local broker = assert(testbroker.start("topic=orders:1 transaction_timeout=1ms transaction_interval=50ms"))
local runtime = assert(rocketmq.runtime { namesrv_addr = broker.namesrv_addr })
local producer = assert(runtime:producer { producer_group = "shop" })
local message = assert(rocketmq.message("orders", { body = "one" }))
for _, answer in ipairs { "commit", "rollback", "unknown" } do
  local sent = assert(producer:send_transaction(message, function() return answer end))
  check_equal(sent.status, rocketmq.codes.send_status.ok, "status")
end
local batch = rocketmq.batch(1, 1)
check_equal(assert(runtime:poll_batch(batch, 60000)), 1, "events within 60 s")
check_equal(batch:event(0).type, rocketmq.codes.event_type.transaction_check, "type")
check_equal(batch:message(0).body, "one", "body")
batch:decide(0, "commit")
assert(batch:answer("none"))
batch:release()
local deadline = os.time() + 60
repeat
  assert(os.time() < deadline, "the check has committed")
  local _, count = assert(broker:command("messages orders")):gsub("[^\n]+", "")
until count == 2
assert(runtime:close())
broker:stop()
print("transaction_test: fine")
