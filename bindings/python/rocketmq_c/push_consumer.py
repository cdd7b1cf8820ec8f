"""Receiving: a push consumer's deliveries are taken from an event queue of its own, by whoever is ready to handle one."""
import asyncio
import os
import select
import time
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .codes import Code, Filter
from .config import Options, milliseconds, new_config
from .delivery import Delivery
from .errors import Error, call, make, read_error
from .ffi import NULL, ffi, lib, number_in, optional_text_in, text_in

if TYPE_CHECKING:
    from .runtime import Runtime


class PushConsumer:
    """`for delivery in consumer` in any number of threads, or `async for` in the runtime's loop. Ctrl-C ends a wait.

    Close it, or use it in `with` or `async with`. `on_error` is called with what keeps the consumer from working, by whoever
    receives: once for each cause, and then rarely (option events).
    """

    def __init__(self, runtime: "Runtime", options: Options | None = None,
                 on_error: Callable[[Error], None] | None = None) -> None:
        self._runtime = runtime
        self.on_error = on_error
        self._queue = make("rmq_event_queue_t", lib.rmq_event_queue_new, lib.rmq_event_queue_destroy, runtime.handle)
        self.handle = make("rmq_push_consumer_t", lib.rmq_push_consumer_new, lib.rmq_push_consumer_destroy, runtime.handle,
                           new_config(options), self._queue, 0, NULL)
        self._ended = False
        self._end = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)  # readable once receiving has ended
        weakref.finalize(self, os.close, self._end)

    def subscribe(self, topic: str, expression: str | None = "*", language: Filter = Filter.TAG) -> None:
        """Subscribes to a topic, before or after the start. Expression None: all messages."""
        call(lib.rmq_push_consumer_subscribe, self.handle, *text_in("topic", topic), number_in("language", language),
             *optional_text_in("expression", expression))

    def unsubscribe(self, topic: str) -> None:
        """Ends the subscription of a topic."""
        call(lib.rmq_push_consumer_unsubscribe, self.handle, *text_in("topic", topic))

    def start(self) -> None:
        """Starts to receive. The network is reached in the background."""
        call(lib.rmq_push_consumer_start, self.handle)

    def receive(self, timeout: float | None = None) -> Delivery | None:
        """Waits for a delivery, which is then yours to answer; None when none came within `timeout` seconds (None: no limit).

        Raises Code.CLOSED at the end.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while (delivery := self._take()) is None:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return None
            # Not in the library's own wait: a signal's handler runs only while Python itself waits.
            watched = select.poll()
            watched.register(lib.rmq_event_queue_fd(self._queue), select.POLLIN)
            watched.register(self._end, select.POLLIN)
            watched.poll(None if left is None else left * 1000)
        return delivery

    async def receive_async(self) -> Delivery:
        """Waits for a delivery in the runtime's loop. One task at a time."""
        loop = asyncio.get_running_loop()
        descriptors = (lib.rmq_event_queue_fd(self._queue), self._end)
        while (delivery := self._take()) is None:
            readable = loop.create_future()
            for descriptor in descriptors:
                loop.add_reader(descriptor, lambda: readable.done() or readable.set_result(None))
            try:
                await readable
            finally:
                for descriptor in descriptors:
                    loop.remove_reader(descriptor)
        return delivery

    def _take(self) -> Delivery | None:
        if self._ended:
            raise read_error(lib.RMQ_ERROR_CLOSED)
        out = ffi.new("rmq_event_t **")
        call(lib.rmq_event_queue_poll, self._queue, 0, out)
        if out[0] == NULL:
            return None
        event = ffi.gc(out[0], lib.rmq_event_destroy)
        kind = lib.rmq_event_type(event)
        if kind == lib.RMQ_EVENT_ERROR and self.on_error is not None:
            error = lib.rmq_event_error(event)
            self.on_error(read_error(lib.rmq_error_code(error), error))
        return Delivery(event) if kind == lib.RMQ_EVENT_DELIVERY else None

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
        call(lib.rmq_push_consumer_close, self.handle, milliseconds(timeout))

    async def aclose(self, timeout: float | None = None) -> None:
        """Closes without blocking the loop."""
        await asyncio.to_thread(self.close, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self.aclose()
