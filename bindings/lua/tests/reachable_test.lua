-- Every function of the C ABI is called by what is written by hand, or is named here with a reason.
local support = require("support")
local check_equal = support.check_equal

local kWrongThread = "the library would enter the Lua state on a thread of its own, which LuaJIT forbids"
local kViews = "batches show all of an event, and errors are read whole"

local exceptions = {
  rmq_error_code = kViews,
  rmq_error_message = kViews,
  rmq_error_retain = "errors are copied into tables",
  rmq_event_queue_set_callback = kWrongThread,
  rmq_event_queue_set_wakeup = kWrongThread,
}

local folder = arg[0]:match("^(.*)/[^/]*$") or "."

local function read(path)
  local file = assert(io.open(path))
  local text = file:read("*a")
  file:close()
  return text
end

local function every_function_is_reachable()
  local called = {}
  local files = io.popen(("ls '%s'/../rocketmq_c/*.lua"):format(folder))
  for path in files:lines() do
    if not path:find("/codes%.lua$") then
      for name in read(path):gmatch("%f[%w_]C%.(rmq_[%w_]+)") do called[name] = true end
    end
  end
  files:close()
  local functions, missing, needless = {}, {}, {}
  for line in read(folder .. "/../../../tests/abi/symbols.txt"):gmatch("[^\n]+") do
    local name = line:match("^(rmq_%S+)")
    if name then functions[name] = true end
    if name and not called[name] and not exceptions[name] then table.insert(missing, name) end
  end
  for name in pairs(exceptions) do
    if called[name] or not functions[name] then table.insert(needless, name) end
  end
  check_equal(table.concat(missing, " "), "", "functions out of reach")
  check_equal(table.concat(needless, " "), "", "needless exceptions")
  assert(functions.rmq_message_new, "symbols.txt lists the functions")
end

support.run { { "every function is reachable", every_function_is_reachable } }
