"""What a consumer is given: messages, and one answer for all or for each of them."""
from collections.abc import Sequence
from functools import cached_property
from types import TracebackType
from typing import Any, Self

from .codes import Answer, Delay
from .errors import Error, call, read_error
from .ffi import NULL, ffi, lib, number_in, text_in, text_out

_VIEW_SIZE = ffi.sizeof("rmq_message_view_t")
_DELIVERY_VIEW_SIZE = ffi.sizeof("rmq_delivery_view_t")


class ReceivedMessage:
    """A message as the broker gave it. Keeps its delivery; fields are copied when they are read.

    Other clients may have written bytes that are not UTF-8. They are lone surrogates in the texts here: different bytes are
    different texts, and text.encode("utf-8", "surrogateescape") gives the bytes. Python refuses to print such a text as it is.
    """

    __slots__ = ("_delivery", "_views", "_view")

    def __init__(self, delivery: "Delivery", views: Any, index: int) -> None:
        self._delivery = delivery
        self._views = views  # the array that the view is in
        self._view = views[index]

    @property
    def body(self) -> bytes:
        """The body, decompressed. Raises why it could not be read."""
        if self._view.error_code != 0:
            raise read_error(self._view.error_code, self._view.error)
        return b"" if self._view.body == NULL else ffi.buffer(self._view.body, self._view.body_bytes)[:]

    @property
    def topic(self) -> str:
        return text_out(self._view.topic, self._view.topic_bytes) or ""

    @property
    def tags(self) -> str | None:
        return text_out(self._view.tags, self._view.tags_bytes)

    @property
    def keys(self) -> str | None:
        return text_out(self._view.keys, self._view.keys_bytes)

    @property
    def message_id(self) -> str | None:
        """The sender's unique id, or else the offset message id."""
        return text_out(self._view.message_id, self._view.message_id_bytes)

    @property
    def offset_message_id(self) -> str | None:
        return text_out(self._view.offset_message_id, self._view.offset_message_id_bytes)

    @property
    def born_host(self) -> str | None:
        return text_out(self._view.born_host, self._view.born_host_bytes)

    @property
    def store_host(self) -> str | None:
        return text_out(self._view.store_host, self._view.store_host_bytes)

    @property
    def queue_id(self) -> int:
        return self._view.queue_id

    @property
    def queue_offset(self) -> int:
        return self._view.queue_offset

    @property
    def born_timestamp_ms(self) -> int:
        return self._view.born_timestamp_ms

    @property
    def store_timestamp_ms(self) -> int:
        return self._view.store_timestamp_ms

    @property
    def reconsume_times(self) -> int:
        return self._view.reconsume_times

    @property
    def flag(self) -> int:
        return self._view.flag

    def find_property(self, name: str) -> str | None:
        """Finds a property by name."""
        size = ffi.new("size_t *")
        return text_out(lib.rmq_message_property(self._view.message, *text_in("name", name), size), size[0])

    @property
    def properties(self) -> dict[str, str]:
        """All properties, in the order of the message."""
        texts, sizes = ffi.new("const char *[2]"), ffi.new("size_t[2]")
        found = {}
        for index in range(self._view.property_count):
            lib.rmq_message_property_at(self._view.message, index, texts, sizes, texts + 1, sizes + 1)
            found[text_out(texts[0], sizes[0])] = text_out(texts[1], sizes[1])
        return found


class Delivery:
    """Messages of one queue. Answer it once, from any thread.

    One that is forgotten comes again: without being counted if nobody looked at `messages`, else later.

    `with delivery:` answers Answer.SUCCESS at the end, or Answer.RECONSUME_LATER when an exception leaves the block.
    """

    def __init__(self, event: Any) -> None:
        self._event = event

    @cached_property
    def messages(self) -> list[ReceivedMessage]:
        """The messages, read in one call into the library at the first look."""
        count = self._view.message_count
        views = ffi.new("rmq_message_view_t[]", count)
        count = lib.rmq_event_messages(self._event, 0, views, _VIEW_SIZE, count)
        return [ReceivedMessage(self, views, i) for i in range(count)]

    @cached_property
    def _view(self) -> Any:
        view = ffi.new("rmq_delivery_view_t *")
        code = lib.rmq_event_delivery(self._event, view, _DELIVERY_VIEW_SIZE)
        if code != 0:
            raise read_error(code)
        return view

    @property
    def topic(self) -> str:
        return text_out(self._view.topic, self._view.topic_bytes) or ""

    @property
    def broker_name(self) -> str:
        return text_out(self._view.broker_name, self._view.broker_name_bytes) or ""

    @property
    def group(self) -> str:
        return text_out(self._view.group, self._view.group_bytes) or ""

    @property
    def queue_id(self) -> int:
        return self._view.queue_id

    @property
    def first_queue_offset(self) -> int:
        return self._view.first_queue_offset

    @property
    def epoch(self) -> int:
        """Which holding of the queue this belongs to."""
        return self._view.epoch

    def answer(self, answer: Answer, delay_level: int = Delay.BY_COUNT) -> None:
        """Answers for all messages.

        Raises Code.ALREADY_ANSWERED, or Code.STALE when the queue is no longer held: others receive the messages.

        :param delay_level: when to deliver again: a Delay, or 1 to 18
        """
        call(lib.rmq_event_answer, self._event, number_in("answer", answer), number_in("delay_level", delay_level))

    def answer_each(self, consumed: Sequence[bool], delay_level: int = Delay.BY_COUNT) -> None:
        """Answers message by message, as `answer` does: those that are not consumed are delivered again later."""
        bits = bytearray((self._view.message_count + 7) // 8)
        for index, value in enumerate(consumed):
            bits[index // 8] |= bool(value) << index % 8
        call(lib.rmq_event_answer_each, self._event, ffi.from_buffer("uint8_t[]", bits), len(bits),
             number_in("delay_level", delay_level))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.answer(Answer.SUCCESS if kind is None else Answer.RECONSUME_LATER)
        except Error as failure:
            if failure.code not in (lib.RMQ_ERROR_STALE, lib.RMQ_ERROR_ALREADY_ANSWERED):
                raise
