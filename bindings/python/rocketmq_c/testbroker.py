"""A NameServer and brokers in this process, for tests: librocketmq_testbroker through cffi.

    with testbroker.Broker("topic=orders:8") as broker:
        runtime = rocketmq_c.Runtime({"namesrv_addr": broker.namesrv_addr})
        broker.command("fault all SEND_MESSAGE_V2 nth=1 no_answer")

Options and commands are those of docs/testbroker.md. ROCKETMQ_TESTBROKER_CDEF names the declarations, by default beside those
of the library, and ROCKETMQ_TESTBROKER_LIBRARY the shared object where they are not in the usual places.
"""
import os
import pathlib
import threading
from typing import Any

from cffi import FFI

_CDEF = "rocketmq_testbroker.cdef.h"
_ERROR_BYTES = 4096
_REPLY_BYTES = 64 * 1024


def _read_cdef() -> str:
    beside = os.environ.get("ROCKETMQ_C_CDEF")
    places = [os.environ.get("ROCKETMQ_TESTBROKER_CDEF"), beside and os.path.join(os.path.dirname(beside), _CDEF),
              "/usr/local/include/" + _CDEF, "/usr/include/" + _CDEF]
    for place in filter(None, places):
        if os.path.exists(place):
            return pathlib.Path(place).read_text(encoding="utf-8")
    raise ImportError(f"{_CDEF} was not found; set ROCKETMQ_TESTBROKER_CDEF to its path")


_ffi = FFI()
_ffi.cdef(_read_cdef())
_lib: Any = _ffi.dlopen(os.environ.get("ROCKETMQ_TESTBROKER_LIBRARY", "librocketmq_testbroker.so"))


class Error(Exception):
    """Options or a command that the broker did not take; the text says why."""


class Broker:
    """A running cluster. It ends with its block, or with stop()."""

    def __init__(self, options: str = "") -> None:
        text, why = _encode(options), _ffi.new("char[]", _ERROR_BYTES)
        self._lock = threading.Lock()  # a command must have ended before the broker is freed
        self._handle = _lib.rmq_testbroker_start(text, why, _ERROR_BYTES)
        if self._handle == _ffi.NULL:
            raise Error(_text(why))
        self._handle = _ffi.gc(self._handle, _lib.rmq_testbroker_destroy)
        self.namesrv_addr: str = _text(_lib.rmq_testbroker_namesrv_addr(self._handle))

    def command(self, line: str) -> str:
        """Runs one command, waits until it is done, and gives its answer."""
        text = _encode(line)
        with self._lock:
            if self._handle is None:
                raise Error("the broker was stopped")
            return self._run(text)

    def _run(self, line: bytes) -> str:
        size, length = _REPLY_BYTES, _ffi.new("size_t *")
        while True:
            reply = _ffi.new("char[]", size)
            code = _lib.rmq_testbroker_command(self._handle, line, reply, size, length)
            if code != _lib.RMQ_TESTBROKER_OK:
                raise Error(_text(reply) or f"the command failed with code {code}")
            if length[0] < size:
                return _text(reply)
            size = length[0] + _REPLY_BYTES  # only commands that change nothing answer so much

    def stop(self) -> None:
        """Closes every connection and ends the broker's thread, after commands of other threads. May be called twice."""
        with self._lock:
            handle, self._handle = self._handle, None
            if handle is not None:
                _ffi.release(handle)

    def __enter__(self) -> "Broker":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _encode(text: str) -> bytes:
    if "\0" in text:
        raise Error("a text with a zero byte: what is behind it would be lost")
    return text.encode()


def _text(pointer: Any) -> str:
    return _ffi.string(pointer).decode("utf-8", "backslashreplace")
