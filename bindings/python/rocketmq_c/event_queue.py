"""An event queue of one's own: whoever polls it, or a callback, gets the events of what is made on it."""
import atexit
import contextlib
import itertools
import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .codes import Answer
from .config import Options
from .delivery import Delivery, new_event
from .errors import Error, call, make
from .event import Event
from .event_batch import EventBatch
from .ffi import NULL, ffi, lib, number_in
from .waiting import wait_readable, wait_readable_async

if TYPE_CHECKING:
    from .queue_consumer import QueueConsumer
    from .queue_producer import QueueProducer
    from .runtime import Runtime

Callback = Callable[[Event], Answer | None]

_MAX_MS = 2**31 - 1
_log = logging.getLogger("rocketmq_c")

# Queues whose threads call Python, and what they call, by the number that the library gives back with each event. A number
# that is gone does no harm, which a pointer would.
_calling: "dict[int, tuple[EventQueue, Callback]]" = {}
_numbers = itertools.count(1)


class EventQueue:
    """Made by Runtime.event_queue. Any number of threads may poll it."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime
        self.handle = make("rmq_event_queue_t", lib.rmq_event_queue_new, lib.rmq_event_queue_destroy, runtime.handle)
        self._number = 0  # of the callback

    def producer(self, options: Options | None = None, *, token: int = 0) -> "QueueProducer":
        """Makes and starts a producer whose sends end as events of this queue, under tokens of yours."""
        from .queue_producer import QueueProducer
        return QueueProducer(self, options, token)

    def push_consumer(self, options: Options | None = None, *, token: int = 0) -> "QueueConsumer":
        """Makes a push consumer, to be subscribed and started. Its deliveries and errors come to this queue, with the token."""
        from .queue_consumer import QueueConsumer
        return QueueConsumer(self, options, token)

    def poll(self, timeout: float | None = None, *, max_events: int = 64, max_messages: int = 1024) -> EventBatch:
        """Takes events, and the messages of deliveries, in one call. Waits for the first at most `timeout` seconds (None: no
        limit); the batch is empty when none came.

        Raises Code.INTERRUPTED, and Code.CLOSED when the runtime is closed and the queue empty.
        """
        batch = EventBatch(max_events, max_messages)
        if threading.current_thread() is not threading.main_thread():
            # 0 means "do not wait" here, so that a limit is rounded up to one.
            batch.fill(self.handle, lib.RMQ_WAIT_FOREVER if timeout is None else min(_MAX_MS, -int(-timeout * 1000 // 1)))
            return batch
        # Not in the library's own wait: a signal's handler runs only while Python itself waits.
        deadline = None if timeout is None else time.monotonic() + timeout
        batch.fill(self.handle, 0)
        while len(batch) == 0:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                break
            wait_readable([self.fd()], left)
            batch.fill(self.handle, 0)
        return batch

    async def poll_async(self, *, max_events: int = 64, max_messages: int = 1024) -> EventBatch:
        """Waits for events in the running loop, without a thread. One task at a time."""
        batch = EventBatch(max_events, max_messages)
        batch.fill(self.handle, 0)
        while len(batch) == 0:
            await wait_readable_async([self.fd()])
            batch.fill(self.handle, 0)
        return batch

    def fd(self) -> int:
        """The descriptor that is readable while a poll would not wait, for loops of your own. Never read or close it."""
        return lib.rmq_event_queue_fd(self.handle)

    def interrupt(self) -> None:
        """Has the polls that wait, or else the next that finds no event, raise Code.INTERRUPTED."""
        lib.rmq_event_queue_interrupt(self.handle)

    def __len__(self) -> int:
        return lib.rmq_event_queue_length(self.handle)

    def __bool__(self) -> bool:
        return True  # also when it is empty

    @property
    def dropped(self) -> int:
        """Log and error events that found no room."""
        return lib.rmq_event_queue_dropped(self.handle)

    def set_callback(self, function: Callback | None, threads: int = 0) -> None:
        """Has threads of the library take each event and call `function` with it. None: no longer; returns when no call runs.

        What the function returns is the answer to a delivery; with None it has answered, or somebody will. An exception is
        logged, and the delivery comes again later. Event, delivery and messages may be kept. The queue lives until it is closed
        or the callback taken away.

        :param threads: 1 to 256; 0: option dispatcher_threads. Python runs one at a time
        """
        if function is None:
            call(lib.rmq_event_queue_set_callback, self.handle, NULL, NULL, 0)
            _calling.pop(self._number, None)
            return
        number = next(_numbers)
        _calling[number] = self, function
        try:
            call(lib.rmq_event_queue_set_callback, self.handle, _on_event, ffi.cast("void *", number),
                 number_in("threads", threads))
        except Error:
            del _calling[number]
            raise
        self._number = number

    def close(self) -> None:
        """Gives up the queue and its events. Deliveries on it come to the next member of their group. Twice is fine."""
        handle, self.handle = self.handle, NULL
        if handle != NULL:
            ffi.release(handle)
            _calling.pop(self._number, None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _call(view: Any, user_data: Any) -> int:
    queue_and_function = _calling.get(int(ffi.cast("uintptr_t", user_data)))
    if queue_and_function is None:
        return lib.RMQ_ANSWER_RETURN  # taken away meanwhile
    event = new_event(view.event)  # kept always: Python decides when nobody refers to it any more
    try:
        answer = queue_and_function[1](event)
    except Exception:
        _log.exception("a function that was called with an event has failed")
        answer = Answer.RECONSUME_LATER
    if answer is not None and isinstance(event, Delivery):
        try:
            event.answer(answer)
        except Error as error:  # the queue has moved, say: others receive the messages
            _log.info("an answer was refused: %s", error)
    return lib.RMQ_EVENT_KEEP


_on_event = ffi.callback("rmq_event_fn", _call, error=lib.RMQ_EVENT_KEEP)


@atexit.register
def _end_callbacks() -> None:
    # A thread that comes after the end of the interpreter would never get in.
    for queue, _ in list(_calling.values()):
        with contextlib.suppress(Error):  # in a child process the queue is the parent's
            queue.set_callback(None)
