#!/usr/bin/env python3
"""Runs examples/c/ordered with a broker: ordered_test.py <rmq-testbroker> <ordered>

Each order keeps its steps in order, in one queue, and the orders use several queues.
"""
import collections
import subprocess
import sys

BROKER, ORDERED = sys.argv[1:3]
ORDERS = 20
STEPS = ["placed", "paid", "packed", "shipped"]
LIMIT_S = 60


def main():
    broker = subprocess.Popen([BROKER, "--topic", "orders:8", "--until-stdin-closes"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    try:
        address = broker.stdout.readline().split()[1]
        ended = subprocess.run([ORDERED, address, "orders", str(ORDERS)], capture_output=True, text=True, timeout=LIMIT_S)
    finally:
        broker.communicate()
    assert ended.returncode == 0, ended
    steps, queues = collections.defaultdict(list), collections.defaultdict(set)
    for line in ended.stdout.splitlines():
        order, step, queue = line.split()
        steps[order].append(step)
        queues[order].add(queue)
    assert len(steps) == ORDERS and all(each == STEPS for each in steps.values()), steps
    assert all(len(each) == 1 for each in queues.values()), queues
    assert len(set.union(*queues.values())) > 3, queues
    print(f"{ORDERS} orders in {len(set.union(*queues.values()))} queues, each in order")


main()
