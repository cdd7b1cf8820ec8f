"""Sends one message: python hello.py [host:port of a NameServer]."""
import sys

import rocketmq_c

with rocketmq_c.Runtime({"namesrv_addr": (sys.argv[1:] + ["127.0.0.1:9876"])[0]}) as runtime:
    producer = runtime.producer({"producer_group": "hello"})
    producer.send(rocketmq_c.Message("orders", b"hello"))
    print("stored")
