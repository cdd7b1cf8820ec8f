"""RocketMQ through librocketmq_c."""
from .codes import Answer, Category, Code, Delay, Filter, Outcome, SendStatus, ServerRole
from .delivery import Delivery, ReceivedMessage
from .errors import Error
from .message import Destination, Message
from .producer import Producer
from .push_consumer import PushConsumer
from .runtime import Runtime
from .send_table import SendResult

__all__ = [
    "Answer", "Category", "Code", "Delay", "Delivery", "Destination", "Error", "Filter", "Message", "Outcome", "Producer",
    "PushConsumer", "ReceivedMessage", "Runtime", "SendResult", "SendStatus", "ServerRole",
]
