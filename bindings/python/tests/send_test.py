"""Sends from Python against an embedded broker, and what a binding must get right around them."""
import asyncio
import concurrent.futures
import gc
import pathlib
import subprocess
import sys
import threading
import time
import unittest

import rocketmq_c
from rocketmq_c import Code, Message, Outcome, Runtime, SendStatus, ServerRole
from support import MESSAGE_COUNT, NEVER_ANSWERS, Stopwatch, start_broker, start_queue

GROUP = {"producer_group": "python"}
BODY = b"0123456789abcdef"
WINDOW = 4096


class Account:
    """Counts the ends of each message. At most WINDOW are pending."""

    def __init__(self, count: int) -> None:
        self.seen = bytearray(count)
        self.failed = 0
        self.ended = 0
        self.window = threading.Semaphore(WINDOW)
        self.all_ended = threading.Event()

    def end(self, index: int, error: rocketmq_c.Error | None) -> None:
        self.seen[index] += 1
        self.failed += error is not None
        self.ended += 1
        self.window.release()
        if self.ended == len(self.seen):
            self.all_ended.set()


class SendTest(unittest.TestCase):
    def check_account(self, account: Account, failed: int = 0) -> None:
        self.assertTrue(account.all_ended.wait(60), f"{account.ended} of {len(account.seen)} messages have ended")
        self.assertEqual(account.seen.count(1), len(account.seen), "messages that ended once")
        self.assertEqual(account.failed, failed, "failed sends")

    def check_refused(self, code: Code, call, *arguments, **named) -> rocketmq_c.Error:
        with self.assertRaises(rocketmq_c.Error) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception

    def test_single_sends_end_once_each(self):
        queue = start_queue(self)
        with Runtime() as runtime:
            producer, message, account = runtime.producer(GROUP), Message("bench_stub"), Account(MESSAGE_COUNT)
            watch = Stopwatch()
            for index in range(MESSAGE_COUNT):
                account.window.acquire()
                message.set_body(BODY)
                future = producer.send_async(message, queue)
                future.add_done_callback(lambda ended, index=index: account.end(index, ended.exception()))
            self.check_account(account)
            watch.show("single, with futures", MESSAGE_COUNT)

    def test_packed_sends_end_once_each(self):
        queue = start_queue(self)
        with Runtime() as runtime:
            producer, pattern, account = runtime.producer(GROUP), Message("bench_stub"), Account(MESSAGE_COUNT)
            watch = Stopwatch()
            for first in range(0, MESSAGE_COUNT, 256):
                bodies = [BODY] * min(256, MESSAGE_COUNT - first)
                for _ in bodies:
                    account.window.acquire()
                accepted, error = producer.send_packed(
                    pattern, bodies, lambda index, _, error, first=first: account.end(first + index, error), queue)
                self.assertEqual((accepted, error), (len(bodies), None))
            self.check_account(account)
            watch.show("packed", MESSAGE_COUNT)

    def test_sends_in_a_loop_end_once_each(self):
        queue = start_queue(self)

        async def send_all() -> None:
            async with Runtime(loop=asyncio.get_running_loop()) as runtime:
                threads = threading.active_count()
                producer, message = runtime.producer(GROUP), Message("bench_stub")
                ids = set()
                watch = Stopwatch()
                for first in range(0, MESSAGE_COUNT, WINDOW):
                    futures = []
                    for _ in range(min(WINDOW, MESSAGE_COUNT - first)):
                        message.set_body(BODY)
                        futures.append(producer.send_async(message, queue))
                    ids.update(result.message_id for result in await asyncio.gather(*futures))
                watch.show("in a loop", MESSAGE_COUNT)
                self.assertEqual(len(ids), MESSAGE_COUNT, "messages with an id of their own")
                self.assertEqual(threading.active_count(), threads)

        asyncio.run(send_all())

    def test_many_threads_wait_for_their_sends(self):
        queue = start_queue(self)
        with Runtime() as runtime, concurrent.futures.ThreadPoolExecutor(16) as pool:
            producer = runtime.producer(GROUP)
            results = list(pool.map(lambda _: producer.send(Message("bench_stub", b"x"), queue), range(800)))
        self.assertEqual(len({result.message_id for result in results}), 800)
        self.assertEqual({result.status for result in results}, {SendStatus.OK})

    def test_refused_calls_tell_their_error(self):
        error = self.check_refused(Code.OPTION_UNKNOWN, Runtime, {"namesrv_adr": "x"})
        self.assertEqual(error.name, "OPTION_UNKNOWN")
        self.assertIn("namesrv_adr", error.message)
        self.assertIn("namesrv_addr", str(error), "the suggestion")
        queue = start_queue(self)
        with Runtime() as runtime:
            producer = runtime.producer(GROUP)
            self.check_refused(Code.MESSAGE_ILLEGAL, producer.send_async, Message("bench_stub"), queue)
            accepted, error = producer.send_packed(Message("bench_stub"), [b"a", b"b", b"", b"c"], lambda *_: None, queue)
            self.assertEqual((accepted, error.code), (2, Code.MESSAGE_ILLEGAL))
            self.check_refused(Code.ARGUMENT, producer.send_async, Message("bench_stub", b"x"), queue, -1)
            self.check_refused(Code.ARGUMENT, runtime.close, -1)

    def test_a_refused_connection_tells_where(self):
        with Runtime() as runtime:
            producer = runtime.producer(GROUP | {"send_msg_timeout": 500, "retry_times_when_send_failed": 0})
            queue = rocketmq_c.Destination("127.0.0.1:1", queue_id=0)
            error = self.check_refused(Code.REFUSED, producer.send, Message("bench_stub", b"x"), queue)
            self.assertEqual(error.address, "127.0.0.1:1")
            self.assertEqual(error.outcome, Outcome.NOT_APPLIED)
            self.assertTrue(error.retriable)
        self.check_refused(Code.ARGUMENT, rocketmq_c.Destination, "no port")

    def test_failed_sends_tell_what_the_broker_said(self):
        queue = start_queue(self, "SEND_MESSAGE_V2 first=1000 error=16")
        with Runtime() as runtime:
            error = self.check_refused(Code.NO_PERMISSION, runtime.producer(GROUP).send, Message("bench_stub", b"x"), queue)
            self.assertEqual(error.category, rocketmq_c.Category.BROKER)
            self.assertEqual(error.outcome, Outcome.NOT_APPLIED)
            self.assertEqual(error.server_role, ServerRole.BROKER)
            self.assertEqual(error.response_code, 16)
            self.assertEqual((error.queue_id, error.group, error.retriable), (0, "python", False))
            self.assertTrue(error.address and error.client_id and error.message)

    def test_bodies_are_any_bytes_up_to_the_limit(self):
        limit = 64 * 1024
        queue = start_queue(self)
        with Runtime() as runtime:
            producer = runtime.producer(GROUP | {"max_message_size": limit})
            for body in b"\0", bytearray(b"a\0b\0"), memoryview(bytes(limit)):
                self.assertEqual(producer.send(Message("bench_stub", body), queue).status, SendStatus.OK)
            self.check_refused(Code.TOO_LARGE, producer.send, Message("bench_stub", bytes(limit + 1)), queue)

    def test_mistakes_of_type_name_the_argument(self):
        message = Message("bench_stub", b"x")
        cases = [
            ("body is of type str, expected bytes", lambda: Message("bench_stub", "text")),
            ("body is of type int, expected bytes", lambda: message.set_body(1)),
            ("topic is of type int, expected a str", lambda: Message(1)),
            ("topic is None", lambda: Message(None)),
            ("tags is of type list", lambda: message.set_tags(["a"])),
            ("keys is of type int", lambda: message.set_keys(1)),
            ("one of keys is of type int", lambda: message.set_keys(["a", 1])),
            ("property 'n' is of type int, expected a str", lambda: Message("bench_stub", b"x", properties={"n": 1})),
            ("the name of a property is of type int", lambda: message.set_property(1, "n")),
            ("properties is of type list", lambda: Message("bench_stub", b"x", properties=["n"])),
            ("queue_id is of type str, expected an int", lambda: rocketmq_c.Destination("127.0.0.1:1", queue_id="0")),
            ("address is of type int", lambda: rocketmq_c.Destination(1)),
            ("option namesrv_addr is None", lambda: Runtime({"namesrv_addr": None})),
            ("option tls_key_password is of type bytes", lambda: Runtime({"tls_key_password": b"hunter2"})),
        ]
        for words, call in cases:
            with self.subTest(words), self.assertRaises(TypeError) as caught:
                call()
            self.assertTrue(str(caught.exception).startswith(words), str(caught.exception))
            self.assertNotIn("hunter2", str(caught.exception))
        with Runtime() as runtime, self.assertRaisesRegex(TypeError, "timeout is of type str"):
            runtime.close("1")

    def test_keys_are_one_text_or_several(self):
        address = start_broker(self)
        with Runtime({"namesrv_addr": address}) as runtime:
            producer = runtime.producer(GROUP)
            producer.send(Message("bench_stub", b"x", keys=["order-1", "user-7"]))
            producer.send(Message("bench_stub", b"x", keys="order-1 user-7"))
            with runtime.push_consumer({"consumer_group": "keys", "consume_from_where": "first"}) as consumer:
                consumer.subscribe("bench_stub")
                consumer.start()
                for _ in range(2):
                    with consumer.receive(60) as delivery:
                        self.assertEqual([message.keys for message in delivery.messages], ["order-1 user-7"])
        for keys in ["a b"], ["a", ""], ["a\u3000b"]:
            with self.assertRaisesRegex(ValueError, "space separates keys"):
                Message("bench_stub", b"x", keys=keys)

    def test_a_send_is_cancelled(self):
        queue = start_queue(self, NEVER_ANSWERS)
        with Runtime() as runtime:
            producer = runtime.producer(GROUP)
            future = producer.send_async(Message("bench_stub", b"x"), queue)
            producer.cancel(future)
            self.assertEqual(future.exception(20).code, Code.CANCELLED)

        async def cancel_in_a_loop() -> None:
            async with Runtime(loop=asyncio.get_running_loop()) as runtime:
                producer = runtime.producer(GROUP)
                with self.assertRaises(TimeoutError):
                    async with asyncio.timeout(0.01):
                        await producer.send_async(Message("bench_stub", b"x"), queue)
                began = time.monotonic()
                await asyncio.to_thread(producer.flush, 20)
                self.assertLess(time.monotonic() - began, 2, "the library cancelled the send too")

        asyncio.run(cancel_in_a_loop())

    def test_close_ends_pending_sends(self):
        queue = start_queue(self, NEVER_ANSWERS)
        runtime = Runtime()
        producer = runtime.producer(GROUP)
        futures = [producer.send_async(Message("bench_stub", b"x"), queue) for _ in range(1000)]
        self.check_refused(Code.CLOSE_TIMEOUT, runtime.close, 0.001)
        for future in futures:
            self.assertEqual(future.exception(0).code, Code.SHUTDOWN)
        self.check_refused(Code.CLOSED, producer.send_async, Message("bench_stub", b"x"), queue)
        runtime.close()

    def test_a_function_that_fails_harms_no_other(self):
        queue = start_queue(self)
        with self.assertLogs("rocketmq_c"), Runtime() as runtime:  # whose end comes after all calls
            producer = runtime.producer(GROUP)
            producer.send_packed(Message("bench_stub"), [b"x"], lambda *_: 1 / 0, queue)
            self.assertEqual(producer.send(Message("bench_stub", b"x"), queue).status, SendStatus.OK)

    def test_forgotten_producers_end_their_sends(self):
        queue = start_queue(self, NEVER_ANSWERS)
        with Runtime() as runtime:
            producer = runtime.producer(GROUP)
            futures = [producer.send_async(Message("bench_stub", b"x"), queue) for _ in range(1000)]
            del producer
            gc.collect()
            for future in futures:
                self.assertEqual(future.exception(20).code, Code.SHUTDOWN)

    def test_forgotten_runtimes_end_their_sends(self):
        queue = start_queue(self, NEVER_ANSWERS)
        runtime = Runtime()
        producer = runtime.producer(GROUP)
        futures = [producer.send_async(Message("bench_stub", b"x"), queue) for _ in range(1000)]
        del runtime, producer
        gc.collect()
        for future in futures:
            self.assertEqual(future.exception(20).code, Code.SHUTDOWN)
        for thread in threading.enumerate():
            if thread.name == "rocketmq_c":
                thread.join(20)
                self.assertFalse(thread.is_alive(), "the thread of a forgotten runtime is still there")

    def test_objects_go_in_any_order(self):
        queue = start_queue(self)
        runtime = Runtime()
        producer = runtime.producer(GROUP)
        message = Message("bench_stub", b"x")
        future = producer.send_async(message, queue)
        del message, queue, producer, runtime
        gc.collect()
        self.assertTrue(future.exception(20) is None or future.exception().code == Code.SHUTDOWN)

    def test_the_end_of_the_interpreter_waits_for_nobody(self):
        address = start_broker(self, NEVER_ANSWERS)
        program = f"""
import rocketmq_c
runtime = rocketmq_c.Runtime()
producer = runtime.producer({{"producer_group": "python"}})
future = producer.send_async(rocketmq_c.Message("bench_stub", b"x"), rocketmq_c.Destination({address!r}))
"""
        subprocess.run([sys.executable, "-c", program], check=True, timeout=20)

    def test_the_sample_sends_one(self):
        sample = pathlib.Path(__file__).parent.parent / "samples" / "send_one.py"
        result = subprocess.run([sys.executable, sample, start_broker(self), "bench_stub", "hello"], capture_output=True,
                                text=True, timeout=60)
        self.assertIn(" is at offset 0 of queue ", result.stdout, result.stderr)


if __name__ == "__main__":
    unittest.main()
