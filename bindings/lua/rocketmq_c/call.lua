-- What the files of this layer share: texts, results and handles of C.
local ffi = require("ffi")
local errors = require("rocketmq_c.error")

local M = {}

-- What a call with an error slot becomes: `value` (true when there is none), or nil and the error.
function M.checked(code, value)
  if code ~= 0 then return nil, errors.take(code) end
  if value == nil then return true end
  return value
end

-- Makes an object: `call` fills an out parameter of the C type, `destroy` becomes its finalizer.
function M.make(class, handle_type, destroy, call)
  local out = ffi.new(handle_type .. " *[1]")
  local code = call(out)
  if code ~= 0 then return nil, errors.take(code) end
  return setmetatable({ handle = ffi.gc(out[0], destroy) }, class)
end

-- Text for the C side: nil stays null, numbers and booleans become text.
function M.text(value)
  if value == nil then return nil, 0 end
  value = tostring(value)
  return value, #value
end

-- A text of the library as a string; nil when absent.
function M.string(pointer, bytes)
  if pointer == nil then return nil end
  return ffi.string(pointer, bytes)
end

-- The number of a word of an enumeration; numbers stay as they are. Another word is a mistake of the program.
function M.number(enumeration, word, what)
  if type(word) ~= "string" then return word end
  return enumeration[word] or error(("%s is %q, which is no word of codes"):format(what, word), 3)
end

-- Gives up a handle now.
function M.destroy(object, destroy)
  if object.handle ~= nil then destroy(ffi.gc(object.handle, nil)) end
  object.handle = nil
end

return M
