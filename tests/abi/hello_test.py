#!/usr/bin/env python3
"""Runs a hello program with a broker and without one: hello_test.py <rmq-testbroker> <program> [argument...]

With a broker it stores its message and says so. Without one it ends with an error that names the address.
"""
import subprocess
import sys

LIMIT_S = 120


def run(program, address):
    return subprocess.run([*program, address], capture_output=True, text=True, timeout=LIMIT_S)


def main():
    testbroker, program = sys.argv[1], sys.argv[2:]
    broker = subprocess.Popen([testbroker, "--topic", "orders:1", "--until-stdin-closes"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    try:
        address = broker.stdout.readline().split()[1]
        ended = run(program, address)
        assert (ended.returncode, ended.stdout.strip()) == (0, "stored"), ended
    finally:
        broker.communicate()
    ended = run(program, address)
    assert ended.returncode != 0 and "stored" not in ended.stdout, ended
    assert address in ended.stderr, ended
    print(f"{program[-1]}: stored; without a broker: {ended.stderr.strip().splitlines()[-1]}")


main()
