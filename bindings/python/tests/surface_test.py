"""Options, messages, the runtime's own events, and how a producer may be asked to send."""
import binascii
import os
import pathlib
import struct
import tempfile
import threading
import unittest

import rocketmq_c
from rocketmq_c import (Code, Config, EventType, LogLevel, Message, MessageField, MessagePart, NameGroup, OptionOwner, Runtime,
                        SendFlag, SendStatus)
from support import NEVER_ANSWERS, start_broker

GROUP = {"producer_group": "python"}
READERS = {"consumer_group": "surface", "consume_from_where": "first"}


class SurfaceTest(unittest.TestCase):
    def check_refused(self, code: Code, call, *arguments, **named) -> rocketmq_c.Error:
        with self.assertRaises(rocketmq_c.Error) as caught:
            call(*arguments, **named)
        self.assertEqual(caught.exception.code, code, caught.exception)
        return caught.exception

    def receive_one(self, runtime: Runtime, tags: str) -> rocketmq_c.ReceivedMessage:
        with runtime.push_consumer(READERS) as consumer:
            consumer.subscribe("bench_stub", tags)
            consumer.start()
            with consumer.receive(60) as delivery:
                return delivery.messages[0]

    def test_a_config_serves_all_that_is_made_with_it(self):
        config = Config(predefined="low_memory")
        self.assertEqual(config.get("pull_batch_size"), "16")
        config.set("namesrv_addr", start_broker(self))
        config.load_text("producer_group = one\nconsumer_group = two\n# a comment\nconsume_from_where = first")
        config.set("send_msg_timeout", "5s")
        copy = config.copy()
        copy.set("pull_batch_size", None)
        config.set("pull_batch_size", 8)
        self.assertEqual((copy.get("pull_batch_size"), config.get("pull_batch_size")), ("32", "8"))
        self.assertIsNone(config.get("unit_name"))
        with Runtime(config) as runtime:
            runtime.producer(config).send(Message("bench_stub", b"x", tags="a"))
            runtime.producer().send(Message("bench_stub", b"x", tags="a"))
            with runtime.push_consumer(config) as consumer:
                consumer.subscribe("bench_stub")
                consumer.start()
                with consumer.receive(60) as delivery:
                    self.assertEqual(delivery.group, "two")
        self.check_refused(Code.OPTION_UNKNOWN, config.set, "no_such_option", 1)
        self.check_refused(Code.OPTION_VALUE, Config, predefined="no_such")
        with self.assertRaisesRegex(TypeError, "options is of type int"):
            Runtime(1)

    def test_a_config_is_loaded_from_a_file_and_the_environment(self):
        config = Config()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "client.properties"
            path.write_text("instance_name = from_file\ntls_key_password = hunter2\n")
            config.load_file(path)
        self.assertEqual((config.get("instance_name"), config.get("tls_key_password")), ("from_file", "***"))
        os.environ["ROCKETMQ_INSTANCE_NAME"] = "from_environment"
        self.addCleanup(os.environ.pop, "ROCKETMQ_INSTANCE_NAME")
        config.load_environment()
        self.assertEqual(config.get("instance_name"), "from_environment")
        self.check_refused(Code.FILE, config.load_file, "/no/such/file")

    def test_options_are_described(self):
        options = {option.name: option for option in rocketmq_c.list_options()}
        policy = options["queue_full_policy"]
        self.assertEqual((policy.kind, policy.choices, policy.is_code_only), ("choice", ("block", "error"), True))
        self.assertTrue(policy.live_owners & OptionOwner.PRODUCER and policy.sentence)
        self.assertEqual((options["send_msg_timeout"].unit, options["send_msg_timeout"].default), ("ms", "3000"))
        self.assertTrue(options["tls_key_password"].is_secret)

    def test_numbers_have_names(self):
        self.assertEqual(rocketmq_c.name(NameGroup.ERROR, Code.TOO_LARGE), "TOO_LARGE")
        self.assertEqual(rocketmq_c.name(NameGroup.SEND_STATUS, 12345), "UNKNOWN")
        self.assertTrue(rocketmq_c.sentence(NameGroup.RESPONSE_CODE, 1))
        self.assertEqual(".".join(map(str, rocketmq_c.version())), rocketmq_c.version_text())

    def test_all_fields_of_a_message_arrive(self):
        with Runtime({"namesrv_addr": start_broker(self)}) as runtime:
            message = Message("bench_stub", b"body", tags="all", keys=["k1", "k2"], properties={"colour": "red"})
            message.set_sharding_key("order-1")
            message.set_flag(-7)
            message.set_wait_store(False)
            message.set_delay_level(1)
            message.set_number(MessageField.DELAY_LEVEL, 0)
            self.assertEqual((message.topic, message.body, message.tags, message.keys, message.flag),
                             ("bench_stub", b"body", "all", "k1 k2", -7))
            self.assertEqual((message.find_property("colour"), message.properties["colour"]), ("red", "red"))
            sent = runtime.producer(GROUP).send(message)
            received = self.receive_one(runtime, "all")
            self.assertEqual((received.body, received.flag, received.properties["__SHARDINGKEY"]), (b"body", -7, "order-1"))
            self.assertEqual((received.message_id, received.offset_message_id), (sent.message_id, sent.offset_message_id))
            self.assertEqual((received.error_code, received.error), (Code.OK, None))
            self.assertEqual(received.prepared_transaction_offset, 0)
            self.assertGreaterEqual(received.commit_log_offset, 0)
            self.assertGreater(received.store_size, 4)
            self.assertNotEqual(received.body_crc, 0)
            self.assertEqual(received.broker_name, sent.broker_name)
            self.assertIn(b"colour\x01red\x02", received.raw_properties)
            self.assertEqual(received.sys_flag & 1, 0)
            self.assertTrue(received.born_timestamp_ms)

            again = Message.from_received(received, "bench_stub")
            self.assertEqual((again.body, again.tags, again.find_property("colour")), (b"body", "all", "red"))
            again.set_tags("again")
            runtime.producer(GROUP).send(again)
            self.assertEqual(self.receive_one(runtime, "again").keys, "k1 k2")
            kept = received.retain()
            del received
            self.assertEqual(Message.from_received(kept).topic, "bench_stub")

    def test_pinned_bodies_are_kept_until_their_sends_end(self):
        with Runtime({"namesrv_addr": start_broker(self)}) as runtime:
            producer = runtime.producer(GROUP)
            message, futures = Message("bench_stub"), []
            for index in range(100):
                message.set_body_pinned(b"%d" % index * 1000)
                futures.append(producer.send_async(message))
            message.set_body_pinned(b"last" * 1000)
            self.assertEqual(producer.send(message).status, SendStatus.OK)
            more, error = producer.send_many([message, message])
            self.assertIsNone(error)
            for future in futures + more:
                self.assertEqual(future.result(60).status, SendStatus.OK)
            self.assertEqual(message.body, b"last" * 1000)
            with self.assertRaisesRegex(TypeError, "body is of type bytearray"):
                message.set_body_pinned(bytearray(b"may change"))
            with self.assertRaisesRegex(ValueError, "pinned"):
                producer.send_oneway(message)
            with self.assertRaisesRegex(ValueError, "pinned"):
                runtime.event_queue().producer(GROUP).send_async(message, 1)

    def test_stored_messages_are_decoded(self):
        body, properties, topic = b"abc", b"TAGS\1a\2", b"orders"
        head = struct.pack(">IIiiqqiq", 0xDAA320A7, binascii.crc32(body) & 0x7FFFFFFF, 3, 5, 42, 1000, 0, 1700000000000)
        head += bytes([127, 0, 0, 1]) + struct.pack(">i", 1) + struct.pack(">q", 1700000000001) + bytes([127, 0, 0, 1])
        head += struct.pack(">i", 2) + struct.pack(">iq", 2, 0)
        stored = head + struct.pack(">i", len(body)) + body + bytes([len(topic)]) + topic
        stored += struct.pack(">h", len(properties)) + properties
        stored = struct.pack(">i", 4 + len(stored)) + stored
        messages = rocketmq_c.decode_messages(stored + stored)
        self.assertEqual([(m.topic, m.body, m.tags, m.queue_id, m.flag, m.queue_offset, m.reconsume_times, m.store_size)
                          for m in messages], [("orders", body, "a", 3, 5, 42, 2, len(stored))] * 2)
        kept = messages[1].retain()
        del messages
        self.assertEqual((kept.born_host, kept.store_host, kept.properties), ("127.0.0.1:1", "127.0.0.1:2", {"TAGS": "a"}))
        broken = bytearray(stored)
        broken[len(head) + 8] ^= 1
        [message] = rocketmq_c.decode_messages(bytes(broken))
        self.assertEqual((message.error_code, message.stored_body), (message.error.code, b"`bc"))
        self.check_refused(message.error_code, lambda: message.body)
        self.check_refused(Code.BAD_BODY, rocketmq_c.decode_messages, b"no message at all")

    def test_a_producer_sends_as_it_is_told(self):
        address = start_broker(self)
        with Runtime({"namesrv_addr": address}) as runtime, runtime.producer(GROUP) as producer:
            message = Message("bench_stub", b"x", tags="a")
            self.assertTrue(producer.send(message).offset_message_id)
            self.assertEqual(producer.send(message, flags=SendFlag.ONEWAY).status, SendStatus.WRITTEN)
            self.assertEqual(producer.send_async(message, flags=SendFlag.ONEWAY | SendFlag.NO_WAIT).result(60).status,
                             SendStatus.WRITTEN)
            producer.send_oneway(message)
            producer.send_oneway(message, no_wait=True)
            with self.assertRaisesRegex(ValueError, "send_oneway"):
                producer.send_async(message, flags=SendFlag.SILENT | SendFlag.ONEWAY)
            futures, error = producer.send_many([message, Message("bench_stub"), message])
            self.assertEqual((len(futures), error.code), (1, Code.MESSAGE_ILLEGAL))
            self.assertEqual(futures[0].result(60).status, SendStatus.OK)
            self.assertEqual(producer.send_many([]), ([], None))
            ended = threading.Semaphore(0)
            parts = MessagePart.TAGS | MessagePart.SHARDING_KEY
            self.assertEqual(producer.send_packed(Message("bench_stub", b"p"), [("packed", "s1"), (b"packed", b"s2")],
                                                  lambda *_: ended.release(), parts=parts), (2, None))
            for _ in range(2):
                self.assertTrue(ended.acquire(timeout=60))
            with self.assertRaisesRegex(ValueError, "3 parts, expected 2"):
                producer.send_packed(message, [("a", "b", "c")], lambda *_: None, parts=parts)
            received = self.receive_one(runtime, "packed")
            self.assertEqual((received.body, received.find_property("__SHARDINGKEY")[0]), (b"p", "s"))
            producer.flush_async(60).result(60)
            producer.close_async(60).result(60)
            self.check_refused(Code.CLOSED, producer.send, message)

    def test_options_are_updated_while_objects_live(self):
        queue = rocketmq_c.Destination(start_broker(self, NEVER_ANSWERS), queue_id=0)
        with Runtime() as runtime:
            producer = runtime.producer(GROUP)
            producer.update({"send_msg_timeout": 50})
            error = self.check_refused(Code.REQUEST_TIMEOUT, producer.send, Message("bench_stub", b"x"), queue)
            self.assertEqual(error.limit, 0.05)
            self.check_refused(Code.OPTION_VALUE, producer.update, {"producer_group": "other"})
            runtime.update(Config({"log_level": "debug"}))
            runtime.push_consumer(READERS).update({"close_timeout": "1s"})

    def test_a_runtime_tells_what_it_is(self):
        with Runtime({"instance_name": "seen"}) as runtime:
            view = runtime.view()
            self.assertTrue(view.client_id.endswith("@seen") and view.threads >= 1 and view.is_running and not view.is_driven)
            self.assertEqual((runtime.fd(), runtime.event_queue().fd() >= 0), (-1, True))
        self.assertFalse(runtime.view().is_running)

    def test_log_lines_and_questions_come_to_listeners(self):
        port = start_broker(self).rsplit(":", 1)[1]
        lines, hosts = [], []

        def resolve(event):
            hosts.append(event.text)
            event.answer_text(["127.0.0.1"])

        with Runtime({"namesrv_addr": f"broker.example:{port}", "log_level": "debug"}, on_log=lines.append,
                     on_resolve=resolve) as runtime:
            runtime.producer(GROUP).send(Message("bench_stub", b"x"))
        self.assertEqual(set(hosts), {"broker.example"})
        started = [line for line in lines if line.operation == "start"]
        self.assertIn("event=start", started[0].line)
        self.assertEqual((started[0].level, started[0].status), (LogLevel.INFO, Code.OK))

    def test_log_lines_come_to_a_queue(self):
        runtime = Runtime({"log_level": "info"}, token=9, start=False)
        queue = runtime.event_queue()
        runtime.set_event_queue(EventType.LOG, queue)
        runtime.start()
        event = queue.poll(60)[0]
        self.assertEqual((event.type, event.token, event.log.operation, event.log.token), (EventType.LOG, 9, "start", 9))
        self.check_refused(Code.ALREADY_STARTED, runtime.set_event_queue, EventType.LOG, None)
        runtime.close()

    def test_a_driven_runtime_works_in_its_steps(self):
        address = start_broker(self)
        threads = threading.active_count()
        runtime = Runtime({"namesrv_addr": address, "run_mode": "driven"})
        self.assertEqual((runtime.view().threads, runtime.view().is_driven), (0, True))
        producer = runtime.producer(GROUP)
        futures = [producer.send_async(Message("bench_stub", b"x")) for _ in range(100)]
        while not all(future.done() for future in futures):
            self.assertTrue(runtime.drive(60))
        self.assertEqual({future.result().status for future in futures}, {SendStatus.OK})
        self.check_refused(Code.WRONG_THREAD, producer.send, Message("bench_stub", b"x"))

        queue = runtime.event_queue()
        consumer = queue.push_consumer(READERS)
        consumer.subscribe("bench_stub")
        consumer.start()
        seen = 0
        while seen < 100:
            runtime.drive(60)
            while batch := queue.poll(0):
                seen += len(batch.messages)
                batch.answer()
        self.assertEqual(threading.active_count(), threads)
        self.assertTrue(runtime.timeout() is None or runtime.timeout() >= 0)
        runtime.close()
        self.assertEqual(runtime.fd(), -1)
        runtime.close()


if __name__ == "__main__":
    unittest.main()
