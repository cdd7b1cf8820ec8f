"""The loop with its connections; producers and consumers are made on it."""
import asyncio
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Any, NamedTuple, Self

from .codes import Code, EventType
from .config import Options, config_in, milliseconds
from .errors import Error, call, make, read_error
from .event import Event, LogLine
from .event_queue import EventQueue
from .event_taker import EventTaker, Listeners, settle
from .ffi import NULL, ffi, lib, number_in, text_out
from .producer import Producer
from .push_consumer import PushConsumer
from .waiting import wait_readable


class RuntimeView(NamedTuple):
    """What a runtime is and does now."""

    client_id: str  # what brokers know its members by
    threads: int  # of the library; 0 when driven
    is_running: bool
    is_driven: bool


class Runtime:
    """Close it, use it in `with` or `async with`, or forget it: pending sends then end at once with Code.SHUTDOWN.

    Without a loop one thread takes events, and futures are those of concurrent.futures. With a loop no thread is made: events
    are taken when the queue's descriptor is readable, and futures are asyncio's. Everything is then for the loop's thread.

    With option run_mode "driven" the library has no thread either. `drive`, or `step` in a loop of your own, does all work;
    futures end, and listeners are told, inside it.
    """

    def __init__(self, options: Options | None = None, *, loop: asyncio.AbstractEventLoop | None = None, token: int = 0,
                 on_log: Callable[[LogLine], Any] | None = None, on_resolve: Callable[[Event], Any] | None = None,
                 on_error: Callable[[Error], Any] | None = None, start: bool = True) -> None:
        """
        :param token: of its log lines, questions and errors, for those with queues of their own
        :param on_log: told each line of the log (option log_level)
        :param on_resolve: asked for the addresses of hosts: event.text, event.answer_text
        :param on_error: told what goes wrong in the background (option events)
        :param start: False: set_event_queue may be called before start
        """
        self.handle = make("rmq_runtime_t", lib.rmq_runtime_new, lib.rmq_runtime_destroy, config_in(options),
                           number_in("token", token), NULL)
        if loop is not None and self.view().is_driven:
            raise ValueError("a runtime in run mode 'driven' is stepped by its host; make it without a loop")
        self.loop = loop
        self.taker = EventTaker(self.handle, loop, Listeners(on_log, on_resolve, on_error))
        self._consumers: weakref.WeakSet[PushConsumer] = weakref.WeakSet()
        self._abandon: Any = None  # what a started runtime does when it is forgotten
        for event_type, listener in ((EventType.LOG, on_log), (EventType.RESOLVE, on_resolve)):
            if listener is not None:
                call(lib.rmq_runtime_set_event_queue, self.handle, event_type, lib.rmq_runtime_event_queue(self.handle))
        if start:
            self.start()

    def start(self) -> None:
        """Starts a runtime that was made with start=False."""
        call(lib.rmq_runtime_start, self.handle)
        self.taker.start(self.view().is_driven)
        self._abandon = weakref.finalize(self, self.taker.abandon)
        self._abandon.atexit = False

    def producer(self, options: Options | None = None) -> Producer:
        """Makes and starts a producer. Options None: those of the runtime."""
        return Producer(self, options)

    def push_consumer(self, options: Options | None = None,
                      on_error: Callable[[Error], None] | None = None) -> PushConsumer:
        """Makes a push consumer, to be subscribed and started. `on_error` is told what keeps it from working."""
        consumer = PushConsumer(self, options, on_error)
        self._consumers.add(consumer)
        return consumer

    def event_queue(self) -> EventQueue:
        """Makes an event queue, for producers and consumers whose events you take yourself."""
        return EventQueue(self)

    def set_event_queue(self, event_type: EventType, queue: EventQueue | None) -> None:
        """Has EventType.LOG or EventType.RESOLVE come to a queue, before the start. None: off again."""
        call(lib.rmq_runtime_set_event_queue, self.handle, number_in("event_type", event_type),
             NULL if queue is None else queue.handle)

    def update(self, changes: Options) -> None:
        """Changes options that are live for a runtime: all of them or none."""
        call(lib.rmq_runtime_update, self.handle, config_in(changes))

    def view(self) -> RuntimeView:
        """What the runtime is and does now."""
        view = ffi.new("rmq_runtime_view_t *")
        code = lib.rmq_runtime_view(self.handle, view, ffi.sizeof("rmq_runtime_view_t"))
        if code != 0:
            raise read_error(code)
        return RuntimeView(text_out(view.client_id, view.client_id_bytes) or "", view.threads, view.is_running != 0,
                           view.is_driven != 0)

    def fd(self) -> int:
        """Driven: the descriptor to watch for reading; -1 otherwise."""
        return lib.rmq_runtime_fd(self.handle)

    def timeout(self) -> float | None:
        """Driven: seconds to watch it for at most; None: no limit."""
        milliseconds_left = lib.rmq_runtime_timeout_ms(self.handle)
        return None if milliseconds_left < 0 else milliseconds_left / 1000

    def step(self) -> bool:
        """Driven: does the work that is ready, settles futures and tells listeners. False: the runtime is closed."""
        try:
            call(lib.rmq_runtime_step, self.handle)
        except Error as error:
            if error.code != Code.CLOSED:
                raise
        return self.taker.take_ready()

    def drive(self, timeout: float | None = None) -> bool:
        """Driven: waits for work, at most `timeout` seconds, and steps once. False: the runtime is closed."""
        limits = [limit for limit in (timeout, self.timeout()) if limit is not None]
        descriptor = self.fd()
        if descriptor >= 0:
            wait_readable([descriptor], min(limits, default=None))
        return self.step()

    def close(self, timeout: float | None = None) -> None:
        """Lets pending sends end for at most `timeout` seconds (None: option close_timeout), ends the rest with Code.SHUTDOWN,
        and returns when every future is settled. Twice is fine."""
        self._end_receiving()
        if self._abandon is not None and self._abandon.alive and self.view().is_driven:
            self._close_driven(timeout)
            return
        try:
            call(lib.rmq_runtime_close, self.handle, milliseconds(timeout))
        except Error as error:
            if error.code == Code.CLOSE_TIMEOUT:  # closed all the same
                self._finish()
            raise
        self._finish()

    def _finish(self) -> None:
        if self._abandon is not None and self._abandon.detach():
            self.taker.finish()

    def _close_driven(self, timeout: float | None) -> None:
        # The thread that drives cannot wait for what only itself can do.
        future = self.close_async(timeout)
        while not future.done():
            self.drive()
        future.result()

    def close_async(self, timeout: float | None = None) -> Any:
        """Starts closing; the future ends last of all."""
        self._end_receiving()
        future = self.taker.new_future()
        code = self.taker.close_async(milliseconds(timeout), settle(future))
        if code != 0:
            raise read_error(code)
        if self._abandon is not None:
            self._abandon.detach()
        return future

    async def aclose(self, timeout: float | None = None) -> None:
        """Closes without blocking the loop."""
        self._end_receiving()
        if self._abandon is None or not self._abandon.alive:
            return
        future = self.close_async(timeout)
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
