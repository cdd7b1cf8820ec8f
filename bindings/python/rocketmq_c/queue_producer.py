"""Sending with an event queue of one's own."""
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .base_producer import BaseProducer, Parts, check_copied, destination_in
from .codes import MessagePart
from .config import Options, milliseconds
from .errors import Error, call
from .ffi import NULL, ffi, lib, number_in
from .message import Destination, Message

if TYPE_CHECKING:
    from .event_queue import EventQueue


class QueueProducer(BaseProducer):
    """A producer whose asynchronous calls end as events of an EventQueue, each with the token that it was given."""

    def __init__(self, queue: "EventQueue", options: Options | None, token: int) -> None:
        super().__init__(queue.runtime, queue.handle, options, token)
        self._queue = queue

    def send_async(self, message: Message, token: int, destination: Destination | None = None, timeout: float | None = None,
                   flags: int = 0) -> None:
        """Sends; the result comes as an event. With SendFlag.SILENT none comes."""
        check_copied(message)
        call(lib.rmq_producer_send_async, self.handle, message.handle, destination_in(destination),
             number_in("flags", flags), milliseconds(timeout), number_in("token", token), NULL)

    def send_many(self, messages: Sequence[Message], tokens: Sequence[int] | None = None,
                  destination: Destination | None = None, timeout: float | None = None,
                  flags: int = 0) -> tuple[int, Error | None]:
        """Sends in one call. Tokens None: 0, 1, 2 and so on. Gives how many were accepted, and why the next was not."""
        for message in messages:
            check_copied(message)
        return self._send_many(messages, _tokens_in(tokens, len(messages)), destination, flags, timeout)

    def send_packed(self, pattern: Message, items: Sequence[Parts], tokens: Sequence[int] | None = None,
                    destination: Destination | None = None, timeout: float | None = None, *,
                    parts: int = MessagePart.BODY, flags: int = 0) -> tuple[int, Error | None]:
        """Sends each body, or each tuple of parts, with the rest of `pattern`; otherwise as send_many."""
        if parts & MessagePart.BODY == 0:
            check_copied(pattern)
        return self._send_packed(pattern, items, parts, _tokens_in(tokens, len(items)), destination, flags, timeout)

    def cancel(self, token: int) -> None:
        """Cancels the sends that have this token. Each still has its event."""
        call(lib.rmq_producer_cancel, self.handle, number_in("token", token))

    def flush_async(self, token: int, timeout: float | None = None) -> None:
        """Flushes without waiting: the event EventType.FLUSHED has this token."""
        call(lib.rmq_producer_flush_async, self.handle, milliseconds(timeout), number_in("token", token), NULL)

    def close_async(self, token: int, timeout: float | None = None) -> None:
        """Closes without waiting: the last event of the producer has this token."""
        call(lib.rmq_producer_close_async, self.handle, milliseconds(timeout), number_in("token", token), NULL)


def _tokens_in(tokens: Sequence[int] | None, count: int) -> Any:
    if tokens is None:
        return NULL
    if len(tokens) != count:
        raise ValueError(f"{len(tokens)} tokens for {count} messages")
    return ffi.new("uint64_t[]", list(tokens))
