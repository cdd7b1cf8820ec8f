-- What the tests share: a broker of their own, clocks, checks, and a runner whose cases have sentences for names.
local ffi = require("ffi")

ffi.cdef [[
typedef struct { int64_t seconds; int64_t nanoseconds; } rmq_test_time_t;
int clock_gettime(int clock, rmq_test_time_t *time);
]]

local M = {}

-- A broker whose handle is collected is closed, and one test may use another's.
local brokers = {}

local function read_clock(clock)
  local time = ffi.new("rmq_test_time_t")
  assert(ffi.C.clock_gettime(clock, time) == 0)
  return tonumber(time.seconds) + tonumber(time.nanoseconds) * 1e-9
end

function M.wall_seconds() return read_clock(1) end
function M.cpu_seconds() return read_clock(2) end

-- Starts a broker with the topic bench_stub and gives its address. It ends with this process.
function M.start_broker(options)
  local fifo = os.tmpname()
  os.remove(fifo)
  assert(os.execute("mkfifo " .. fifo) == 0)
  local program = assert(os.getenv("RMQ_TESTBROKER"), "set RMQ_TESTBROKER to the rmq-testbroker program")
  local broker = assert(io.popen(("'%s' --port 0 --topic bench_stub:4 --until-stdin-closes %s > %s")
    :format(program, options or "", fifo), "w"))
  local file = assert(io.open(fifo))
  local address = file:read("*l"):match("^LISTENING (%S+)$")
  file:close()
  os.remove(fifo)
  table.insert(brokers, broker)
  return assert(address)
end

function M.check_equal(actual, expected, what)
  if actual ~= expected then
    error(("%s: %s, expected %s"):format(what, tostring(actual), tostring(expected)), 2)
  end
end

-- Runs the cases in order and ends the process with 1 if one failed.
function M.run(cases)
  local failed = 0
  for _, case in ipairs(cases) do
    local ok, message = xpcall(case[2], debug.traceback)
    print((ok and "ok   " or "FAIL ") .. case[1])
    if not ok then
      failed = failed + 1
      print(message)
    end
  end
  os.exit(failed == 0 and 0 or 1, true)
end

return M
