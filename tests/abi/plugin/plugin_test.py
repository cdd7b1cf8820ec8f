#!/usr/bin/env python3
"""Loads and unloads a plug-in that uses the library, and ends programs while the library works.

plugin_test.py <rmq-testbroker> <exits> <host> <plug-in>
"""
import subprocess
import sys

BROKER, EXITS, HOST, PLUGIN = sys.argv[1:]
GUARD_S = 90  # only against hanging
EXIT_ROUNDS = 5


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True, timeout=GUARD_S)
    return result.returncode, result.stdout + result.stderr


def check_exits(address):
    for mode in ("polling", "callback", "destroy"):
        for _ in range(EXIT_ROUNDS):
            code, text = run(EXITS, mode, address)
            assert code == 0, f"{mode}: ended with {code}: {text}"
        print(f"{mode}: ended well {EXIT_ROUNDS} times")


def check_host(address):
    code, text = run(HOST, PLUGIN, address)
    print(text.strip())
    assert code == 0, code
    code, text = run(HOST, PLUGIN, address, "keep")
    assert code == 1 and "still mapped" in text, "a plug-in that stays loaded is not noticed: " + text


def main():
    broker = subprocess.Popen([BROKER, "--port", "0", "--topic", "plugin:1", "--until-stdin-closes"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        line = broker.stdout.readline()
        assert line.startswith("LISTENING"), line
        port = line.split()[1].rsplit(":", 1)[-1]
        address = f"127.0.0.1:{port}"
        check_exits(address)
        check_host(address)
    finally:
        broker.kill()
        broker.wait()


main()
