"""What a consumer is given: messages, and one answer for all or for each of them."""
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from .codes import Answer, Delay
from .errors import Error, call, read_error
from .event import Event, take_event
from .ffi import ffi, lib, number_in, text_out
from .received_message import VIEW_SIZE, ReceivedMessage

_DELIVERY_VIEW_SIZE = ffi.sizeof("rmq_delivery_view_t")


class Delivery(Event):
    """Messages of one queue. Answer it once, from any thread.

    One that is forgotten comes again: without being counted if nobody looked at `messages`, else later.

    `with delivery:` answers Answer.SUCCESS at the end, or Answer.RECONSUME_LATER when an exception leaves the block.
    """

    __slots__ = ("_messages", "_place")

    def __init__(self, view: Any, owner: Any) -> None:
        super().__init__(view, owner)
        self._messages: list[ReceivedMessage] | None = None
        self._place: Any = None

    @property
    def messages(self) -> list[ReceivedMessage]:
        """The messages, read in one call into the library at the first look."""
        if self._messages is None:
            views = ffi.new("rmq_message_view_t[]", self._view.count)
            count = lib.rmq_event_messages(self._view.event, 0, views, VIEW_SIZE, len(views))
            self._messages = [ReceivedMessage((self._owner, views), views[i]) for i in range(count)]
        return self._messages

    def _delivery(self) -> Any:
        if self._place is None:
            view = ffi.new("rmq_delivery_view_t *")
            code = lib.rmq_event_delivery(self._view.event, view, _DELIVERY_VIEW_SIZE)
            if code != 0:
                raise read_error(code)
            self._place = view
        return self._place

    @property
    def group(self) -> str:
        view = self._delivery()
        return text_out(view.group, view.group_bytes) or ""

    @property
    def first_queue_offset(self) -> int:
        return self._view.offset

    @property
    def epoch(self) -> int:
        """Which holding of the queue this belongs to."""
        return self._delivery().epoch

    def answer(self, answer: Answer, delay_level: int = Delay.BY_COUNT) -> None:
        """Answers for all messages.

        Raises Code.ALREADY_ANSWERED, or Code.STALE when the queue is no longer held: others receive the messages.

        :param delay_level: when to deliver again: a Delay, or 1 to 255
        """
        call(lib.rmq_event_answer, self._view.event, number_in("answer", answer), number_in("delay_level", delay_level))

    def answer_each(self, consumed: Sequence[bool], delay_level: int = Delay.BY_COUNT) -> None:
        """Answers message by message, as `answer` does: those that are not consumed are delivered again later."""
        bits = bytearray((self._view.count + 7) // 8)
        for index, value in enumerate(consumed):
            bits[index // 8] |= bool(value) << index % 8
        call(lib.rmq_event_answer_each, self._view.event, ffi.from_buffer("uint8_t[]", bits), len(bits),
             number_in("delay_level", delay_level))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.answer(Answer.SUCCESS if kind is None else Answer.RECONSUME_LATER)
        except Error as failure:
            if failure.code not in (lib.RMQ_ERROR_STALE, lib.RMQ_ERROR_ALREADY_ANSWERED):
                raise


def new_event(pointer: Any) -> Event:
    """Takes over an owned event; a Delivery when it is one."""
    view, owner = take_event(pointer)
    return (Delivery if view.event_type == lib.RMQ_EVENT_DELIVERY else Event)(view, owner)
