"""Events: what became of calls, log lines, questions and deliveries."""
from collections.abc import Iterable
from typing import Any, NamedTuple

from .codes import Code, EventType, LogLevel, Outcome, SendStatus
from .errors import Error, call, named, read_error
from .ffi import ffi, lib, number_in, optional_text_in, text_out

VIEW_SIZE = ffi.sizeof("rmq_event_view_t")


class SendResult(NamedTuple):
    """Tells where a message was stored. The last four are known of a send that was waited for, and from Event.send_result."""

    status: SendStatus | int
    queue_id: int
    queue_offset: int
    message_id: str | None
    broker_name: str | None
    offset_message_id: str | None = None
    transaction_id: str | None = None
    region_id: str | None = None
    recall_handle: str | None = None
    trace_on: bool = False


class Queue(NamedTuple):
    """One queue of a topic."""

    topic: str
    broker_name: str
    queue_id: int


class LogLine(NamedTuple):
    """One line of the library's log."""

    level: LogLevel | int
    status: Code | int
    timestamp_ms: int
    execution_time_us: int  # of the operation; -1 when it has none
    operation: str  # a stable word such as "connect" or "send"
    client_id: str | None
    error: str | None
    line: str  # the whole
    token: int  # of the runtime


class Event:
    """One event. It keeps what it shows for as long as it is referred to."""

    __slots__ = ("_view", "_owner")

    def __init__(self, view: Any, owner: Any) -> None:
        self._view = view
        self._owner = owner  # keeps the view's memory, and gives up the event

    @property
    def type(self) -> EventType | int:
        return named(EventType, self._view.event_type)

    @property
    def token(self) -> int:
        """Of the call, or of the object that the event is about."""
        return self._view.token

    @property
    def error_code(self) -> Code | int:
        return named(Code, self._view.error_code)

    @property
    def error(self) -> Error | None:
        """What went wrong; None on success."""
        return read_error(self._view.error_code, self._view.error) if self._view.error_code != 0 else None

    @property
    def error_message(self) -> str | None:
        return text_out(self._view.error_message, self._view.error_message_bytes)

    @property
    def outcome(self) -> Outcome | int:
        return named(Outcome, self._view.outcome)

    @property
    def status(self) -> SendStatus | int:
        """Of a send."""
        return named(SendStatus, self._view.status)

    @property
    def queue_id(self) -> int:
        return self._view.queue_id

    @property
    def offset(self) -> int:
        """Of a sent message, or of the first one of a delivery, in its queue; -1 otherwise."""
        return self._view.offset

    @property
    def count(self) -> int:
        """Of a delivery: its messages. Of a closing or flush: what was left."""
        return self._view.count

    @property
    def topic(self) -> str | None:
        return text_out(self._view.topic, self._view.topic_bytes)

    @property
    def broker_name(self) -> str | None:
        return text_out(self._view.broker_name, self._view.broker_name_bytes)

    @property
    def message_id(self) -> str | None:
        """Of a send, failed or not."""
        return text_out(self._view.message_id, self._view.message_id_bytes)

    @property
    def offset_message_id(self) -> str | None:
        return text_out(self._view.offset_message_id, self._view.offset_message_id_bytes)

    @property
    def wants_answer(self) -> bool:
        """A question or a delivery, which gets its default answer when none comes."""
        return self._view.wants_answer != 0

    @property
    def send_result(self) -> SendResult:
        """All that is known of a send that succeeded. Raises Code.WRONG_EVENT for another event."""
        return read_send_result(self._view.event)

    @property
    def log(self) -> LogLine:
        """The log line. Raises Code.WRONG_EVENT for another event."""
        return read_log(self._view)

    @property
    def text(self) -> str | None:
        """What a question asks: of EventType.RESOLVE the host name."""
        size = ffi.new("size_t *")
        return text_out(lib.rmq_event_text(self._view.event, size), size[0])

    def answer(self, answer: int) -> None:
        """Answers a transaction, on any thread: of EventType.TRANSACTION_CHECK, or of a send with SendFlag.TRANSACTION.

        :param answer: Answer.COMMIT, Answer.ROLLBACK or Answer.UNKNOWN
        """
        call(lib.rmq_event_answer, self._view.event, number_in("answer", answer), 0)

    def answer_text(self, text: str | Iterable[str] | None) -> None:
        """Answers a question, on any thread. Of EventType.RESOLVE: IP addresses without port; None: there are none."""
        if text is not None and not isinstance(text, str):
            text = ";".join(text)
        call(lib.rmq_event_answer_text, self._view.event, *optional_text_in("text", text))


def take_event(pointer: Any) -> tuple[Any, Any]:
    """Takes over an owned event: its view, and what gives it up when collected."""
    owner = ffi.gc(pointer, lib.rmq_event_destroy)
    view = ffi.new("rmq_event_view_t *")
    code = lib.rmq_event_view(pointer, view, VIEW_SIZE)
    if code != 0:
        raise read_error(code)
    return view, owner


def read_send_result(event: Any) -> SendResult:
    """Reads the result of a send from its event."""
    view = ffi.new("rmq_send_result_view_t *")
    code = lib.rmq_event_send_result(event, view, ffi.sizeof("rmq_send_result_view_t"))
    if code != 0:
        raise read_error(code)
    return SendResult(named(SendStatus, view.status), view.queue_id, view.queue_offset,
                      *(text_out(getattr(view, name), getattr(view, name + "_bytes"))
                        for name in ("message_id", "broker_name", "offset_message_id", "transaction_id", "region_id",
                                     "recall_handle")), view.trace_on != 0)


def read_queues(event: Any, count: int) -> list[Queue]:
    """Reads the queues of a result."""
    views = ffi.new("rmq_queue_view_t[]", count)
    filled = lib.rmq_event_queues(event, 0, views, ffi.sizeof("rmq_queue_view_t"), count)
    return [Queue(text_out(view.topic, view.topic_bytes) or "", text_out(view.broker_name, view.broker_name_bytes) or "",
                  view.queue_id) for view in views[0:filled]]


def read_log(event_view: Any) -> LogLine:
    """Reads the line of a log event."""
    view = ffi.new("rmq_log_view_t *")
    code = lib.rmq_event_log(event_view.event, view, ffi.sizeof("rmq_log_view_t"))
    if code != 0:
        raise read_error(code)
    return LogLine(named(LogLevel, view.level), named(Code, view.status), view.timestamp_ms, view.execution_time_us,
                   text_out(view.operation, view.operation_bytes) or "", text_out(view.client_id, view.client_id_bytes),
                   text_out(view.error, view.error_bytes), text_out(view.line, view.line_bytes) or "", event_view.token)

