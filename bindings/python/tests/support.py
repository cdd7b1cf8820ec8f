"""What the tests share: a broker of their own, and clocks."""
import os
import socket
import struct
import subprocess
import time
import unittest

import rocketmq_c

MESSAGE_COUNT = int(os.environ.get("RMQ_TEST_COUNT", "100000"))
NEVER_ANSWERS = "SEND_MESSAGE_V2 first=1000000 no_answer"


def start_broker(test: unittest.TestCase, *faults: str) -> str:
    """Starts a broker with the topic bench_stub, ends it with the test, and gives its address."""
    command = [os.environ["RMQ_TESTBROKER"], "--port", "0", "--topic", "bench_stub:4", "--until-stdin-closes"]
    for fault in faults:
        command += ["--fault", fault]
    broker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    test.addCleanup(broker.stdout.close)
    test.addCleanup(broker.wait)
    test.addCleanup(broker.stdin.close)
    return broker.stdout.readline().removeprefix("LISTENING ").strip()


def start_queue(test: unittest.TestCase, *faults: str) -> rocketmq_c.Destination:
    """Gives a queue on a broker of the test's own."""
    return rocketmq_c.Destination(start_broker(test, *faults), queue_id=0)


def store_raw(address: str, body: bytes, properties: bytes) -> None:
    """Stores a message in queue 0 of bench_stub by a frame of SEND_MESSAGE in the compact encoding: texts may be any bytes."""
    fields = {b"producerGroup": b"raw", b"topic": b"bench_stub", b"defaultTopic": b"TBW102", b"defaultTopicQueueNums": b"4",
              b"queueId": b"0", b"sysFlag": b"0", b"bornTimestamp": b"1700000000000", b"flag": b"0",
              b"properties": properties}
    extended = b"".join(struct.pack(">H", len(name)) + name + struct.pack(">I", len(value)) + value
                        for name, value in fields.items())
    header = struct.pack(">hbhiiii", 10, 1, 493, 1, 0, 0, len(extended)) + extended
    frame = struct.pack(">II", 4 + len(header) + len(body), len(header) | 1 << 24) + header + body
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port))) as stream:
        stream.sendall(frame)
        if not stream.recv(8):
            raise AssertionError("the broker closed the connection")


class Stopwatch:
    """Prints what a message costs."""

    def __init__(self) -> None:
        self._wall = time.monotonic()
        self._cpu = time.process_time()

    def show(self, name: str, count: int) -> None:
        wall, cpu = time.monotonic() - self._wall, time.process_time() - self._cpu
        print(f"     {name}: {count / wall:.0f} messages/s, {cpu * 1e6 / count:.2f} us CPU per message", flush=True)
