"""Messages to be sent, and where to."""
from collections.abc import Iterable, Mapping
from typing import Any, Self

from .codes import MessageField, Selector
from .errors import call, make
from .ffi import NULL, ffi, lib, number_in, optional_text_in, text_in, text_out, wrong_type
from .received_message import ReceivedMessage, find_property, read_properties, read_view


class Message:
    """A message to be sent, any number of times. It belongs to one thread at a time."""

    def __init__(self, topic: str, body: Any = None, *, tags: str | None = None, keys: str | Iterable[str] | None = None,
                 properties: Mapping[str, str] | None = None) -> None:
        data = NULL if body is None else _bytes_in(body)
        self.handle = make("rmq_message_t", lib.rmq_message_new, lib.rmq_message_destroy, *text_in("topic", topic),
                           data, 0 if body is None else len(data), *optional_text_in("tags", tags),
                           *optional_text_in("keys", _join_keys(keys)))
        self.pinned: bytes | None = None  # the body, when the library reads it in place
        if not isinstance(properties, Mapping | None):
            raise wrong_type("properties", properties, "a mapping of str to str")
        for name, value in (properties or {}).items():
            self.set_property(name, value)

    @classmethod
    def from_received(cls, source: "ReceivedMessage | Message", topic: str | None = None) -> Self:
        """Makes a message of what a sender has put into another one. Topic None: that of `source`."""
        message = object.__new__(cls)
        message.handle = make("rmq_message_t", lib.rmq_message_new_from, lib.rmq_message_destroy, source.handle,
                              *optional_text_in("topic", topic))
        message.pinned = None
        return message

    def set_body(self, body: bytes | bytearray | memoryview) -> None:
        """Copies the body, of any type that lends its bytes."""
        data = _bytes_in(body)
        call(lib.rmq_message_set_body, self.handle, data, len(data))
        self.pinned = None

    def set_body_pinned(self, body: bytes) -> None:
        """Sets the body without a copy. It is kept until every send of it has ended.

        Only of type bytes, which never change, and not for one-way sends or a QueueProducer.
        """
        if not isinstance(body, bytes):
            raise wrong_type("body", body, "bytes")
        call(lib.rmq_message_set_body_pinned, self.handle, ffi.from_buffer(body), len(body))
        self.pinned = body

    def set_tags(self, tags: str | None) -> None:
        """Sets the tag that consumers filter by."""
        self.set_text(MessageField.TAGS, tags)

    def set_keys(self, keys: str | Iterable[str] | None) -> None:
        """Sets the keys to find the message by: a text in which spaces separate them, or one text for each key."""
        self.set_text(MessageField.KEYS, _join_keys(keys))

    def set_sharding_key(self, key: str | None) -> None:
        """Sets the ordering key that consumers and brokers 5.x see."""
        self.set_text(MessageField.SHARDING_KEY, key)

    def set_flag(self, flag: int) -> None:
        """Sets a number that travels with the message for your own use."""
        self.set_number(MessageField.FLAG, flag)

    def set_delay_level(self, level: int) -> None:
        """Sets the delay level, 0 (none) to 255."""
        self.set_number(MessageField.DELAY_LEVEL, level)

    def set_delay(self, seconds: float) -> None:
        """Has brokers 5.x deliver the message so many seconds after they took it, to the millisecond; 0: at once."""
        self.set_number(MessageField.DELAY_MS, round(seconds * 1000))

    def set_deliver_at(self, timestamp: float) -> None:
        """Has brokers 5.x deliver the message at this time, in seconds since 1970 as time.time() gives it; 0: at once."""
        self.set_number(MessageField.DELIVER_AT_MS, round(timestamp * 1000))

    def set_wait_store(self, wait: bool) -> None:
        """Sets whether the broker's answer waits for flush and replication as configured there."""
        self.set_number(MessageField.WAIT_STORE, int(wait))

    def set_text(self, field: MessageField, text: str | None) -> None:
        """Sets a field of text; None takes it away."""
        name = field.name.lower() if isinstance(field, MessageField) else "text"
        call(lib.rmq_message_set_text, self.handle, number_in("field", field), *optional_text_in(name, text))

    def set_number(self, field: MessageField, number: int) -> None:
        """Sets a field that is a number."""
        name = field.name.lower() if isinstance(field, MessageField) else "number"
        call(lib.rmq_message_set_number, self.handle, number_in("field", field), number_in(name, number))

    def set_property(self, name: str, value: str | None) -> None:
        """Sets a property of yours; None takes it away."""
        call(lib.rmq_message_set_property, self.handle, *text_in("the name of a property", name),
             *optional_text_in(f"property {name!r}", value))


    @property
    def topic(self) -> str:
        view = read_view(self.handle)
        return text_out(view.topic, view.topic_bytes) or ""

    @property
    def body(self) -> bytes:
        view = read_view(self.handle)
        return b"" if view.body == NULL else ffi.buffer(view.body, view.body_bytes)[:]

    @property
    def tags(self) -> str | None:
        view = read_view(self.handle)
        return text_out(view.tags, view.tags_bytes)

    @property
    def keys(self) -> str | None:
        view = read_view(self.handle)
        return text_out(view.keys, view.keys_bytes)

    @property
    def flag(self) -> int:
        return read_view(self.handle).flag

    def find_property(self, name: str) -> str | None:
        """Finds a property by name."""
        return find_property(self.handle, name)

    @property
    def properties(self) -> dict[str, str]:
        """All properties that are set, those of the fields too."""
        return read_properties(self.handle, read_view(self.handle).property_count)


def _bytes_in(body: Any) -> Any:
    if isinstance(body, str):
        raise wrong_type("body", body, "bytes: text.encode() gives them")
    try:
        return ffi.from_buffer(body)
    except TypeError:
        raise wrong_type("body", body, "bytes, or an object that lends its bytes") from None


def _join_keys(keys: Any) -> str | bytes | None:
    if keys is None or isinstance(keys, (str, bytes)):
        return keys
    if not isinstance(keys, Iterable):
        raise wrong_type("keys", keys, "a str or several of them")
    joined = []
    for key in keys:
        if not isinstance(key, str):
            raise wrong_type("one of keys", key, "a str")
        if len(key.split()) != 1:
            raise ValueError(f"one of keys is {key!r}: a space separates keys, so that none can hold one or be empty")
        joined.append(key)
    return " ".join(joined)


class Destination:
    """One queue of one broker, or a way to choose one of the topic's queues. It never changes."""

    def __init__(self, address: str | None, broker_name: str | None = None, queue_id: int = -1) -> None:
        """queue_id -1: the broker chooses. Without an address the route of the topic has it, by the broker's name."""
        self.handle = make("rmq_destination_t", lib.rmq_destination_new, lib.rmq_destination_destroy,
                           *optional_text_in("address", address), *optional_text_in("broker_name", broker_name),
                           number_in("queue_id", queue_id))

    @classmethod
    def selected(cls, selector: Selector) -> Self:
        """Chooses a queue for each message. With a hash of the sharding key, and with a queue id, SendFlag.ORDERED keeps the order."""
        destination = cls.__new__(cls)
        destination.handle = make("rmq_destination_t", lib.rmq_destination_new_selected, lib.rmq_destination_destroy,
                                  number_in("selector", selector), NULL, NULL)
        return destination
