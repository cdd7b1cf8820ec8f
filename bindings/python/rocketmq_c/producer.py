"""Sending, with futures."""
import asyncio
import weakref
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .base_producer import BaseProducer, Parts, check_copied, destination_in
from .codes import MessagePart
from .config import Options, milliseconds
from .errors import SLOT, Error, call, take_error
from .event import SendResult
from .event_taker import Future, settle
from .ffi import NULL, ffi, lib, number_in
from .message import Destination, Message
from .send_table import PACKED_LIMIT

if TYPE_CHECKING:
    from .runtime import Runtime

DonePacked = Callable[[int, SendResult | None, Error | None], Any]


class Producer(BaseProducer):
    """Sends messages, from any thread. Close it, use it in `with`, or forget it: pending sends then end with Code.SHUTDOWN.

    At its bounds it fails with Code.QUEUE_FULL, or waits for room (option queue_full_policy); in a loop, whose one thread would
    wait for room that only it can make, it always fails.
    """

    def __init__(self, runtime: "Runtime", options: Options | None = None) -> None:
        super().__init__(runtime, NULL, options, 0)
        self._runtime = runtime
        self._flags = 0 if runtime.loop is None else lib.RMQ_FLAG_NO_WAIT

    def send(self, message: Message, destination: Destination | None = None, timeout: float | None = None,
             flags: int = 0) -> SendResult:
        """Sends and waits. In a loop, `await send_async(...)` instead.

        :param destination: None: any queue of the topic
        :param flags: a sum of SendFlag
        """
        if self._runtime.loop is not None:
            raise RuntimeError("send() would stop the loop that it waits for; use 'await send_async(...)'")
        return super().send(message, destination, timeout, flags)

    def send_async(self, message: Message, destination: Destination | None = None, timeout: float | None = None,
                   flags: int = 0) -> Future:
        """Sends; the result, a SendResult or an Error with its outcome, comes in the future.

        Cancelling an asyncio future asks the library to cancel the send, which may be stored all the same.
        """
        self._check_flags(message, flags)
        return self._start(lambda token, slot: lib.rmq_producer_send_async(
            self.handle, message.handle, destination_in(destination), flags | self._flags, milliseconds(timeout), token, NULL,
            slot), message.pinned, self)

    def send_many(self, messages: Sequence[Message], destination: Destination | None = None, timeout: float | None = None,
                  flags: int = 0) -> tuple[list[Future], Error | None]:
        """Sends in one call into the library. Gives the futures of those that were accepted, and why the next was not."""
        for message in messages:
            self._check_flags(message, flags)
        if not messages:
            return [], None
        taker = self._runtime.taker
        futures = [taker.new_future() for _ in messages]
        first, tokens = self._add(lambda index, result, error: settle(futures[index])(index, result, error), len(messages),
                                  [message.pinned for message in messages if message.pinned is not None])
        for index, future in enumerate(futures):
            _own(future, first + index, self)
        accepted, error = self._send_many(messages, tokens, destination, flags | self._flags, timeout)
        self._remove(first, len(messages), accepted)
        return futures[:accepted], error

    def send_packed(self, pattern: Message, bodies: Sequence[Parts], done: DonePacked,
                    destination: Destination | None = None, timeout: float | None = None, *,
                    parts: int = MessagePart.BODY, flags: int = 0) -> tuple[int, Error | None]:
        """Sends each body with the topic, tags, keys and properties of `pattern`, in one call into the library.

        :param bodies: with other `parts`, a sum of MessagePart, a tuple of them for each message, in the order of MessagePart
        :param done: told once for each accepted message: its index, and a result or an error. It must not wait
        :return: how many were accepted, and the error of the first that was refused
        """
        if len(bodies) > PACKED_LIMIT:
            raise ValueError(f"{len(bodies)} bodies in one call, expected at most {PACKED_LIMIT}")
        if parts & MessagePart.BODY == 0:
            self._check_flags(pattern, flags)
        if not bodies:
            return 0, None
        first, tokens = self._add(done, len(bodies), pattern.pinned)
        accepted = 0
        try:
            accepted, error = self._send_packed(pattern, bodies, parts, tokens, destination, flags | self._flags, timeout)
        finally:
            self._remove(first, len(bodies), accepted)
        return accepted, error

    def cancel(self, future: Future) -> None:
        """Cancels a send (in a loop: use future.cancel()). It ends with Code.CANCELLED, or with what it got to first."""
        call(lib.rmq_producer_cancel, self.handle, future.token)

    def flush_async(self, timeout: float | None = None) -> Future:
        """Flushes without waiting."""
        return self._start(lambda token, slot: lib.rmq_producer_flush_async(self.handle, milliseconds(timeout), token, NULL,
                                                                            slot))

    def close_async(self, timeout: float | None = None) -> Future:
        """Closes without waiting."""
        return self._start(lambda token, slot: lib.rmq_producer_close_async(self.handle, milliseconds(timeout), token, NULL,
                                                                            slot))

    def _start(self, function: Callable[[int, Any], int], pinned: Any = None, cancelled_by: "Producer | None" = None) -> Future:
        taker = self._runtime.taker
        future = taker.new_future()
        token = taker.table.add(settle(future), 1, pinned)
        _own(future, token, cancelled_by)
        slot = ffi.new(SLOT)
        code = function(token, slot)
        if code != 0:
            taker.table.remove(token)
            raise take_error(code, slot)
        return future

    def _add(self, done: DonePacked, count: int, pinned: Any) -> tuple[int, Any]:
        first = self._runtime.taker.table.add(done, count, pinned)
        return first, ffi.new("uint64_t[]", list(range(first, first + count)))

    def _remove(self, first: int, count: int, accepted: int) -> None:
        if accepted < count:
            self._runtime.taker.table.remove(first, count - accepted)

    def _check_flags(self, message: Message, flags: int) -> None:
        if number_in("flags", flags) & lib.RMQ_FLAG_SILENT:
            raise ValueError("SendFlag.SILENT leaves nothing to wait for; use send_oneway")
        if flags & lib.RMQ_FLAG_ONEWAY:
            check_copied(message)


def _own(future: Future, token: int, producer: Producer | None) -> None:
    # Weak, because futures of pending sends must not keep a forgotten producer.
    if not isinstance(future, asyncio.Future):
        future.set_running_or_notify_cancel()  # cancel() is not for it
        future.token = token
    elif producer is not None:
        reference = weakref.ref(producer)

        def cancel(ended: asyncio.Future) -> None:
            if ended.cancelled() and (alive := reference()) is not None:
                lib.rmq_producer_cancel(alive.handle, token, NULL)

        future.add_done_callback(cancel)
