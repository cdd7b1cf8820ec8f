#!/usr/bin/env python3
"""Runs examples/c/timed_message with brokers that allow recalls, that forbid them, and that have no timers.

timed_message_test.py <rmq-testbroker> <timed_message>
"""
import subprocess
import sys

BROKER, PROGRAM = sys.argv[1:3]
GUARD_S = 60


def run_with(*options):
    broker = subprocess.Popen([BROKER, "--until-stdin-closes", "--topic", "orders:2", *options], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, text=True)
    try:
        address = broker.stdout.readline().split()[-1]
        done = subprocess.run([PROGRAM, address, "orders"], capture_output=True, text=True, timeout=GUARD_S, check=False)
        assert done.returncode == 0, (done.returncode, done.stderr)
        return done.stdout.splitlines()
    finally:
        broker.stdin.close()
        broker.wait(GUARD_S)


def main():
    lines = run_with("--set", "recall=true")
    assert lines[2] == "recalled " + lines[1].split()[1].rstrip(","), lines
    lines = run_with()
    assert "operation is forbidden" in lines[2] and "recallMessageEnable" in lines[2], lines
    lines = run_with("--version", "4.9.7")
    assert "no recall handle" in lines[2], lines


if __name__ == "__main__":
    main()
