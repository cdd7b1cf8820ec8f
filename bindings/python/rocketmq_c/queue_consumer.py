"""Receiving on an event queue of one's own."""
from typing import TYPE_CHECKING

from .config import Options, milliseconds
from .consumer import Consumer
from .errors import call
from .ffi import NULL, lib, number_in

if TYPE_CHECKING:
    from .event_queue import EventQueue


class QueueConsumer(Consumer):
    """A push consumer whose deliveries and errors are events of an EventQueue, under one token."""

    def __init__(self, queue: "EventQueue", options: Options | None, token: int) -> None:
        super().__init__(queue.runtime, queue.handle, options, token)
        self._queue = queue  # without its queue a consumer receives nothing

    def close_async(self, token: int, timeout: float | None = None) -> None:
        """Closes without waiting: the last event of the consumer has this token."""
        call(lib.rmq_consumer_close_async, self.handle, milliseconds(timeout), number_in("token", token), NULL)
