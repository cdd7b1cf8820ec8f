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


def wrong_type(what: str, value: Any, expected: str) -> TypeError:
    """The error of an argument of a wrong type, which names the argument."""
    kind = "None" if value is None else f"of type {type(value).__name__}"  # not the value, which may be a secret
    return TypeError(f"{what} is {kind}, expected {expected}")


def text_in(what: str, text: str | bytes) -> tuple[Any, int]:
    """Pointer and length of a text; `what` is the argument's name. Text that a message gave may go back in as it is."""
    if isinstance(text, str):
        text = text.encode("utf-8", "surrogateescape")
    elif not isinstance(text, bytes):
        raise wrong_type(what, text, "a str")
    return text, len(text)


def optional_text_in(what: str, text: str | bytes | None) -> tuple[Any, int]:
    """Pointer and length of a text; None is absent, which is not empty."""
    return (NULL, 0) if text is None else text_in(what, text)


def number_in(what: str, number: int) -> int:
    """A whole number; `what` is the argument's name."""
    if not isinstance(number, int):
        raise wrong_type(what, number, "an int")
    return number


def text_out(pointer: Any, size: int) -> str | None:
    """The text of a view, copied; None when absent. Bytes that are not UTF-8 become lone surrogates, so that
    text.encode("utf-8", "surrogateescape") gives exactly the bytes that came."""
    return None if pointer == NULL else ffi.buffer(pointer, size)[:].decode("utf-8", "surrogateescape")


def shown_text_out(pointer: Any, size: int) -> str:
    """A text for people to read, which can always be printed: bytes that are not UTF-8 become escapes."""
    return "" if pointer == NULL else ffi.buffer(pointer, size)[:].decode("utf-8", "backslashreplace")
