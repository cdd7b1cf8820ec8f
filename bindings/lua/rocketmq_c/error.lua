-- Errors as tables: all fields of rmq_error_view_t under their C names, readable after the error object is gone.
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")

local view_type = ffi.typeof("rmq_error_view_t")
local texts = { "name", "message", "hint", "remark", "address", "topic", "broker_name", "group", "client_id",
  "message_id" }
local numbers = { "code", "category", "outcome", "server_role", "response_code", "queue_id" }

local Error = {}
Error.__index = Error
Error.__tostring = function(self) return self.name .. ": " .. self.message end

local M = {}

-- The slot that calls put their error in. One is enough: calls do not nest, and finalizers take no error.
M.slot = ffi.new("rmq_error_t *[1]")

-- Reads a borrowed error.
function M.read(borrowed)
  local view = view_type()
  C.rmq_error_view(borrowed, view, ffi.sizeof(view))
  local result = { retriable = view.retriable ~= 0, count = tonumber(view.count), elapsed_ms = tonumber(view.elapsed_ms),
    limit_ms = tonumber(view.limit_ms) }
  for _, name in ipairs(numbers) do result[name] = view[name] end
  for _, name in ipairs(texts) do result[name] = view[name] ~= nil and ffi.string(view[name], view[name .. "_bytes"]) or "" end
  return setmetatable(result, Error)
end

-- What a call left in the slot, as a table. There is no object when memory is exhausted; the code is then all there is.
function M.take(code)
  local owned = M.slot[0]
  if owned == nil then
    local name, sentence = ffi.string(C.rmq_name(C.RMQ_NAME_ERROR, code)), ffi.string(C.rmq_sentence(C.RMQ_NAME_ERROR, code))
    return setmetatable({ code = code, name = name, message = sentence }, Error)
  end
  M.slot[0] = nil
  local result = M.read(owned)
  C.rmq_error_destroy(owned)
  return result
end

return M
