"""Messages to be sent, and where to."""
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import call, make
from .ffi import ffi, lib, number_in, optional_text_in, text_in, wrong_type


class Message:
    """A message to be sent, any number of times. It belongs to one thread at a time."""

    def __init__(self, topic: str, body: Any = None, *, tags: str | None = None, keys: str | Iterable[str] | None = None,
                 properties: Mapping[str, str] | None = None) -> None:
        self.handle = make("rmq_message_t", lib.rmq_message_new, lib.rmq_message_destroy, *text_in("topic", topic))
        if body is not None:
            self.set_body(body)
        if tags is not None:
            self.set_tags(tags)
        if keys is not None:
            self.set_keys(keys)
        if not isinstance(properties, Mapping | None):
            raise wrong_type("properties", properties, "a mapping of str to str")
        for name, value in (properties or {}).items():
            self.set_property(name, value)

    def set_body(self, body: bytes | bytearray | memoryview) -> None:
        """Copies the body, of any type that lends its bytes."""
        if isinstance(body, str):
            raise wrong_type("body", body, "bytes: text.encode() gives them")
        try:
            data = ffi.from_buffer(body)
        except TypeError:
            raise wrong_type("body", body, "bytes, or an object that lends its bytes") from None
        call(lib.rmq_message_set_body, self.handle, data, len(data))

    def set_tags(self, tags: str | None) -> None:
        """Sets the tag that consumers filter by."""
        call(lib.rmq_message_set_tags, self.handle, *optional_text_in("tags", tags))

    def set_keys(self, keys: str | Iterable[str] | None) -> None:
        """Sets the keys to find the message by: a text in which spaces separate them, or one text for each key."""
        call(lib.rmq_message_set_keys, self.handle, *optional_text_in("keys", _join_keys(keys)))

    def set_property(self, name: str, value: str | None) -> None:
        """Sets a property of yours; None takes it away."""
        call(lib.rmq_message_set_property, self.handle, *text_in("the name of a property", name),
             *optional_text_in(f"property {name!r}", value))


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
    """One queue of one broker. It never changes."""

    def __init__(self, address: str | None, broker_name: str | None = None, queue_id: int = -1) -> None:
        """queue_id -1: the broker chooses. Without an address the route of the topic has it, by the broker's name."""
        self.handle = make("rmq_destination_t", lib.rmq_destination_new, lib.rmq_destination_destroy,
                           *optional_text_in("address", address), *optional_text_in("broker_name", broker_name),
                           number_in("queue_id", queue_id))
