"""Feeds the cdef header to cffi as a binding would, and calls the library through it. Status 77: no cffi here."""
import pathlib
import sys

try:
    import cffi
except ImportError:
    print("cffi is not installed")
    sys.exit(77)

ffi = cffi.FFI()
ffi.cdef(pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"))
library = ffi.dlopen(sys.argv[2])
assert library.RMQ_OK == 0
assert ffi.sizeof("rmq_error_view_t") > 0
assert library.rmq_version() >= 0
