"""A test of code that sends, with a broker in the test's own process."""
import unittest

import rocketmq_c
from rocketmq_c import testbroker


def place_order(producer: rocketmq_c.Producer, text: str) -> str:
    """What is tested: a function of the application. Gives what the caller may tell its user."""
    try:
        producer.send(rocketmq_c.Message("orders", text.encode()))
        return "placed"
    except rocketmq_c.Error as error:
        return "try again" if error.outcome == rocketmq_c.Outcome.NOT_APPLIED else "in doubt"


class OrdersTest(unittest.TestCase):
    def setUp(self) -> None:
        self.broker = self.enterContext(testbroker.Broker("topic=orders:1"))
        runtime = self.enterContext(rocketmq_c.Runtime({"namesrv_addr": self.broker.namesrv_addr}))
        self.producer = runtime.producer({"producer_group": "shop"})

    def test_a_broker_that_is_busy_once_is_not_noticed(self):
        self.broker.command("fault all SEND_MESSAGE_V2 nth=1 error=2")
        self.assertEqual(place_order(self.producer, "one"), "placed")
        self.assertEqual(self.broker.command("messages orders"), "broker-a 0 0 - - 3\n")

    def test_a_broker_that_stores_and_says_nothing_leaves_doubt(self):
        self.broker.command("fault all SEND_MESSAGE_V2 first=9 cut")
        self.assertEqual(place_order(self.producer, "two"), "in doubt")


if __name__ == "__main__":
    unittest.main()
