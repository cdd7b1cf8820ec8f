"""Sends one message and prints where it went: send_one.py <host:port of a NameServer, or -> <topic> <text>

"-" takes the NameServer from NAMESRV_ADDR.
"""
import os
import sys

import rocketmq_c


def send_one(name_servers: str, topic: str, text: str) -> None:
    with rocketmq_c.Runtime({"namesrv_addr": name_servers}) as runtime:
        producer = runtime.producer({"producer_group": "send_one"})
        sent = producer.send(rocketmq_c.Message(topic, text.encode(), tags="sample"))
        print(f"{sent.message_id} is at offset {sent.queue_offset} of queue {sent.queue_id} of {sent.broker_name}")


def main() -> int:
    if len(sys.argv) != 4:
        print("usage: send_one.py <host:port of a NameServer, or -> <topic> <text>", file=sys.stderr)
        print("without RocketMQ, start a broker for trying: rmq-testbroker --port 9876", file=sys.stderr)
        return 2
    name_servers, topic, text = sys.argv[1:]
    if name_servers == "-":
        name_servers = os.environ.get("NAMESRV_ADDR", "")
    try:
        send_one(name_servers, topic, text)
    except rocketmq_c.Error as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
