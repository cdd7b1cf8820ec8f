"""The header as Python sees it, and nothing more: declarations from rocketmq_c.cdef.h, calls as they are in C.

ROCKETMQ_C_CDEF names the declarations and ROCKETMQ_C_LIBRARY the shared object where they are not in the usual places.
"""
import os
import pathlib
from typing import Any

from cffi import FFI

_CDEF_PLACES = ("/usr/local/include/rocketmq_c.cdef.h", "/usr/include/rocketmq_c.cdef.h")


def _read_cdef() -> str:
    named = os.environ.get("ROCKETMQ_C_CDEF")
    for place in (named,) if named else _CDEF_PLACES:
        if os.path.exists(place):
            return pathlib.Path(place).read_text(encoding="utf-8")
    raise ImportError("rocketmq_c.cdef.h was not found; set ROCKETMQ_C_CDEF to its path")


ffi = FFI()
ffi.cdef(_read_cdef())
lib: Any = ffi.dlopen(os.environ.get("ROCKETMQ_C_LIBRARY", "librocketmq_c.so"))
NULL = ffi.NULL


def text_in(text: str | bytes | None) -> tuple[Any, int]:
    """Pointer and length of a text; None is absent, which is not empty."""
    if text is None:
        return NULL, 0
    data = text.encode() if isinstance(text, str) else text
    return data, len(data)


def text_out(pointer: Any, size: int) -> str | None:
    """The text of a view, copied; None when absent. Bytes that are not UTF-8 are kept as escapes."""
    return None if pointer == NULL else ffi.buffer(pointer, size)[:].decode("utf-8", "backslashreplace")
