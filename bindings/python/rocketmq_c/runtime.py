"""The loop with its connections; producers and consumers are made on it."""
import asyncio
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Self

from .codes import Code
from .config import Options, milliseconds, new_config
from .errors import Error, call, make, read_error
from .event_taker import EventTaker, settle
from .ffi import lib
from .producer import Producer
from .push_consumer import PushConsumer


class Runtime:
    """Close it, use it in `with` or `async with`, or forget it: pending sends then end at once with Code.SHUTDOWN.

    Without a loop one thread takes events, and futures are those of concurrent.futures. With a loop no thread is made: events
    are taken when the queue's descriptor is readable, and futures are asyncio's. Everything is then for the loop's thread.
    """

    def __init__(self, options: Options | None = None, *, loop: asyncio.AbstractEventLoop | None = None) -> None:
        handle = make("rmq_runtime_t", lib.rmq_runtime_new, lib.rmq_runtime_destroy, new_config(options))
        call(lib.rmq_runtime_start, handle)
        self.handle = handle
        self.loop = loop
        self.taker = EventTaker(handle, loop)
        self._consumers: weakref.WeakSet[PushConsumer] = weakref.WeakSet()
        self._abandon = weakref.finalize(self, self.taker.abandon)
        self._abandon.atexit = False

    def producer(self, options: Options | None = None) -> Producer:
        """Makes and starts a producer."""
        return Producer(self, options)

    def push_consumer(self, options: Options | None = None,
                      on_error: Callable[[Error], None] | None = None) -> PushConsumer:
        """Makes a push consumer, to be subscribed and started. `on_error` is told what keeps it from working."""
        consumer = PushConsumer(self, options, on_error)
        self._consumers.add(consumer)
        return consumer

    def close(self, timeout: float | None = None) -> None:
        """Lets pending sends end for at most `timeout` seconds (None: 3), ends the rest with Code.SHUTDOWN, and returns when
        every future is settled. Twice is fine."""
        self._end_receiving()
        try:
            call(lib.rmq_runtime_close, self.handle, milliseconds(timeout))
        except Error as error:
            if error.code == Code.CLOSE_TIMEOUT:  # closed all the same
                self._finish()
            raise
        self._finish()

    def _finish(self) -> None:
        if self._abandon.detach():
            self.taker.finish()

    async def aclose(self, timeout: float | None = None) -> None:
        """Closes without blocking the loop."""
        self._end_receiving()
        if not self._abandon.detach():
            return
        future = self.taker.new_future()
        code = self.taker.close_async(milliseconds(timeout), settle(future))
        if code != 0:
            raise read_error(code)
        await (future if isinstance(future, asyncio.Future) else asyncio.wrap_future(future))

    def _end_receiving(self) -> None:
        for consumer in self._consumers:
            consumer.end_receiving()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:
        await self.aclose()
