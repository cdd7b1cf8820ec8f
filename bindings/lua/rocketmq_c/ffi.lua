-- The header as LuaJIT sees it, and nothing more: declarations from rocketmq_c.cdef.h, calls as they are in C.
--
-- ROCKETMQ_C_CDEF names the declarations and ROCKETMQ_C_LIBRARY the shared object where they are not in the usual places.
local ffi = require("ffi")

local cdef_places = {
  os.getenv("ROCKETMQ_C_CDEF") or "",
  "/usr/local/include/rocketmq_c.cdef.h",
  "/usr/include/rocketmq_c.cdef.h",
}

local function open_cdef()
  for _, place in ipairs(cdef_places) do
    local file = place ~= "" and io.open(place)
    if file then return file end
  end
  error("rocketmq_c.cdef.h was not found; set ROCKETMQ_C_CDEF to its path")
end

local file = open_cdef()
ffi.cdef(file:read("*a"))
file:close()

return ffi.load(os.getenv("ROCKETMQ_C_LIBRARY") or "rocketmq_c")
