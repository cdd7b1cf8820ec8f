-- What the tests share: a broker of their own, clocks, checks, and a runner whose cases have sentences for names.
local ffi = require("ffi")

ffi.cdef [[
typedef struct { int64_t seconds; int64_t nanoseconds; } rmq_test_time_t;
int clock_gettime(int clock, rmq_test_time_t *time);

typedef struct { uint16_t family; uint8_t port[2]; uint8_t host[4]; uint8_t nothing[8]; } rmq_test_address_t;
int socket(int domain, int type, int protocol);
int connect(int socket, const rmq_test_address_t *address, uint32_t bytes);
ssize_t send(int socket, const void *data, size_t bytes, int flags);
ssize_t recv(int socket, void *data, size_t bytes, int flags);
int close(int descriptor);
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

-- A number as `count` bytes, the highest first.
local function big_endian(number, count)
  local bytes = {}
  for i = count, 1, -1 do
    bytes[i] = string.char(number % 256)
    number = math.floor(number / 256)
  end
  return table.concat(bytes)
end

-- Stores a message in queue 0 of bench_stub by a frame of SEND_MESSAGE in the compact encoding: texts may be any bytes.
function M.store_raw(address, body, properties)
  local fields = {}
  for _, field in ipairs {
    { "producerGroup", "raw" }, { "topic", "bench_stub" }, { "defaultTopic", "TBW102" }, { "defaultTopicQueueNums", "4" },
    { "queueId", "0" }, { "sysFlag", "0" }, { "bornTimestamp", "1700000000000" }, { "flag", "0" },
    { "properties", properties },
  } do
    local name, value = field[1], field[2]
    table.insert(fields, big_endian(#name, 2) .. name .. big_endian(#value, 4) .. value)
  end
  local extended = table.concat(fields)
  -- Code, language, version, opaque, flag, no remark.
  local header = big_endian(10, 2) .. "\1" .. big_endian(493, 2) .. big_endian(1, 4) .. big_endian(0, 8)
    .. big_endian(#extended, 4) .. extended
  local frame = big_endian(4 + #header + #body, 4) .. "\1" .. big_endian(#header, 3) .. header .. body

  local a, b, c, d, port = address:match("^(%d+)%.(%d+)%.(%d+)%.(%d+):(%d+)$")
  local place = ffi.new("rmq_test_address_t", { family = 2, host = { tonumber(a), tonumber(b), tonumber(c), tonumber(d) } })
  ffi.copy(place.port, big_endian(tonumber(port), 2), 2)
  local stream = ffi.C.socket(2, 1, 0)
  assert(ffi.C.connect(stream, place, ffi.sizeof(place)) == 0, "cannot connect")
  assert(ffi.C.send(stream, frame, #frame, 0) == #frame, "cannot send")
  assert(ffi.C.recv(stream, ffi.new("char[8]"), 8, 0x100) == 8, "no answer") -- MSG_WAITALL
  ffi.C.close(stream)
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
