"""Takes the events of one runtime: on a thread that waits in the library, in the asyncio loop by the queue's descriptor, or in
the steps of whoever drives the runtime."""
import asyncio
import atexit
import concurrent.futures
import logging
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from .errors import Error, read_error
from .event import Event, LogLine, read_log, take_event
from .ffi import NULL, ffi, lib
from .send_table import Done, SendTable

_EVENTS_PER_POLL = 256
_VIEW_SIZE = ffi.sizeof("rmq_event_view_t")
_AT_ONCE_MS = 1
_log = logging.getLogger("rocketmq_c")

Future = concurrent.futures.Future | asyncio.Future


class Listeners(NamedTuple):
    """Who is told of what the runtime itself has to say. They run where events are taken, and must not wait."""

    on_log: Callable[[LogLine], Any] | None = None
    on_resolve: Callable[[Event], Any] | None = None
    on_error: Callable[[Error], Any] | None = None


# What still runs when the interpreter ends. A thread that is inside the library then would never be heard of again.
_running: set["EventTaker"] = set()


class EventTaker:
    """Owned by a Runtime and, while it works, by its thread or loop. Never refers to the Runtime, so that a forgotten one can
    be collected."""

    def __init__(self, handle: Any, loop: asyncio.AbstractEventLoop | None, listeners: Listeners) -> None:
        self.handle = handle
        self._listeners = listeners
        self.table = SendTable()
        self._queue = lib.rmq_runtime_event_queue(handle)
        self._views = ffi.new("rmq_event_view_t[]", _EVENTS_PER_POLL)
        self._count = ffi.new("size_t *")
        self._loop = loop
        self._last_token = -1  # of the closing that ends everything
        self._thread: threading.Thread | None = None

    def start(self, is_driven: bool) -> None:
        """Begins to take. The events of a driven runtime are taken by whoever steps."""
        loop = self._loop
        if is_driven:
            return
        if loop is None:
            self._thread = threading.Thread(target=self._run, name="rocketmq_c", daemon=True)
            _running.add(self)
            self._thread.start()
        else:
            self._descriptor = lib.rmq_event_queue_fd(self._queue)
            loop.add_reader(self._descriptor, self._take_ready)

    def new_future(self) -> Future:
        """Makes a future of the kind that belongs to how events are taken."""
        return concurrent.futures.Future() if self._loop is None else self._loop.create_future()

    def _take(self, timeout_ms: int) -> bool:
        """Tells whoever waits for the next events. False: there will be none."""
        code = lib.rmq_event_queue_poll(self._queue, timeout_ms, self._views, _VIEW_SIZE, _EVENTS_PER_POLL, self._count,
                                        NULL)
        count = self._count[0]
        ends = self.table.match(self._views, count)
        told = self._hear(count)
        last = any(self._views[i].token == self._last_token for i in range(count)) if self._last_token >= 0 else False
        lib.rmq_event_destroy_batch(self._views, _VIEW_SIZE, count)
        for function, *arguments in ends + told:
            try:
                function(*arguments)
            except Exception:  # of the user's function: the next event is somebody else's
                _log.exception("a function that was told of an event has failed")
        return not last and code in (0, lib.RMQ_ERROR_INTERRUPTED, lib.RMQ_ERROR_MEMORY)

    def _hear(self, count: int) -> list[tuple]:
        """Reads the events that are for listeners, out of those that were taken."""
        told: list[tuple] = []
        on_log, on_resolve, on_error = self._listeners
        if on_log is on_resolve is on_error:
            return told  # all of them None
        for i in range(count):
            view = self._views[i]
            if view.event_type == lib.RMQ_EVENT_LOG and on_log is not None:
                told.append((on_log, read_log(view)))
            elif view.event_type == lib.RMQ_EVENT_RESOLVE and on_resolve is not None:
                event, view.event = view.event, NULL
                told.append((on_resolve, Event(*take_event(event))))
            elif view.event_type == lib.RMQ_EVENT_ERROR and on_error is not None:
                told.append((on_error, read_error(view.error_code, view.error)))
        return told

    def take_ready(self) -> bool:
        """Takes all that is there, on a driven runtime. False: there will be none any more."""
        while True:
            if not self._take(0):
                return False
            if self._count[0] < _EVENTS_PER_POLL:
                return True

    def _run(self) -> None:
        try:
            while self._take(lib.RMQ_WAIT_FOREVER):
                pass
        finally:
            _running.discard(self)

    def _take_ready(self) -> None:
        if not self._take(0):
            self._stop_reading()

    def _stop_reading(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.remove_reader(self._descriptor)

    def finish(self) -> None:
        """The runtime is closed: returns when all that is left was told."""
        if self._loop is not None:
            while self._take(0):
                pass
            self._stop_reading()
        elif self._thread is None:
            self.take_ready()
        elif self._thread is not threading.current_thread():
            self._thread.join()

    def close_async(self, timeout_ms: int, done: Done) -> int:
        """Starts closing the runtime; `done` is told last of all."""
        token = self._last_token = self.table.add(done)
        code = lib.rmq_runtime_close_async(self.handle, timeout_ms, token, NULL, NULL)
        if code != 0:
            self.table.remove(token)
        return code

    def abandon(self) -> None:
        """Ends what nobody refers to; called by the garbage collector, on any thread."""
        self.close_async(_AT_ONCE_MS, lambda *_: None)

    def join(self) -> None:
        self.abandon()
        if self._thread is not None:
            self._thread.join()


def settle(future: Future) -> Done:
    """What fulfils a future. One that was cancelled meanwhile is left alone."""

    def done(_index: int, result: Any, error: Error | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)

    return done


@atexit.register
def _end_all() -> None:
    for taker in list(_running):
        taker.join()
