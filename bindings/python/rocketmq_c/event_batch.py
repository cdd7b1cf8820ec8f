"""Many events and their messages, taken in one call, answered in one, and given up in one."""
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from .codes import Answer, Delay
from .delivery import Delivery
from .errors import SLOT, Error, call, take_error
from .event import VIEW_SIZE, Event
from .ffi import ffi, lib, number_in
from .received_message import VIEW_SIZE as MESSAGE_VIEW_SIZE
from .received_message import ReceivedMessage

# The library fills what it shows, so that nothing need be zeroed before.
_new_uncleared = ffi.new_allocator(should_clear_after_alloc=False)


class BatchDelivery(Delivery):
    """A delivery inside a batch: `decide` leaves its answer to that of the batch, `answer` gives it at once."""

    __slots__ = ("_index",)

    def __init__(self, batch: "EventBatch", index: int) -> None:
        super().__init__(batch.views[index], batch)
        self._index = index

    @property
    def messages(self) -> list[ReceivedMessage]:
        """The messages. Those that had no room in the batch are read in one more call."""
        if self._view.messages_shown < self._view.count:
            return super().messages
        first = self._view.first_message
        return self._owner.shown_messages[first:first + self._view.messages_shown]

    def decide(self, answer: Answer) -> None:
        """Sets the answer that EventBatch.answer gives this delivery. Answer.NONE: no answer yet."""
        self._owner.decisions[self._index] = number_in("answer", answer)

    def answer(self, answer: Answer, delay_level: int = Delay.BY_COUNT) -> None:
        super().answer(answer, delay_level)
        self.decide(Answer.NONE)

    def answer_each(self, consumed: Any, delay_level: int = Delay.BY_COUNT) -> None:
        super().answer_each(consumed, delay_level)
        self.decide(Answer.NONE)


class EventBatch:
    """A sequence of events. Keeps them for as long as it, one of them or one of their messages is referred to.

    `with batch:` answers all that were not decided: Answer.SUCCESS at the end, Answer.RECONSUME_LATER when an exception leaves
    the block. A batch that is dropped unanswered comes again, without being counted.
    """

    def __init__(self, max_events: int, max_messages: int) -> None:
        if max_events < 1:
            raise ValueError(f"room for {max_events} events, expected 1 or more")
        counts, events = ffi.new("size_t[2]"), _new_uncleared("rmq_event_view_t[]", max_events)
        give_up, size = lib.rmq_event_destroy_batch, VIEW_SIZE  # names of a module are gone at the end of the interpreter

        def destroy(_views: Any) -> None:
            if counts[0] > 0:
                give_up(events, size, counts[0])

        self._counts = counts  # of events and messages
        self._max_events = max_events
        self.views = ffi.gc(ffi.cast("rmq_event_view_t *", events), destroy)
        self._message_views = _new_uncleared("rmq_message_view_t[]", max_messages)
        self._messages: list[ReceivedMessage] | None = None
        self.decisions: dict[int, int] = {}  # answers by index

    def fill(self, queue: Any, timeout_ms: int) -> None:
        """Takes events of a queue, once."""
        slot = ffi.new(SLOT)
        code = lib.rmq_event_queue_poll_messages(
            queue, timeout_ms, self.views, VIEW_SIZE, self._max_events, self._counts, self._message_views, MESSAGE_VIEW_SIZE,
            len(self._message_views), self._counts + 1, slot)
        if code != 0:
            raise take_error(code, slot)

    def __len__(self) -> int:
        return self._counts[0]

    def __getitem__(self, index: int) -> Event:
        index = range(len(self))[index]
        is_delivery = self.views[index].event_type == lib.RMQ_EVENT_DELIVERY
        return BatchDelivery(self, index) if is_delivery else Event(self.views[index], self)

    def __iter__(self) -> Iterator[Event]:
        return (self[index] for index in range(len(self)))

    @property
    def deliveries(self) -> Iterator[BatchDelivery]:
        """The events that are deliveries."""
        return (event for event in self if isinstance(event, BatchDelivery))

    @property
    def messages(self) -> list[ReceivedMessage]:
        """The messages of all deliveries, one after another. Only those that had no room cost another call into the library."""
        if any(view.messages_shown < view.count for view in self._delivery_views()):
            return [message for delivery in self.deliveries for message in delivery.messages]
        return self.shown_messages

    @property
    def shown_messages(self) -> list[ReceivedMessage]:
        """The messages that had room."""
        if self._messages is None:
            # They keep the arrays of the batch but not itself, which would be a cycle.
            owner, views = (self.views, self._message_views), self._message_views
            self._messages = [ReceivedMessage(owner, views[i]) for i in range(self._counts[1])]
        return self._messages

    def _delivery_views(self) -> Iterator[Any]:
        views = (self.views[i] for i in range(len(self)))
        return (view for view in views if view.event_type == lib.RMQ_EVENT_DELIVERY)

    def answer(self, answer: Answer = Answer.SUCCESS) -> None:
        """Answers all deliveries in one call: as they decided, the others with `answer`.

        Raises the first refusal, such as Code.STALE; it keeps no other delivery from its answer.
        """
        rest = number_in("answer", answer)
        answers = ffi.new("int32_t[]", len(self))
        for index in range(len(self)):
            if self.views[index].event_type == lib.RMQ_EVENT_DELIVERY:
                answers[index] = self.decisions.get(index, rest)
        call(lib.rmq_event_answer_batch, self.views, VIEW_SIZE, len(self), answers)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self.answer(Answer.SUCCESS if kind is None else Answer.RECONSUME_LATER)
        except Error as failure:
            if failure.code not in (lib.RMQ_ERROR_STALE, lib.RMQ_ERROR_ALREADY_ANSWERED):
                raise
