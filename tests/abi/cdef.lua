-- Feeds the cdef header to LuaJIT as a binding would, and calls the library through it.
local ffi = require("ffi")
local header, library = arg[1], arg[2]
ffi.cdef(assert(io.open(header)):read("*a"))
assert(ffi.C.RMQ_OK == 0)
assert(ffi.sizeof("rmq_error_view_t") > 0)
local rmq = ffi.load(library)
assert(ffi.string(rmq.rmq_version_text()):match("^%d+%.%d+%.%d+$"))
