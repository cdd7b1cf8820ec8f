"""Messages as brokers gave them: of a delivery, of a list of stored messages, or kept on their own."""
from typing import Any, Self

from .codes import Code
from .errors import Error, make, named, read_error
from .ffi import NULL, ffi, lib, text_in, text_out

VIEW_SIZE = ffi.sizeof("rmq_message_view_t")


class ReceivedMessage:
    """A message as the broker gave it. Keeps what it comes from; fields are copied when they are read.

    Other clients may have written bytes that are not UTF-8. They are lone surrogates in the texts here: different bytes are
    different texts, and text.encode("utf-8", "surrogateescape") gives the bytes. Python refuses to print such a text as it is.
    """

    __slots__ = ("_owner", "_view")

    def __init__(self, owner: Any, view: Any) -> None:
        self._owner = owner  # keeps the memory of the view, and what the view points to
        self._view = view

    @property
    def body(self) -> bytes:
        """The body, decompressed. Raises why it could not be read."""
        if self._view.error_code != 0:
            raise read_error(self._view.error_code, self._view.error)
        return self.stored_body

    @property
    def stored_body(self) -> bytes:
        """The body, or what was stored in its place when it could not be read."""
        return b"" if self._view.body == NULL else ffi.buffer(self._view.body, self._view.body_bytes)[:]

    @property
    def error_code(self) -> Code | int:
        """Code.OK, or why the message could not be read."""
        return named(Code, self._view.error_code)

    @property
    def error(self) -> Error | None:
        """Why the message could not be read."""
        return read_error(self._view.error_code, self._view.error) if self._view.error_code != 0 else None

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
    def broker_name(self) -> str | None:
        """The broker that the message was pulled from."""
        return text_out(self._view.broker_name, self._view.broker_name_bytes)

    @property
    def raw_properties(self) -> bytes:
        """All properties in RocketMQ's own form; empty when there are none."""
        if not self._view.properties_bytes:
            return b""
        return bytes(ffi.buffer(self._view.properties, self._view.properties_bytes))

    @property
    def queue_id(self) -> int:
        return self._view.queue_id

    @property
    def queue_offset(self) -> int:
        return self._view.queue_offset

    @property
    def commit_log_offset(self) -> int:
        return self._view.commit_log_offset

    @property
    def prepared_transaction_offset(self) -> int:
        return self._view.prepared_transaction_offset

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

    @property
    def sys_flag(self) -> int:
        """The system flag as stored."""
        return self._view.sys_flag

    @property
    def store_size(self) -> int:
        """Bytes of the message as stored."""
        return self._view.store_size

    @property
    def body_crc(self) -> int:
        """The CRC of the body as stored."""
        return self._view.body_crc

    def find_property(self, name: str) -> str | None:
        """Finds a property by name."""
        return find_property(self._view.message, name)

    @property
    def properties(self) -> dict[str, str]:
        """All properties, in the order of the message."""
        return read_properties(self._view.message, self._view.property_count)

    @property
    def handle(self) -> Any:
        """What C calls it by, borrowed while this object lives."""
        return self._view.message

    def retain(self) -> Self:
        """A copy that holds no memory of its delivery or of its neighbours."""
        pointer = lib.rmq_message_retain(self._view.message)
        if pointer == NULL:
            raise MemoryError
        handle = ffi.gc(pointer, lib.rmq_message_destroy)
        view = read_view(handle)
        return type(self)((handle, view), view)


def read_view(message: Any) -> Any:
    """All fields of a message, borrowed from it."""
    view = ffi.new("rmq_message_view_t *")
    code = lib.rmq_message_view(message, view, VIEW_SIZE)
    if code != 0:
        raise read_error(code)
    return view


def find_property(message: Any, name: str) -> str | None:
    """Finds a property of any message by name."""
    size = ffi.new("size_t *")
    return text_out(lib.rmq_message_property(message, *text_in("name", name), size), size[0])


def read_properties(message: Any, count: int) -> dict[str, str]:
    """All properties of any message, in its order."""
    views = ffi.new("rmq_property_view_t[]", count)
    count = lib.rmq_message_properties(message, 0, views, ffi.sizeof("rmq_property_view_t"), count)
    return {text_out(views[i].name, views[i].name_bytes): text_out(views[i].value, views[i].value_bytes)
            for i in range(count)}


def decode_messages(stored: bytes) -> list[ReceivedMessage]:
    """Reads messages as brokers store them, one after another: the body of a pull answer, say.

    A message whose body cannot be read stays in the list and tells its `error`. Raises Code.BAD_BODY for bytes that are none.
    """
    data = ffi.from_buffer(stored)
    handle = make("rmq_message_list_t", lib.rmq_message_list_decode, lib.rmq_message_list_destroy, data, len(data))
    count = lib.rmq_message_list_count(handle)
    views = ffi.new("rmq_message_view_t[]", count)
    count = lib.rmq_message_list_views(handle, 0, views, VIEW_SIZE, count)
    return [ReceivedMessage((handle, views), views[i]) for i in range(count)]
