"""The embedded broker in the process of a test, as a user's test would have it."""
import threading
import unittest

import rocketmq_c
from rocketmq_c import Code, Destination, Message, Outcome, Runtime, Selector, SendFlag, testbroker


class TestBrokerTest(unittest.TestCase):
    def test_a_message_goes_through_a_broker_of_this_process(self):
        with testbroker.Broker() as broker, Runtime({"namesrv_addr": broker.namesrv_addr}) as runtime:
            broker.command("topic put orders 2")
            sent = runtime.producer({"producer_group": "shop"}).send(Message("orders", b"one", tags="new", keys="k1"))
            self.assertEqual(broker.command("messages orders").split(), ["broker-a", str(sent.queue_id), "0", "new", "k1", "3"])
            with runtime.push_consumer({"consumer_group": "billing", "consume_from_where": "first"}) as consumer:
                consumer.subscribe("orders")
                consumer.start()
                with consumer.receive(60) as delivery:
                    self.assertEqual([message.body for message in delivery.messages], [b"one"])
            self.assertIn(f"broker-a orders {sent.queue_id} 1\n", broker.command("offsets billing") + "\n")

    def test_ordered_sends_with_one_key_share_a_queue_in_their_order(self):
        with testbroker.Broker("topic=orders:8") as broker, Runtime({"namesrv_addr": broker.namesrv_addr}) as runtime:
            producer, by_key = runtime.producer({"producer_group": "shop"}), Destination.selected(Selector.HASH_OF_SHARDING_KEY)
            broker.command("fault all SEND_MESSAGE_V2 nth=2 error=2")
            sends = []
            for key in ("k1", "k2", "k3", "k4"):
                message = Message("orders", b"x", keys=key)
                message.set_sharding_key("one")
                sends.append(producer.send_async(message, by_key, flags=SendFlag.ORDERED))
            self.assertEqual(len({send.result(60).queue_id for send in sends}), 1)
            self.assertEqual([line.split()[4] for line in broker.command("messages orders").splitlines()], ["k1", "k2", "k3", "k4"])
            with self.assertRaises(rocketmq_c.Error) as caught:
                producer.send(Message("orders", b"x"), by_key)
            self.assertEqual(caught.exception.code, Code.MESSAGE_ILLEGAL)

    def test_a_fault_is_what_the_client_sees(self):
        with testbroker.Broker("topic=orders:2") as broker, Runtime({"namesrv_addr": broker.namesrv_addr}) as runtime:
            producer = runtime.producer({"producer_group": "shop", "retry_times_when_send_failed": 0})
            broker.command("fault all SEND_MESSAGE_V2 nth=1 error=2")
            with self.assertRaises(rocketmq_c.Error) as caught:
                producer.send(Message("orders", b"one"))
            self.assertEqual((caught.exception.code, caught.exception.outcome), (Code.BROKER_BUSY, Outcome.NOT_APPLIED))
            self.assertEqual(broker.command("messages orders"), "")
            producer.send(Message("orders", b"two"))

            broker.command("fault all SEND_MESSAGE_V2 nth=1 cut")
            with self.assertRaises(rocketmq_c.Error) as caught:
                producer.send(Message("orders", b"three"))
            self.assertEqual(caught.exception.outcome, Outcome.MAYBE_APPLIED)

    def test_a_timer_message_is_recalled(self):
        with testbroker.Broker("topic=orders:2 recall=true") as broker, Runtime({"namesrv_addr": broker.namesrv_addr}) as runtime:
            producer, message = runtime.producer({"producer_group": "shop"}), Message("orders", b"later")
            message.set_delay(3600)
            sent = producer.send(message)
            self.assertEqual(producer.recall("orders", sent.recall_handle), sent.message_id)
            message.set_delay(0)
            message.set_deliver_at(1.5)
            self.assertIsNone(producer.send(message).recall_handle, "its time has passed")
            self.assertEqual([(queue.broker_name, queue.queue_id) for queue in producer.queues("orders")],
                             [("broker-a", 0), ("broker-a", 1)])
            with self.assertRaises(rocketmq_c.Error) as caught:
                producer.queues("none")
            self.assertEqual(caught.exception.code, Code.NO_ROUTE)

    def test_what_is_not_understood_is_named(self):
        with self.assertRaisesRegex(testbroker.Error, "no_such_option"):
            testbroker.Broker("no_such_option=1")
        broker = testbroker.Broker()
        with self.assertRaisesRegex(testbroker.Error, "no_such_command"):
            broker.command("no_such_command")
        broker.stop()
        broker.stop()
        with self.assertRaisesRegex(testbroker.Error, "stopped"):
            broker.command("stats")

    def test_a_text_with_a_zero_byte_is_refused(self):
        with self.assertRaisesRegex(testbroker.Error, "zero byte"):
            testbroker.Broker("topic=orders\0 brokers=2")
        with testbroker.Broker() as broker, self.assertRaisesRegex(testbroker.Error, "zero byte"):
            broker.command("stats\0")

    def test_stop_waits_for_commands_of_other_threads(self):
        broker = testbroker.Broker("topic=orders:2")
        answered = threading.Event()

        def ask_until_stopped():
            with self.assertRaisesRegex(testbroker.Error, "stopped"):
                while True:
                    broker.command("stats")
                    answered.set()

        threads = [threading.Thread(target=ask_until_stopped) for _ in range(4)]
        for thread in threads:
            thread.start()
        self.assertTrue(answered.wait(60))
        broker.stop()
        for thread in threads:
            thread.join()

    def test_answers_may_be_long(self):
        with testbroker.Broker("topic=orders:1") as broker, Runtime({"namesrv_addr": broker.namesrv_addr}) as runtime:
            producer = runtime.producer({"producer_group": "shop"})
            for future in [producer.send_async(Message("orders", b"x", keys="k" * 1000)) for _ in range(100)]:
                future.result()
            self.assertEqual(len(broker.command("messages orders").splitlines()), 100)


if __name__ == "__main__":
    unittest.main()
