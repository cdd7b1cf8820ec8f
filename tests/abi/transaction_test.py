#!/usr/bin/env python3
"""Runs examples/c/transaction with each ending: transaction_test.py <rmq-testbroker> <transaction>

A commit is delivered, a rollback is not, and what is left unknown is committed by the broker's check.
"""
import pathlib
import socket
import subprocess
import sys
import tempfile

LIMIT_S = 60


def count_messages(control, topic):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(control))
        connection.sendall(f"messages {topic}\n".encode())
        answer = ""
        while not answer.endswith("OK\n"):
            part = connection.recv(4096).decode()
            assert part and "ERROR" not in part, answer + part
            answer += part
    return answer.count("\n") - 1


def main():
    testbroker, program = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        control = pathlib.Path(folder) / "control"
        broker = subprocess.Popen(
            [testbroker, "--topic", "orders:1", "--until-stdin-closes", "--control", control, "--set",
             "transaction_timeout=10ms", "--set", "transaction_interval=50ms"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            address = broker.stdout.readline().split()[1]
            for wish, stored in (("commit", 1), ("rollback", 1), ("unknown", 2)):
                ended = subprocess.run([program, address, "orders", wish], capture_output=True, text=True,
                                       timeout=LIMIT_S)
                assert ended.returncode == 0, ended
                assert ("check of" in ended.stdout) == (wish == "unknown"), ended
                assert count_messages(control, "orders") == stored, (wish, ended)
        finally:
            broker.communicate()


main()
