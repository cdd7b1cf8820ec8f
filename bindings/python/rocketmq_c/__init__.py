"""RocketMQ through librocketmq_c."""
from .codes import (Answer, Category, Code, Delay, EventType, ExpressionType, LogLevel, MessageField, MessagePart, NameGroup,
                    OptionOwner, Outcome, Selector, SendFlag, SendStatus, ServerRole)
from .config import Config, Option, list_options
from .delivery import Delivery
from .errors import Error
from .event import Event, LogLine, Queue, SendResult
from .event_batch import EventBatch
from .event_queue import EventQueue
from .message import Destination, Message
from .names import name, sentence, version, version_text
from .producer import Producer
from .push_consumer import PushConsumer
from .queue_consumer import QueueConsumer
from .queue_producer import QueueProducer
from .received_message import ReceivedMessage, decode_messages
from .runtime import Runtime, RuntimeView

__all__ = [
    "Answer", "Category", "Code", "Config", "Delay", "Delivery", "Destination", "Error", "Event", "EventBatch", "EventQueue",
    "EventType", "ExpressionType", "LogLevel", "LogLine", "Message", "MessageField", "MessagePart", "NameGroup", "Option",
    "OptionOwner", "Outcome", "Producer", "PushConsumer", "Queue", "QueueConsumer", "QueueProducer", "ReceivedMessage", "Runtime",
    "RuntimeView", "SendFlag", "SendResult", "SendStatus", "ServerRole", "decode_messages", "list_options", "name", "sentence",
    "version", "version_text",
    "OptionOwner", "Outcome", "Producer", "PushConsumer", "QueueConsumer", "QueueProducer", "ReceivedMessage", "Runtime",
    "RuntimeView", "Selector", "SendFlag", "SendResult", "SendStatus", "ServerRole", "decode_messages", "list_options", "name",
    "sentence", "version", "version_text",
]
