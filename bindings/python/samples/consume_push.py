"""Prints the messages of a topic: consume_push.py <host:port of a NameServer, or -> <topic> <group> [count]

"-" takes the NameServer from NAMESRV_ADDR. Ends after `count` messages, or with Ctrl-C.
"""
import os
import signal
import sys

import rocketmq_c


def consume(name_servers: str, topic: str, group: str, count: int | None) -> None:
    options = {"consumer_group": group, "consume_from_where": "first"}
    with rocketmq_c.Runtime({"namesrv_addr": name_servers}) as runtime, runtime.push_consumer(options) as consumer:
        consumer.subscribe(topic)
        consumer.start()
        # An exception that Ctrl-C raises anywhere could leave a delivery without its answer, for which the close would wait.
        signal.signal(signal.SIGINT, lambda *_: consumer.end_receiving())
        seen = 0
        for delivery in consumer:
            with delivery:  # its end is the answer "consumed", an exception would be "again later"
                for message in delivery.messages:
                    print(f"consumed {message.message_id} {message.body.decode(errors='replace')}", flush=True)
                    seen += 1
            if count is not None and seen >= count:
                return


def main() -> int:
    if len(sys.argv) not in (4, 5):
        print("usage: consume_push.py <host:port of a NameServer, or -> <topic> <group> [count]", file=sys.stderr)
        print("without RocketMQ, start a broker for trying: rmq-testbroker --port 9876", file=sys.stderr)
        return 2
    name_servers, topic, group = sys.argv[1:4]
    if name_servers == "-":
        name_servers = os.environ.get("NAMESRV_ADDR", "")
    try:
        consume(name_servers, topic, group, int(sys.argv[4]) if len(sys.argv) == 5 else None)
    except rocketmq_c.Error as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
