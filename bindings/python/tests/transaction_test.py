"""Transactions: half messages, and checks of a broker."""
import time
import unittest

from rocketmq_c import Answer, EventType, Message, Runtime, SendStatus, testbroker

EAGER = "topic=orders:1 transaction_timeout=1ms transaction_interval=50ms"


class TransactionTest(unittest.TestCase):
    def await_messages(self, broker: testbroker.Broker, count: int) -> None:
        deadline = time.monotonic() + 60
        while len(broker.command("messages orders").splitlines()) != count:
            self.assertLess(time.monotonic(), deadline)

    def test_a_transaction_ends_as_the_local_one_did(self):
        with testbroker.Broker(EAGER) as broker, Runtime({"namesrv_addr": broker.namesrv_addr}) as runtime, \
                runtime.event_queue() as queue:
            producer = queue.producer({"producer_group": "shop"})
            for answer in (Answer.COMMIT, Answer.ROLLBACK, Answer.UNKNOWN):
                sent = producer.send_transaction(Message("orders", b"one"), lambda result, said=answer: said)
                self.assertEqual(sent.status, SendStatus.OK)
            with self.assertRaises(ZeroDivisionError):
                producer.send_transaction(Message("orders", b"two"), lambda result: 1 // 0)
            bodies = set()
            while len(bodies) < 2:
                batch = queue.poll(60)
                for event in batch:
                    self.assertEqual(event.type, EventType.TRANSACTION_CHECK)
                    event.answer(Answer.COMMIT)
                bodies.update(message.body for message in batch.shown_messages)
            self.assertEqual(bodies, {b"one", b"two"})
            self.await_messages(broker, 3)


if __name__ == "__main__":
    unittest.main()
