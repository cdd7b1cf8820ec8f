"""What the tests share: a broker of their own, and clocks."""
import os
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


class Stopwatch:
    """Prints what a message costs."""

    def __init__(self) -> None:
        self._wall = time.monotonic()
        self._cpu = time.process_time()

    def show(self, name: str, count: int) -> None:
        wall, cpu = time.monotonic() - self._wall, time.process_time() - self._cpu
        print(f"     {name}: {count / wall:.0f} messages/s, {cpu * 1e6 / count:.2f} us CPU per message", flush=True)
