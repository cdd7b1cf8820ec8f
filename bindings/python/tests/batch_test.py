"""The batch path: many deliveries in one call, answered in one, given up in one."""
import asyncio
import gc
import subprocess
import sys
import threading
import unittest

import rocketmq_c
from crossings import count_crossings
from rocketmq_c import Answer, Code, EventType, Message, MessagePart, Runtime, SendFlag, SendStatus
from support import Stopwatch, start_broker

COUNT = 8192
CROSSINGS_PER_MESSAGE_MAX = 1 / 16
READERS = {"consumer_group": "python_batches", "consume_from_where": "first", "consume_message_batch_max_size": 128,
           "pull_batch_size": 128}


def fill(runtime: Runtime, count: int) -> None:
    producer = runtime.producer({"producer_group": "python"})
    ended = threading.Semaphore(0)
    bodies = [b"%016d" % index for index in range(count)]
    pattern = Message("bench_stub", properties={"colour": "red"})
    for first in range(0, count, 1024):
        accepted, error = producer.send_packed(pattern, bodies[first:first + 1024], lambda *_: ended.release())
        if error is not None:
            raise error
        for _ in range(accepted):
            ended.acquire()


class BatchTest(unittest.TestCase):
    def open(self, count: int = 0, **named) -> Runtime:
        runtime = Runtime({"namesrv_addr": start_broker(self)}, **named)
        self.addCleanup(runtime.close)
        fill(runtime, count)
        return runtime

    def consumer(self, runtime: Runtime, options=READERS):
        consumer = runtime.push_consumer(options)
        consumer.subscribe("bench_stub")
        consumer.start()
        return consumer

    def test_crossings(self):
        """Counts all calls into the library while messages are received, answered and given up."""
        small = READERS | {"consume_message_batch_max_size": 16, "pull_batch_size": 512}  # a call for each delivery is too much
        with self.open(COUNT) as runtime, count_crossings() as crossings, self.consumer(runtime, small) as consumer:
            before, seen, batches = crossings.total, set(), 0
            watch = Stopwatch()
            while len(seen) < COUNT:
                batch = consumer.receive_batch(60)
                self.assertIsNotNone(batch, "no delivery came in 60 s")
                for message in batch.messages:
                    seen.add(message.body)
                batch.answer()
                batches += 1
                del batch, message
            watch.show("received in batches", COUNT)
            crossed = crossings.total - before
            print(f"     {crossed / COUNT:.4f} crossings per message, {COUNT / batches:.0f} messages per batch", flush=True)
        self.assertLessEqual(crossed / COUNT, CROSSINGS_PER_MESSAGE_MAX, crossings.calls)
        for name in "rmq_event_queue_poll_messages", "rmq_event_answer_batch", "rmq_event_destroy_batch":
            self.assertGreaterEqual(crossings.calls[name], batches, "each batch has its call")

    def test_deliveries_decide_their_answers(self):
        with self.open(8) as runtime, self.consumer(runtime, READERS | {"consume_message_batch_max_size": 1}) as consumer:
            taken = set()
            while len(taken) < 8:
                with consumer.receive_batch(60) as batch:
                    for delivery in batch.deliveries:
                        [message] = delivery.messages
                        taken.add(message.body)
                        if message.body.endswith(b"3"):
                            delivery.decide(Answer.RETURN)
                        if message.body.endswith(b"4"):
                            delivery.answer(Answer.SUCCESS)
                        self.assertEqual((message.properties["colour"], delivery.group), ("red", "python_batches"))
            batch = consumer.receive_batch(60)
            self.assertEqual([message.body[-1:] for message in batch.messages], [b"3"], "what was returned comes again")
            self.assertEqual(batch.messages[0].reconsume_times, 0)
            batch.answer()
            with self.assertRaises(rocketmq_c.Error) as caught:
                batch.answer()
            self.assertEqual(caught.exception.code, Code.ALREADY_ANSWERED)

    def test_messages_without_room_are_read_all_the_same(self):
        with self.open(64) as runtime, self.consumer(runtime) as consumer:
            bodies = []
            while len(bodies) < 64:
                with consumer.receive_batch(60, max_messages=5) as batch:
                    self.assertLessEqual(len(batch.shown_messages), 5)
                    self.assertEqual(len(batch.messages), sum(delivery.count for delivery in batch.deliveries))
                    bodies += [message.body for message in batch.messages]
            self.assertEqual(sorted(bodies), [b"%016d" % index for index in range(64)])

    def test_a_message_keeps_its_batch(self):
        with self.open(4) as runtime, self.consumer(runtime) as consumer:
            batch = consumer.receive_batch(60)
            batch.answer()
            kept, body = batch.messages[0], batch.messages[0].body
            alone = kept.retain()
            del batch
            gc.collect()
            self.assertEqual((kept.body, alone.body, alone.properties["colour"]), (body, body, "red"))
            self.assertEqual(kept.retain().message_id, alone.message_id)

    def test_a_task_of_a_loop_takes_batches(self):
        address = start_broker(self)
        with Runtime({"namesrv_addr": address}) as runtime:
            fill(runtime, 256)

        async def receive() -> int:
            seen = 0
            async with Runtime({"namesrv_addr": address}, loop=asyncio.get_running_loop()) as runtime:
                async with self.consumer(runtime) as consumer:
                    while seen < 256:
                        with await consumer.receive_batch_async() as batch:
                            seen += len(batch.messages)
            return seen

        self.assertEqual(asyncio.run(asyncio.wait_for(receive(), 60)), 256)


class EventQueueTest(unittest.TestCase):
    def setUp(self):
        self.runtime = Runtime({"namesrv_addr": start_broker(self)})
        self.addCleanup(self.runtime.close)
        self.queue = self.runtime.event_queue()

    def poll(self, count: int) -> list:
        events = []
        while len(events) < count:
            batch = self.queue.poll(60)
            self.assertTrue(batch, "no event came in 60 s")
            events += batch
        return events

    def test_a_queue_has_the_events_of_what_is_made_on_it(self):
        producer = self.queue.producer({"producer_group": "python"})
        message = Message("bench_stub", b"x")
        producer.send_async(message, 7)
        producer.send_many([message, message], [8, 9])
        accepted, error = producer.send_packed(message, [(b"y", "tag", "key"), (b"z", "", "")], [10, 11], parts=MessagePart.BODY
                                               | MessagePart.TAGS | MessagePart.KEYS)
        self.assertEqual((accepted, error), (2, None))
        producer.send_async(message, 12, flags=SendFlag.ONEWAY)
        producer.flush_async(13, 60)
        events = {event.token: event for event in self.poll(7)}
        self.assertEqual(sorted(events), [7, 8, 9, 10, 11, 12, 13])
        self.assertEqual(events[13].type, EventType.FLUSHED)
        self.assertEqual(events[12].status, SendStatus.WRITTEN)
        for token in range(7, 12):
            self.assertEqual((events[token].type, events[token].error, events[token].topic), (EventType.SEND, None, "bench_stub"))
            result = events[token].send_result
            self.assertEqual((result.queue_offset, result.message_id), (events[token].offset, events[token].message_id))
        with self.assertRaises(rocketmq_c.Error) as caught:
            events[13].send_result
        self.assertEqual(caught.exception.code, Code.WRONG_EVENT)
        producer.close_async(14)
        self.assertEqual([(event.type, event.token) for event in self.poll(1)], [(EventType.CLOSED, 14)])
        self.assertEqual((len(self.queue), self.queue.dropped, bool(self.queue)), (0, 0, True))

    def test_a_consumer_delivers_to_a_queue(self):
        fill(self.runtime, 64)
        consumer = self.queue.push_consumer(READERS, token=5)
        consumer.subscribe("bench_stub")
        consumer.start()
        seen = 0
        while seen < 64:
            with self.queue.poll(60) as batch:
                self.assertEqual({delivery.token for delivery in batch.deliveries}, {5})
                seen += len(batch.messages)
        consumer.close_async(6)
        self.assertEqual([event.token for event in self.poll(1)], [6])

    def test_interrupts_and_limits_end_a_poll(self):
        self.assertEqual(len(self.queue.poll(0)), 0)
        self.assertEqual(len(self.queue.poll(0.01)), 0)
        self.queue.interrupt()
        with self.assertRaises(rocketmq_c.Error) as caught:
            self.queue.poll(60)
        self.assertEqual(caught.exception.code, Code.INTERRUPTED)

        codes = []

        def poll() -> None:
            try:
                self.queue.poll()
            except rocketmq_c.Error as error:
                codes.append(error.code)

        waiting = threading.Thread(target=poll)
        waiting.start()
        self.runtime.close()
        waiting.join(60)
        self.assertEqual(codes, [Code.CLOSED])

    def test_a_loop_polls_a_queue(self):
        producer = self.queue.producer({"producer_group": "python"})
        producer.send_async(Message("bench_stub", b"x"), 3)
        batch = asyncio.run(asyncio.wait_for(self.queue.poll_async(), 60))
        self.assertEqual([event.token for event in batch], [3])

    def test_a_callback_is_called_with_each_event(self):
        fill(self.runtime, 64)
        seen, all_seen = [], threading.Event()

        def on_event(event):
            if event.type == EventType.DELIVERY:
                seen.extend(message.body for message in event.messages)
                if len(seen) == 64:
                    all_seen.set()
                return Answer.SUCCESS

        self.queue.set_callback(on_event)
        consumer = self.queue.push_consumer(READERS)
        consumer.subscribe("bench_stub")
        consumer.start()
        self.assertTrue(all_seen.wait(60))
        self.assertEqual(sorted(seen), [b"%016d" % index for index in range(64)])
        with self.assertRaises(rocketmq_c.Error) as caught:
            self.queue.poll(0)
        self.assertEqual(caught.exception.code, Code.WRONG_MODE)
        consumer.close()
        self.queue.set_callback(None)
        self.assertEqual(self.queue.poll(0).messages, [])

    def test_a_callback_that_fails_keeps_no_other_event_back(self):
        fill(self.runtime, 2)
        called = threading.Semaphore(0)

        def on_event(event):
            called.release()
            raise ValueError("cannot")

        with self.assertLogs("rocketmq_c"):
            self.queue.set_callback(on_event)
            consumer = self.queue.push_consumer(READERS | {"consume_message_batch_max_size": 1})
            consumer.subscribe("bench_stub")
            consumer.start()
            for _ in range(2):
                self.assertTrue(called.acquire(timeout=60))
            consumer.close()  # would tell of deliveries without an answer
        self.queue.close()
        self.queue.close()

    def test_the_end_of_the_interpreter_takes_callbacks_away(self):
        program = f"""
import rocketmq_c
runtime = rocketmq_c.Runtime({{"namesrv_addr": {start_broker(self)!r}}})
queue = runtime.event_queue()
queue.set_callback(lambda event: None)
producer = queue.producer({{"producer_group": "python"}})
for token in range(1000):
    producer.send_async(rocketmq_c.Message("bench_stub", b"x"), token)
"""
        subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


if __name__ == "__main__":
    unittest.main()
