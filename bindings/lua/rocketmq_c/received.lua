-- Messages as brokers gave them, read from flat views.
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local errors = require("rocketmq_c.error")

local text = call.string
local view_type = ffi.typeof("rmq_message_view_t")
local views_type = ffi.typeof("rmq_message_view_t[?]")
local view_size = ffi.sizeof("rmq_message_view_t")
local properties_type = ffi.typeof("rmq_property_view_t[?]")
local size_type = ffi.typeof("size_t[1]")
local texts = { "topic", "body", "tags", "keys", "message_id", "offset_message_id", "born_host", "store_host", "broker_name" }
local offsets = { "queue_offset", "commit_log_offset", "born_timestamp_ms", "store_timestamp_ms",
  "prepared_transaction_offset" }
local numbers = { "queue_id", "flag", "sys_flag", "reconsume_times", "property_count", "error_code", "store_size", "body_crc" }

local M = { views_type = views_type, view_size = view_size }

-- A view as a table that outlives everything; `error` tells why a body could not be read.
function M.copy(view)
  local message = { error = view.error ~= nil and errors.read(view.error) or nil }
  for _, name in ipairs(texts) do message[name] = text(view[name], view[name .. "_bytes"]) end
  message.raw_properties = text(view.properties, view.properties_bytes)
  for _, name in ipairs(offsets) do message[name] = tonumber(view[name]) end
  for _, name in ipairs(numbers) do message[name] = view[name] end
  return message
end

-- A property by name; nil when absent. `message` is a pointer of C.
function M.property(message, name)
  local bytes = size_type()
  return text(C.rmq_message_property(message, name, #name, bytes), bytes[0])
end

-- All properties as a table: name -> value.
function M.properties(message, count)
  local views = properties_type(count)
  count = tonumber(C.rmq_message_properties(message, 0, views, ffi.sizeof("rmq_property_view_t"), count))
  local properties = {}
  for i = 0, count - 1 do
    properties[text(views[i].name, views[i].name_bytes)] = text(views[i].value, views[i].value_bytes)
  end
  return properties
end

-- All fields of a message at once, borrowed from it.
function M.view(message)
  local view = view_type()
  local code = C.rmq_message_view(message, view, view_size)
  if code ~= 0 then return nil, errors.take(code) end
  return view
end

-- ---------------------------------------------------------------- messages that were kept

-- `view` has fields of rmq_message_view_t, readable while the message is referred to.
local Kept = {}
Kept.__index = Kept

function Kept:copy() return M.copy(self.view) end

function Kept:property(name) return M.property(self.handle, name) end

function Kept:properties() return M.properties(self.handle, self.view.property_count) end

function Kept:release()
  call.destroy(self, C.rmq_message_destroy)
  self.view = nil
end

-- Keeps a message that a view shows, without its neighbours.
function M.retain(message)
  local handle = C.rmq_message_retain(message)
  assert(handle ~= nil, "memory is exhausted")
  handle = ffi.gc(handle, C.rmq_message_destroy)
  return setmetatable({ handle = handle, view = M.view(handle) }, Kept)
end

-- ---------------------------------------------------------------- stored messages

-- `views` has fields of rmq_message_view_t, from 0 to count - 1, readable while the list is referred to.
local List = {}
List.__index = List

function List:copy(i) return M.copy(self.views[i]) end

function List:property(i, name) return M.property(self.views[i].message, name) end

function List:properties(i) return M.properties(self.views[i].message, self.views[i].property_count) end

function List:retain(i) return M.retain(self.views[i].message) end

function List:release()
  call.destroy(self, C.rmq_message_list_destroy)
  self.views, self.count = nil, 0
end

-- Reads messages as brokers store them, one after another: the body of a pull answer, say.
function M.decode(bytes)
  local list, err = call.make(List, "rmq_message_list_t", C.rmq_message_list_destroy, function(out)
    return C.rmq_message_list_decode(bytes, #bytes, out, errors.slot)
  end)
  if not list then return nil, err end
  local count = tonumber(C.rmq_message_list_count(list.handle))
  list.views = views_type(count)
  list.count = tonumber(C.rmq_message_list_views(list.handle, 0, list.views, view_size, count))
  return list
end

return M
