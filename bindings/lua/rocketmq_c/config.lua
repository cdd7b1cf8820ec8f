-- Sets of options: names and values of docs/options.md.
local ffi = require("ffi")
local C = require("rocketmq_c.ffi")
local call = require("rocketmq_c.call")
local errors = require("rocketmq_c.error")

local slot, checked, text = errors.slot, call.checked, call.text
local value_type = ffi.typeof("const char *[1]")
local size_type = ffi.typeof("size_t[1]")
local option_type = ffi.typeof("rmq_option_view_t")

local Config = {}
Config.__index = Config

local M = {}

-- Makes a config. Objects that are made with it keep a copy. predefined: nil, "high_throughput", "low_latency" or "low_memory".
function M.new(options, predefined)
  local name, bytes = text(predefined)
  local config, err = call.make(Config, "rmq_config_t", C.rmq_config_destroy, function(out)
    return C.rmq_config_new(name, bytes, out, slot)
  end)
  if not config then return nil, err end
  for option, value in pairs(options or {}) do
    local ok
    ok, err = config:set(option, value)
    if not ok then return nil, err end
  end
  return config
end

-- The handle of what stands for options: nil, a config or a table of names and values. Gives false and the error when they are
-- refused.
function M.handle_of(options)
  if options == nil then return nil end
  if getmetatable(options) == Config then return options.handle end
  local config, err = M.new(options)
  if not config then return false, err end
  return config.handle
end

-- Sets one option; nil takes it back to its default.
function Config:set(name, value)
  local bytes, size = text(value)
  return checked(C.rmq_config_set(self.handle, name, #name, bytes, size, slot))
end

-- Reads one option as text: its default when it is not set, nil without one. Secrets read as "***".
function Config:get(name)
  local value, size = value_type(), size_type()
  local code = C.rmq_config_get(self.handle, name, #name, value, size, slot)
  if code ~= 0 then return nil, errors.take(code) end
  return call.string(value[0], size[0])
end

local function load(config, source, bytes, size)
  return checked(C.rmq_config_load(config.handle, source, bytes, size, slot))
end

-- Sets what lines "name = value" say: all of them or none.
function Config:load_text(lines) return load(self, C.RMQ_LOAD_TEXT, lines, #lines) end

function Config:load_file(path) return load(self, C.RMQ_LOAD_FILE, path, #path) end

-- Reads the variables ROCKETMQ_<NAME>, and NAMESRV_ADDR.
function Config:load_environment() return load(self, C.RMQ_LOAD_ENVIRONMENT, nil, 0) end

function Config:copy()
  local copy = C.rmq_config_copy(self.handle)
  assert(copy ~= nil, "memory is exhausted")
  return setmetatable({ handle = ffi.gc(copy, C.rmq_config_destroy) }, Config)
end

-- All options that the library has, in the order of its table, with the fields of rmq_option_view_t.
function M.options()
  local options, view = {}, option_type()
  while C.rmq_config_describe(#options, view, ffi.sizeof(view)) == 0 do
    local option = {
      minimum = tonumber(view.minimum), maximum = tonumber(view.maximum), owners = view.owners, live_owners = view.live_owners,
      is_secret = view.is_secret ~= 0, is_code_only = view.is_code_only ~= 0,
    }
    for _, name in ipairs { "name", "kind", "unit", "default_value", "sentence", "choices" } do
      option[name] = call.string(view[name], view[name .. "_bytes"])
    end
    table.insert(options, option)
  end
  return options
end

return M
