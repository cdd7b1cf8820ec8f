"""Tokens, and who waits for them."""
import threading
from collections.abc import Callable
from typing import Any

from .codes import SendStatus
from .errors import Error, read_error
from .event import SendResult
from .ffi import lib, text_out

# A token is the number of a call, counted from 1, and the index of the message in it. Numbers are never used again, so a late
# cancel hits nobody else. Below 2^53 for 2^29 calls.
_INDEX_BITS = 24
PACKED_LIMIT = 1 << _INDEX_BITS

Done = Callable[[int, SendResult | None, Error | None], None]

End = tuple[Done, int, SendResult | None, Error | None]  # a message that has ended: whom to tell, and what

_ENDS = (lib.RMQ_EVENT_SEND, lib.RMQ_EVENT_CLOSED, lib.RMQ_EVENT_FLUSHED)  # what the tokens of this table come with
_SEND = lib.RMQ_EVENT_SEND
_STATUSES = {int(status): status for status in SendStatus}


class _Call:
    __slots__ = ("done", "left", "pinned")

    def __init__(self, done: Done, left: int, pinned: Any) -> None:
        self.done = done
        self.left = left  # messages without their event yet
        self.pinned = pinned  # bodies that the library reads in place until then


# Calls with pinned bodies. They stay when a runtime and its table are forgotten, since the library may still read.
_pinning: set[_Call] = set()


class SendTable:
    """The calls whose events are still to come. Calls are added by any thread; one thread at a time matches events."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}
        self._number = 0  # of the latest call
        self._lock = threading.Lock()

    def add(self, done: Done, count: int = 1, pinned: Any = None) -> int:
        """Adds a call of `count` messages and gives the token of the first. What is pinned is kept until all have ended."""
        with self._lock:
            self._number += 1
            call = self._calls[self._number] = _Call(done, count, pinned)
            if pinned:
                _pinning.add(call)
            return self._number << _INDEX_BITS

    def remove(self, token: int, count: int = 1) -> None:
        """Takes back messages that the library refused, and will yield no event for."""
        with self._lock:
            self._end(token >> _INDEX_BITS, count)

    def _end(self, number: int, count: int) -> _Call | None:
        call = self._calls.get(number)
        if call is None:
            return None
        call.left -= count
        if call.left == 0:
            del self._calls[number]
            if call.pinned:
                _pinning.discard(call)
        return call

    def match(self, views: Any, count: int) -> list[End]:
        """Finds the call of each event and copies what the event tells."""
        with self._lock:
            return self._match(views, count)

    def _match(self, views: Any, count: int) -> list[End]:
        ends = []
        for i in range(count):
            view = views[i]
            if view.event_type not in _ENDS:
                continue
            token = view.token
            call = self._end(token >> _INDEX_BITS, 1)
            if call is None:
                continue  # nobody waits for it: the end of a forgotten runtime
            result = error = None
            if view.error_code != 0:
                error = read_error(view.error_code, view.error)
            elif view.event_type == _SEND:
                result = SendResult(_STATUSES.get(view.status, view.status), view.queue_id,
                                    view.offset, text_out(view.message_id, view.message_id_bytes),
                                    text_out(view.broker_name, view.broker_name_bytes),
                                    text_out(view.offset_message_id, view.offset_message_id_bytes))
            ends.append((call.done, token & (PACKED_LIMIT - 1), result, error))
        return ends
