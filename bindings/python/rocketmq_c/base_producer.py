"""What all producers have in common."""
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from types import TracebackType
from typing import Any, Self

from .codes import MessagePart
from .config import Options, config_in, milliseconds
from .errors import SLOT, Error, call, make, take_error
from .event import Event, Queue, SendResult, read_queues, read_send_result, take_event
from .ffi import NULL, ffi, lib, number_in, text_in, wrong_type
from .message import Destination, Message

Parts = bytes | Sequence[bytes | str]


class BaseProducer:
    """Sends messages, from any thread."""

    def __init__(self, runtime: Any, queue: Any, options: Options | None, token: int) -> None:
        self.handle = make("rmq_producer_t", lib.rmq_producer_new, lib.rmq_producer_destroy, runtime.handle,
                           config_in(options), queue, number_in("token", token), NULL)
        call(lib.rmq_producer_start, self.handle)

    def send(self, message: Message, destination: Destination | None = None, timeout: float | None = None,
             flags: int = 0) -> SendResult:
        """Sends and waits.

        :param destination: None: any queue of the topic
        :param flags: a sum of SendFlag
        """
        event, slot = ffi.new("rmq_event_t **"), ffi.new(SLOT)
        code = lib.rmq_producer_send(self.handle, message.handle, destination_in(destination), number_in("flags", flags),
                                     milliseconds(timeout), event, slot)
        if code != 0:
            raise take_error(code, slot)
        return read_send_result(ffi.gc(event[0], lib.rmq_event_destroy))

    def send_transaction(self, message: Message, local: Callable[[SendResult], int], destination: Destination | None = None,
                         timeout: float | None = None) -> SendResult:
        """Sends the half of a transaction, runs `local` once it is stored, and tells the broker what it returned.

        :param local: gives Answer.COMMIT, Answer.ROLLBACK or Answer.UNKNOWN. When it raises, or its answer is lost, the broker asks
            later: EventType.TRANSACTION_CHECK, for producers of an EventQueue. It is not called for a message that was stored
            with another status than SendStatus.OK, which is rolled back
        """
        event, slot = ffi.new("rmq_event_t **"), ffi.new(SLOT)
        code = lib.rmq_producer_send(self.handle, message.handle, destination_in(destination), lib.RMQ_FLAG_TRANSACTION,
                                     milliseconds(timeout), event, slot)
        if code != 0:
            raise take_error(code, slot)
        owned = ffi.gc(event[0], lib.rmq_event_destroy)
        result = read_send_result(owned)
        if result.status == lib.RMQ_SEND_OK:
            call(lib.rmq_event_answer, owned, number_in("answer", local(result)), 0)
        return result

    def send_oneway(self, message: Message, destination: Destination | None = None, timeout: float | None = None, *,
                    no_wait: bool = False) -> None:
        """Sends without asking for an answer, and without telling anybody what became of it; `flush` waits for the bytes.

        :param no_wait: raises Code.QUEUE_FULL at once where there is no room
        """
        check_copied(message)
        flags = lib.RMQ_FLAG_ONEWAY | lib.RMQ_FLAG_SILENT | (lib.RMQ_FLAG_NO_WAIT if no_wait else 0)
        call(lib.rmq_producer_send_async, self.handle, message.handle, destination_in(destination), flags,
             milliseconds(timeout), 0, NULL)

    def recall(self, topic: str, recall_handle: str, timeout: float | None = None) -> str:
        """Takes back a timer message before its time, and gives its message id. Waits; in a loop, run it in an executor.

        :param recall_handle: of the SendResult, from any producer
        """
        view, owner = self._ask(lib.rmq_producer_recall, *text_in("topic", topic), *text_in("recall_handle", recall_handle),
                                milliseconds(timeout))
        return Event(view, owner).text or ""

    def queues(self, topic: str, timeout: float | None = None) -> list[Queue]:
        """The queues of a topic that take messages. Waits as `recall` does."""
        view, owner = self._ask(lib.rmq_producer_queues, *text_in("topic", topic), milliseconds(timeout))
        return read_queues(owner, view.count)

    def _ask(self, function: Any, *arguments: Any) -> tuple[Any, Any]:
        event, slot = ffi.new("rmq_event_t **"), ffi.new(SLOT)
        code = function(self.handle, *arguments, 0, NULL, event, slot)
        if code != 0:
            raise take_error(code, slot)
        return take_event(event[0])

    def flush(self, timeout: float | None = None) -> None:
        """Waits until every send that was accepted before has ended."""
        call(lib.rmq_producer_flush, self.handle, milliseconds(timeout))

    def update(self, changes: Options) -> None:
        """Changes options that are live for a producer: all of them or none. Pending sends do not see it."""
        call(lib.rmq_producer_update, self.handle, config_in(changes))

    def close(self, timeout: float | None = None) -> None:
        """Lets pending sends end for at most `timeout` seconds; the rest ends with Code.SHUTDOWN, and Code.CLOSE_TIMEOUT is raised."""
        call(lib.rmq_producer_close, self.handle, milliseconds(timeout))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _send_many(self, messages: Sequence[Message], tokens: Any, destination: Destination | None, flags: int,
                   timeout: float | None) -> tuple[int, Error | None]:
        accepted, slot = ffi.new("size_t *"), ffi.new(SLOT)
        handles = ffi.new("rmq_message_t *[]", [message.handle for message in messages])
        code = lib.rmq_producer_send_many(self.handle, handles, tokens, len(handles), destination_in(destination),
                                          number_in("flags", flags), milliseconds(timeout), NULL, accepted, slot)
        return accepted[0], take_error(code, slot) if code != 0 else None

    def _send_packed(self, pattern: Message, items: Sequence[Parts], parts: int, tokens: Any, destination: Destination | None,
                     flags: int, timeout: float | None) -> tuple[int, Error | None]:
        pieces = items if parts == MessagePart.BODY else list(_flatten(items, number_in("parts", parts).bit_count()))
        offsets = ffi.new("uint32_t[]", [0, *accumulate(map(len, pieces))])
        accepted, slot = ffi.new("size_t *"), ffi.new(SLOT)
        code = lib.rmq_producer_send_packed(self.handle, pattern.handle, parts, b"".join(pieces), offsets, tokens, len(items),
                                            destination_in(destination), number_in("flags", flags), milliseconds(timeout),
                                            NULL, accepted, slot)
        return accepted[0], take_error(code, slot) if code != 0 else None


def _flatten(items: Iterable[Any], count: int) -> Iterable[bytes]:
    for item in items:
        item = (item,) if isinstance(item, (bytes, str)) else item
        if len(item) != count:
            raise ValueError(f"a message with {len(item)} parts, expected {count}, in the order of MessagePart")
        for piece in item:
            if not isinstance(piece, (bytes, str)):
                raise wrong_type("a part", piece, "bytes or a str")
            yield piece.encode("utf-8", "surrogateescape") if isinstance(piece, str) else piece


def destination_in(destination: Destination | None) -> Any:
    """The handle of a destination; None is a null pointer: any queue of the topic."""
    return destination.handle if destination else NULL


def check_copied(message: Message) -> None:
    """Refuses a pinned body where nobody could tell when the library has done with it."""
    if message.pinned is not None:
        raise ValueError("this send cannot tell when it has done with a pinned body; use set_body")
