"""Sending."""
import asyncio
import weakref
from collections.abc import Callable, Sequence
from itertools import accumulate
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .config import Options, milliseconds, new_config
from .errors import SLOT, Error, call, make, take_error
from .event_taker import Future, settle
from .ffi import NULL, ffi, lib
from .message import Destination, Message
from .send_table import PACKED_LIMIT, SendResult

if TYPE_CHECKING:
    from .runtime import Runtime


class Producer:
    """Sends messages, from any thread. Close it, use it in `with`, or forget it: pending sends then end with Code.SHUTDOWN.

    At its bounds it fails with Code.QUEUE_FULL in a loop, whose one thread would wait for room that only it can make; elsewhere
    it waits for room (option queue_full_policy).
    """

    def __init__(self, runtime: "Runtime", options: Options | None = None) -> None:
        chosen = {} if runtime.loop is None else {"queue_full_policy": "error"}
        self.handle = make("rmq_producer_t", lib.rmq_producer_new, lib.rmq_producer_destroy, runtime.handle,
                           new_config(chosen | dict(options or {})), NULL)
        self._runtime = runtime
        call(lib.rmq_producer_start, self.handle)

    def send(self, message: Message, destination: Destination | None = None, timeout: float | None = None) -> SendResult:
        """Sends and waits. In a loop, `await send_async(...)` instead.

        :param destination: None: any queue of the topic
        """
        if self._runtime.loop is not None:
            raise RuntimeError("send() would stop the loop that it waits for; use 'await send_async(...)'")
        return self.send_async(message, destination, timeout).result()

    def send_async(self, message: Message, destination: Destination | None = None,
                   timeout: float | None = None) -> Future:
        """Sends; the result, a SendResult or an Error with its outcome, comes in the future.

        Cancelling an asyncio future asks the library to cancel the send, which may be stored all the same.
        """
        taker = self._runtime.taker
        future = taker.new_future()
        token = taker.table.add(settle(future))
        if isinstance(future, asyncio.Future):
            future.add_done_callback(_cancels(self, token))
        else:
            future.set_running_or_notify_cancel()  # cancel() is not for it
            future.token = token
        slot = ffi.new(SLOT)
        code = lib.rmq_producer_send_async(self.handle, message.handle, destination.handle if destination else NULL,
                                           milliseconds(timeout), token, NULL, slot)
        if code != 0:
            taker.table.remove(token)
            raise take_error(code, slot)
        return future

    def cancel(self, future: Future) -> None:
        """Cancels a send (in a loop: use future.cancel()). It ends with Code.CANCELLED, or with what it got to first."""
        call(lib.rmq_producer_cancel, self.handle, future.token)

    def send_packed(self, pattern: Message, bodies: Sequence[bytes], done: Callable[[int, SendResult | None, Error | None], Any],
                    destination: Destination | None = None, timeout: float | None = None) -> tuple[int, Error | None]:
        """Sends each body with the topic, tags, keys and properties of `pattern`, in one call into the library.

        :param done: told once for each accepted body: its index, and a result or an error. It must not wait
        :return: how many were accepted, and the error of the first that was refused
        """
        if len(bodies) > PACKED_LIMIT:
            raise ValueError(f"{len(bodies)} bodies in one call, expected at most {PACKED_LIMIT}")
        if not bodies:
            return 0, None
        offsets = ffi.new("uint32_t[]", [0, *accumulate(map(len, bodies))])
        accepted, slot = ffi.new("size_t *"), ffi.new(SLOT)
        table = self._runtime.taker.table
        token = table.add(done, len(bodies))
        code = lib.rmq_producer_send_packed(self.handle, pattern.handle, b"".join(bodies), offsets, token, len(bodies),
                                            destination.handle if destination else NULL, milliseconds(timeout), NULL,
                                            accepted, slot)
        if accepted[0] < len(bodies):
            table.remove(token, len(bodies) - accepted[0])
        return accepted[0], take_error(code, slot) if code != 0 else None

    def flush(self, timeout: float | None = None) -> None:
        """Waits until every send that was accepted before has ended."""
        call(lib.rmq_producer_flush, self.handle, milliseconds(timeout))

    def close(self, timeout: float | None = None) -> None:
        """Lets pending sends end for at most `timeout` seconds; the rest ends with Code.SHUTDOWN, and Code.CLOSE_TIMEOUT is raised."""
        call(lib.rmq_producer_close, self.handle, milliseconds(timeout))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _cancels(producer: Producer, token: int) -> Callable[[asyncio.Future], None]:
    # Weak, because futures of pending sends must not keep a forgotten producer.
    reference = weakref.ref(producer)

    def cancel(future: asyncio.Future) -> None:
        if future.cancelled() and (alive := reference()) is not None:
            lib.rmq_producer_cancel(alive.handle, token, NULL)

    return cancel
