-- Counts the calls from Lua into the library. To be required before the binding, whose files then call through the counter.
local real = require("rocketmq_c.ffi")

local M = { calls = {} }

package.loaded["rocketmq_c.ffi"] = setmetatable({}, {
  __index = function(counting, name)
    local value = real[name]
    if not name:find("^rmq_") then return value end
    local function counted(...)
      M.calls[name] = (M.calls[name] or 0) + 1
      return value(...)
    end
    rawset(counting, name, counted)
    return counted
  end,
})

function M.total()
  local total = 0
  for _, count in pairs(M.calls) do total = total + count end
  return total
end

return M
