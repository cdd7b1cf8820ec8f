-- A NameServer and brokers in this process, for tests: librocketmq_testbroker through the FFI.
--
--   local broker = assert(testbroker.start("topic=orders:8"))
--   local runtime = assert(rocketmq.runtime { namesrv_addr = broker.namesrv_addr })
--   assert(broker:command("fault all SEND_MESSAGE_V2 nth=1 no_answer"))
--   broker:stop()
--
-- Options and commands are those of docs/testbroker.md. ROCKETMQ_TESTBROKER_CDEF names the declarations, by default beside
-- those of the library, and ROCKETMQ_TESTBROKER_LIBRARY the shared object where they are not in the usual places.
local ffi = require("ffi")

local kErrorBytes = 4096
local kReplyBytes = 64 * 1024

local function beside_library()
  local folder = (os.getenv("ROCKETMQ_C_CDEF") or ""):match("^(.*)/[^/]*$")
  return folder and folder .. "/rocketmq_testbroker.cdef.h" or ""
end

local cdef_places = {
  os.getenv("ROCKETMQ_TESTBROKER_CDEF") or "",
  beside_library(),
  "/usr/local/include/rocketmq_testbroker.cdef.h",
  "/usr/include/rocketmq_testbroker.cdef.h",
}

local function open_cdef()
  for _, place in ipairs(cdef_places) do
    local file = place ~= "" and io.open(place)
    if file then return file end
  end
  error("rocketmq_testbroker.cdef.h was not found; set ROCKETMQ_TESTBROKER_CDEF to its path")
end

local file = open_cdef()
ffi.cdef(file:read("*a"))
file:close()

local C = ffi.load(os.getenv("ROCKETMQ_TESTBROKER_LIBRARY") or "rocketmq_testbroker")

local Broker = {}
Broker.__index = Broker

local M = {}

local kZeroByte = "a text with a zero byte: what is behind it would be lost"

local function has_zero(text) return text ~= nil and text:find("\0", 1, true) ~= nil end

-- Starts a cluster: nil and a sentence when the options are not understood. It ends with stop, or when collected.
function M.start(options)
  if has_zero(options) then return nil, kZeroByte end
  local why = ffi.new("char[?]", kErrorBytes)
  local handle = C.rmq_testbroker_start(options, why, kErrorBytes)
  if handle == nil then return nil, ffi.string(why) end
  return setmetatable({
    handle = ffi.gc(handle, C.rmq_testbroker_destroy),
    namesrv_addr = ffi.string(C.rmq_testbroker_namesrv_addr(handle)),
  }, Broker)
end

-- Runs one command, waits until it is done, and gives its answer: nil and a sentence when it was not done.
function Broker:command(line)
  if not self.handle then return nil, "the broker was stopped" end
  if has_zero(line) then return nil, kZeroByte end
  local size, length = kReplyBytes, ffi.new("size_t[1]")
  while true do
    local reply = ffi.new("char[?]", size)
    local code = C.rmq_testbroker_command(self.handle, line, reply, size, length)
    local text = ffi.string(reply)
    if code ~= C.RMQ_TESTBROKER_OK then return nil, text ~= "" and text or "the command failed with code " .. code end
    if tonumber(length[0]) < size then return text end
    size = tonumber(length[0]) + kReplyBytes -- only commands that change nothing answer so much
  end
end

-- Closes every connection and ends the broker's thread. May be called twice.
function Broker:stop()
  if not self.handle then return end
  C.rmq_testbroker_destroy(ffi.gc(self.handle, nil))
  self.handle = nil
end

return M
