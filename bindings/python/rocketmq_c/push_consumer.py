"""Receiving: a push consumer's deliveries are taken from an event queue of its own, by whoever is ready to handle one."""
import asyncio
import os
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from .codes import Code
from .config import Options
from .consumer import Consumer
from .delivery import Delivery
from .errors import Error, call, make, read_error
from .event import VIEW_SIZE
from .event_batch import EventBatch
from .ffi import ffi, lib
from .waiting import wait_readable, wait_readable_async

if TYPE_CHECKING:
    from .runtime import Runtime

_T = TypeVar("_T")


class PushConsumer(Consumer):
    """`for delivery in consumer` in any number of threads, or `async for` in the runtime's loop. Ctrl-C ends a wait.

    `receive_batch` takes many deliveries in one call. Close the consumer, or use it in `with` or `async with`. `on_error` is
    called with what keeps it from working, by whoever receives: once for each cause, and then rarely (option events).
    """

    def __init__(self, runtime: "Runtime", options: Options | None = None,
                 on_error: Callable[[Error], None] | None = None) -> None:
        self._runtime = runtime
        self.on_error = on_error
        self._queue = make("rmq_event_queue_t", lib.rmq_event_queue_new, lib.rmq_event_queue_destroy, runtime.handle)
        self._descriptor = lib.rmq_event_queue_fd(self._queue)
        super().__init__(runtime, self._queue, options, 0)
        self._ended = False
        self._end = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)  # readable once receiving has ended
        weakref.finalize(self, os.close, self._end)

    def receive(self, timeout: float | None = None) -> Delivery | None:
        """Waits for a delivery, which is then yours to answer; None when none came within `timeout` seconds (None: no limit).

        Raises Code.CLOSED at the end.
        """
        return self._wait(self._take, timeout)

    def receive_batch(self, timeout: float | None = None, *, max_events: int = 64,
                      max_messages: int = 1024) -> EventBatch | None:
        """Waits for deliveries and takes many of them, with their messages, in one call; otherwise as receive."""
        return self._wait(lambda: self._take_batch(max_events, max_messages), timeout)

    async def receive_async(self) -> Delivery:
        """Waits for a delivery in the runtime's loop. One task at a time."""
        return await self._wait_async(self._take)

    async def receive_batch_async(self, *, max_events: int = 64, max_messages: int = 1024) -> EventBatch:
        """Waits for deliveries in the runtime's loop, and takes many. One task at a time."""
        return await self._wait_async(lambda: self._take_batch(max_events, max_messages))

    def _wait(self, take: Callable[[], _T | None], timeout: float | None) -> _T | None:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (taken := take()) is None:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return None
            # Not in the library's own wait: a signal's handler runs only while Python itself waits.
            wait_readable([self._descriptor, self._end], left)
        return taken

    async def _wait_async(self, take: Callable[[], _T | None]) -> _T:
        while (taken := take()) is None:
            await wait_readable_async([self._descriptor, self._end])
        return taken

    def _take(self) -> Delivery | None:
        self._check_open()
        view, count = ffi.new("rmq_event_view_t *"), ffi.new("size_t *")
        call(lib.rmq_event_queue_poll, self._queue, 0, view, VIEW_SIZE, 1, count)
        if count[0] == 0:
            return None
        event = ffi.gc(view.event, lib.rmq_event_destroy)
        if view.event_type == lib.RMQ_EVENT_ERROR and self.on_error is not None:
            self.on_error(read_error(view.error_code, view.error))
        return Delivery(view, (view, event)) if view.event_type == lib.RMQ_EVENT_DELIVERY else None

    def _take_batch(self, max_events: int, max_messages: int) -> EventBatch | None:
        self._check_open()
        batch = EventBatch(max_events, max_messages)
        batch.fill(self._queue, 0)
        if self.on_error is not None:
            for event in batch:
                if event.type == lib.RMQ_EVENT_ERROR:
                    self.on_error(event.error)
        return batch if any(True for _ in batch.deliveries) else None

    def _check_open(self) -> None:
        if self._ended:
            raise read_error(lib.RMQ_ERROR_CLOSED)

    def __iter__(self) -> Iterator[Delivery]:
        try:
            while True:
                yield self.receive()
        except Error as error:
            if error.code != Code.CLOSED:
                raise

    async def __aiter__(self) -> AsyncIterator[Delivery]:
        try:
            while True:
                yield await self.receive_async()
        except Error as error:
            if error.code != Code.CLOSED:
                raise

    def end_receiving(self) -> None:
        """Has every wait for a delivery raise Code.CLOSED."""
        self._ended = True
        os.eventfd_write(self._end, 1)

    def close(self, timeout: float | None = None) -> None:
        """Waits for the answers to what was received, at most `timeout` seconds, stores offsets and leaves the group."""
        self.end_receiving()
        super().close(timeout)

    async def aclose(self, timeout: float | None = None) -> None:
        """Closes without blocking the loop."""
        await asyncio.to_thread(self.close, timeout)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self.aclose()
