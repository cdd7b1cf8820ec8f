"""A push consumer in Python against an embedded NameServer and broker."""
import asyncio
import gc
import pathlib
import signal
import subprocess
import sys
import threading
import time
import unittest

import rocketmq_c
from rocketmq_c import Answer, Code, Message, Runtime
from support import Stopwatch, start_broker, store_raw

COUNT = 2000
OPTIONS = {"consumer_group": "python_readers", "consume_from_where": "first", "consume_message_batch_max_size": 32}
SAMPLES = pathlib.Path(__file__).parent.parent / "samples"


def send(runtime: Runtime, count: int, body: bytes = b"0123456789abcdef") -> None:
    producer = runtime.producer({"producer_group": "python"})
    message = Message("bench_stub", body, tags="a", keys="k", properties={"colour": "red"})
    for future in [producer.send_async(message) for _ in range(count)]:
        future.result()


class ConsumeTest(unittest.TestCase):
    def open(self) -> Runtime:
        runtime = Runtime({"namesrv_addr": start_broker(self)})
        self.addCleanup(runtime.close)
        return runtime

    def consumer(self, runtime: Runtime) -> rocketmq_c.PushConsumer:
        consumer = runtime.push_consumer(OPTIONS)
        consumer.subscribe("bench_stub")
        consumer.start()
        return consumer

    def receive(self, consumer: rocketmq_c.PushConsumer) -> rocketmq_c.Delivery:
        delivery = consumer.receive(60)
        self.assertIsNotNone(delivery, "no delivery came in 60 s")
        return delivery

    def test_each_message_is_delivered_once(self):
        runtime = self.open()
        send(runtime, COUNT)
        watch = Stopwatch()
        places = []
        with self.consumer(runtime) as consumer:
            while len(places) < COUNT:
                with self.receive(consumer) as delivery:
                    places += [(message.queue_id, message.queue_offset, len(message.body)) for message in delivery.messages]
        watch.show("received", COUNT)
        self.assertEqual(len(set(places)), COUNT)

        send(runtime, 1, b"after all others")
        with self.consumer(runtime) as consumer, self.receive(consumer) as delivery:
            self.assertEqual([message.body for message in delivery.messages], [b"after all others"])

    def test_a_delivery_shows_all_of_its_messages(self):
        runtime = self.open()
        send(runtime, 1, b"a\0b")
        with self.consumer(runtime) as consumer, self.receive(consumer) as delivery:
            [message] = delivery.messages
            self.assertEqual((delivery.topic, delivery.group), ("bench_stub", "python_readers"))
            self.assertEqual(delivery.queue_id, message.queue_id)
            self.assertEqual((message.topic, message.body, message.tags, message.keys), ("bench_stub", b"a\0b", "a", "k"))
            self.assertEqual(message.find_property("colour"), "red")
            self.assertIsNone(message.find_property("shape"))
            self.assertEqual(message.properties["colour"], "red")
            self.assertEqual(message.reconsume_times, 0)
            self.assertTrue(message.message_id and message.born_host and message.store_timestamp_ms)

    def test_texts_of_other_clients_keep_their_bytes(self):
        address = start_broker(self)
        tags = ["\u8ba2\u5355".encode("gbk"), b"\\xb6\\xa9\\xb5\\xa5"]  # the second spells the first as escapes
        for tag in tags:
            store_raw(address, b"body \xb6", b"TAGS\1" + tag + b"\2KEYS\1k \xb6\2" + tag + b"\1\xb6\2")
        with Runtime({"namesrv_addr": address}) as runtime, self.consumer(runtime) as consumer:
            messages = []
            while len(messages) < 2:
                with self.receive(consumer) as delivery:
                    messages += delivery.messages
        self.assertEqual([message.tags.encode("utf-8", "surrogateescape") for message in messages], tags)
        self.assertNotEqual(messages[0].tags, messages[1].tags)
        for message in messages:
            self.assertEqual(message.keys.encode("utf-8", "surrogateescape"), b"k \xb6")
            self.assertEqual(message.find_property(message.tags), "\udcb6", "a text of a message finds it again")
            self.assertEqual(message.properties[message.tags], "\udcb6")
            self.assertEqual(message.body, b"body \xb6")

    def test_a_delivery_that_nobody_looked_at_comes_again_uncounted(self):
        """Whoever gives up a delivery without a look has not failed with its messages, and makes no dead letters of them."""
        runtime = self.open()
        send(runtime, 1, b"unseen")
        with self.consumer(runtime) as consumer:
            delivery = self.receive(consumer)
            self.assertEqual(delivery.topic, "bench_stub")
            with self.assertRaises(rocketmq_c.Error):
                delivery.answer_each([], delay_level=256)  # refused, so that the delivery stays open
            del delivery
            gc.collect()  # a traceback may hold it in a cycle
            with self.receive(consumer) as delivery:
                self.assertEqual([(message.reconsume_times, message.body) for message in delivery.messages], [(0, b"unseen")])

    def test_messages_are_readable_after_the_answer(self):
        runtime = self.open()
        send(runtime, 1, b"kept")
        with self.consumer(runtime) as consumer:
            delivery = self.receive(consumer)
            delivery.answer(Answer.SUCCESS)
            self.assertEqual([message.body for message in delivery.messages], [b"kept"])

    def test_a_second_answer_is_refused(self):
        runtime = self.open()
        send(runtime, 3)
        with self.consumer(runtime) as consumer:
            delivery = self.receive(consumer)
            delivery.answer_each([True] * len(delivery.messages))
            with self.assertRaises(rocketmq_c.Error) as caught:
                delivery.answer(Answer.RECONSUME_LATER)
            self.assertEqual(caught.exception.code, Code.ALREADY_ANSWERED)

    def test_a_message_outlives_all_that_made_it(self):
        runtime = self.open()
        send(runtime, 1, b"kept")
        consumer = self.consumer(runtime)
        delivery = self.receive(consumer)
        [message] = delivery.messages
        with self.assertRaises(rocketmq_c.Error) as caught:
            consumer.close(0.001)
        self.assertEqual(caught.exception.code, Code.CLOSE_TIMEOUT)
        with self.assertRaises(rocketmq_c.Error) as caught:
            delivery.answer(Answer.SUCCESS)
        self.assertEqual(caught.exception.code, Code.STALE)
        runtime.close()
        del runtime, consumer, delivery
        self.assertEqual(message.body, b"kept")

    def test_a_close_ends_waiting(self):
        consumer = self.consumer(self.open())
        waiting = threading.Thread(target=lambda: self.assertEqual(list(consumer), []))
        waiting.start()
        consumer.close()
        waiting.join(20)
        self.assertFalse(waiting.is_alive())
        self.assertRaises(rocketmq_c.Error, consumer.receive)

    def test_a_consumer_says_what_keeps_it_from_working(self):
        told = []
        with self.open().push_consumer(OPTIONS, on_error=told.append) as consumer:
            consumer.subscribe("misspelt")
            consumer.start()
            deadline = time.monotonic() + 60
            while not told and time.monotonic() < deadline:
                self.assertIsNone(consumer.receive(0.1))
        self.assertEqual([(error.code, error.topic) for error in told], [(Code.NO_ROUTE, "misspelt")])

    def test_a_task_of_a_loop_receives(self):
        address = start_broker(self)
        with Runtime({"namesrv_addr": address}) as runtime:
            send(runtime, 100)

        async def receive() -> int:
            seen = 0
            async with Runtime({"namesrv_addr": address}, loop=asyncio.get_running_loop()) as runtime:
                async with self.consumer(runtime) as consumer:
                    async for delivery in consumer:
                        with delivery:
                            seen += len(delivery.messages)
                        if seen == 100:
                            return seen

        self.assertEqual(asyncio.run(asyncio.wait_for(receive(), 60)), 100)

    def test_the_sample_consumes(self):
        address = start_broker(self)
        with Runtime({"namesrv_addr": address}) as runtime:
            send(runtime, 3, b"hello")
        sample = [sys.executable, SAMPLES / "consume_push.py", address, "bench_stub", "readers"]
        result = subprocess.run([*sample, "3"], capture_output=True, text=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual([line.split()[-1] for line in result.stdout.splitlines()], ["hello"] * 3)

        with Runtime({"namesrv_addr": address}) as runtime:
            send(runtime, 1, b"again")
        endless = subprocess.Popen(sample, stdout=subprocess.PIPE, text=True)
        self.addCleanup(endless.stdout.close)
        self.addCleanup(endless.wait)
        self.addCleanup(endless.kill)
        self.assertTrue(endless.stdout.readline().endswith(" again\n"))
        endless.send_signal(signal.SIGINT)
        self.assertEqual(endless.wait(20), 0)


if __name__ == "__main__":
    unittest.main()
