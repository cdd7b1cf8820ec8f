"""Tokens, and who waits for them."""
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from .codes import SendStatus
from .errors import Error, read_error
from .ffi import lib, text_out

# A token is the number of a call, counted from 1, and the index of the message in it. Numbers are never used again, so a late
# cancel hits nobody else. Below 2^53 for 2^29 calls.
_INDEX_BITS = 24
PACKED_LIMIT = 1 << _INDEX_BITS


class SendResult(NamedTuple):
    """Tells where a message was stored."""

    status: SendStatus
    queue_id: int
    queue_offset: int
    message_id: str | None
    broker_name: str | None


Done = Callable[[int, SendResult | None, Error | None], None]

End = tuple[Done, int, SendResult | None, Error | None]  # a message that has ended: whom to tell, and what

_STATUSES = {int(status): status for status in SendStatus}


class _Call:
    __slots__ = ("done", "left")

    def __init__(self, done: Done, left: int) -> None:
        self.done = done
        self.left = left  # messages without their event yet


class SendTable:
    """The calls whose events are still to come. Calls are added by any thread; one thread at a time matches events."""

    def __init__(self) -> None:
        self._calls: dict[int, _Call] = {}
        self._number = 0  # of the latest call
        self._lock = threading.Lock()

    def add(self, done: Done, count: int = 1) -> int:
        """Adds a call of `count` messages and gives the token of the first."""
        with self._lock:
            self._number += 1
            self._calls[self._number] = _Call(done, count)
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
        return call

    def match(self, views: Any, count: int) -> list[End]:
        """Finds the call of each event and copies what the event tells."""
        with self._lock:
            return self._match(views, count)

    def _match(self, views: Any, count: int) -> list[End]:
        ends = []
        for i in range(count):
            view = views[i]
            token = view.token
            call = self._end(token >> _INDEX_BITS, 1)
            if call is None:
                continue  # nobody asked for it: a log line, or the end of a forgotten runtime
            result = error = None
            if view.error_code != 0:
                error = read_error(view.error_code, view.error)
            elif view.event_type == lib.RMQ_EVENT_SEND:
                result = SendResult(_STATUSES.get(view.send_status, view.send_status), view.queue_id,
                                    view.queue_offset, text_out(view.message_id, view.message_id_bytes),
                                    text_out(view.broker_name, view.broker_name_bytes))
            ends.append((call.done, token & (PACKED_LIMIT - 1), result, error))
        return ends
