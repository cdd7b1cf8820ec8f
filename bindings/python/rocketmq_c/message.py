"""Messages to be sent, and where to."""
from collections.abc import Mapping
from typing import Any

from .errors import call, make
from .ffi import ffi, lib, text_in


class Message:
    """A message to be sent, any number of times. It belongs to one thread at a time."""

    def __init__(self, topic: str, body: Any = None, *, tags: str | None = None, keys: str | None = None,
                 properties: Mapping[str, str] | None = None) -> None:
        self.handle = make("rmq_message_t", lib.rmq_message_new, lib.rmq_message_destroy, *text_in(topic))
        if body is not None:
            self.set_body(body)
        if tags is not None:
            self.set_tags(tags)
        if keys is not None:
            self.set_keys(keys)
        for name, value in (properties or {}).items():
            self.set_property(name, value)

    def set_body(self, body: bytes | bytearray | memoryview) -> None:
        """Copies the body, of any type that lends its bytes."""
        data = ffi.from_buffer(body)
        call(lib.rmq_message_set_body, self.handle, data, len(data))

    def set_tags(self, tags: str | None) -> None:
        """Sets the tag that consumers filter by."""
        call(lib.rmq_message_set_tags, self.handle, *text_in(tags))

    def set_keys(self, keys: str | None) -> None:
        """Sets the keys to find the message by, separated by spaces."""
        call(lib.rmq_message_set_keys, self.handle, *text_in(keys))

    def set_property(self, name: str, value: str | None) -> None:
        """Sets a property of yours; None takes it away."""
        call(lib.rmq_message_set_property, self.handle, *text_in(name), *text_in(value))


class Destination:
    """One queue of one broker. It never changes."""

    def __init__(self, address: str | None, broker_name: str | None = None, queue_id: int = -1) -> None:
        """queue_id -1: the broker chooses. Without an address the route of the topic has it, by the broker's name."""
        self.handle = make("rmq_destination_t", lib.rmq_destination_new, lib.rmq_destination_destroy,
                           *text_in(address), *text_in(broker_name), queue_id)
