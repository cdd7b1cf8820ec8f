"""What all consumers have in common."""
from types import TracebackType
from typing import Any, Self

from .codes import ExpressionType
from .config import Options, config_in, milliseconds
from .errors import call, make
from .ffi import NULL, lib, number_in, optional_text_in, text_in


class Consumer:
    """A member of a group. Made by a Runtime or an EventQueue, to be subscribed and started."""

    def __init__(self, runtime: Any, queue: Any, options: Options | None, token: int) -> None:
        self.handle = make("rmq_consumer_t", lib.rmq_consumer_new, lib.rmq_consumer_destroy, runtime.handle,
                           lib.RMQ_CONSUMER_PUSH_CONCURRENT, config_in(options), queue, NULL, NULL,
                           number_in("token", token), NULL)

    def subscribe(self, topic: str, expression: str | None = "*", expression_type: ExpressionType = ExpressionType.TAG) -> None:
        """Subscribes to a topic, before or after the start. Expression None: all messages."""
        call(lib.rmq_consumer_subscribe, self.handle, *text_in("topic", topic), number_in("expression_type", expression_type),
             *optional_text_in("expression", expression))

    def unsubscribe(self, topic: str) -> None:
        """Ends the subscription of a topic."""
        call(lib.rmq_consumer_unsubscribe, self.handle, *text_in("topic", topic))

    def start(self) -> None:
        """Starts to receive. The network is reached in the background."""
        call(lib.rmq_consumer_start, self.handle)

    def update(self, changes: Options) -> None:
        """Changes options that are live for a consumer: all of them or none."""
        call(lib.rmq_consumer_update, self.handle, config_in(changes))

    def close(self, timeout: float | None = None) -> None:
        """Waits for the answers to what was received, at most `timeout` seconds, stores offsets and leaves the group."""
        call(lib.rmq_consumer_close, self.handle, milliseconds(timeout))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
