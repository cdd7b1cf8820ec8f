#!/usr/bin/env python3
"""Sends messages to the embedded broker, or to a real RocketMQ server, and consumes them, with the C examples built
against an installed library.

The last line tells how many were sent, consumed, missing and duplicated; the exit code is 0 when none is missing.
"""
import argparse
import collections
import os
import pathlib
import re
import secrets
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = ("produce", "consume")
TOPIC = "demo"
SAMPLE = 3
LIMIT_S = 180  # of each step; guards against hanging


def run(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, text=True, timeout=LIMIT_S, **options)


def build_examples(prefix, folder):
    """As the README tells users to: a C compiler and pkg-config."""
    pc_file = next(prefix.rglob("rocketmq_c.pc"))
    environment = {**os.environ, "PKG_CONFIG_PATH": str(pc_file.parent)}
    flags = run("pkg-config", "--cflags", "--libs", "rocketmq_c", env=environment, stdout=subprocess.PIPE).stdout
    folder.mkdir(parents=True, exist_ok=True)
    for name in EXAMPLES:
        command = [os.environ.get("CC", "cc"), "-std=c99", "-O2", ROOT / "examples/c" / f"{name}.c", "-o", folder / name,
                   *shlex.split(flags), f"-Wl,-rpath,{pc_file.parent.parent}"]
        print("$", shlex.join(map(str, command)).replace(str(ROOT) + "/", ""), flush=True)
        run(*command)


class EmbeddedServer:
    """The installed rmq-testbroker, for as long as the block lasts; it ends by itself if this process dies."""

    def __init__(self, prefix, version):
        self.command = [prefix / "bin/rmq-testbroker", "--version", version, "--topic", f"{TOPIC}:4", "--until-stdin-closes"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline().split()
        if not ready:
            self.process.wait(LIMIT_S)
            raise subprocess.SubprocessError("the embedded broker did not start")
        return ready[1]

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(LIMIT_S)


class RealServer:
    """A NameServer and a broker of the wanted version, for as long as the block lasts."""

    def __init__(self, version):
        self.broker = [sys.executable, ROOT / "tools/broker.py"]
        self.place = ["--version", version, "--name", f"demo-{version}"]

    def __enter__(self):
        output = run(*self.broker, "start", *self.place, "--replace", stdout=subprocess.PIPE).stdout
        return re.search(r"^RMQ_NAMESRV_ADDR=(\S+)", output, re.MULTILINE).group(1)

    def __exit__(self, *_):
        run(*self.broker, "stop", *self.place, stdout=subprocess.DEVNULL)


def run_example(folder, name, *arguments):
    """Gives the lines that it printed, and shows the first of them."""
    command = [folder / name, *arguments]
    print("$", shlex.join(map(str, command)).replace(str(ROOT) + "/", ""), flush=True)
    lines = run(*command, stdout=subprocess.PIPE).stdout.splitlines()
    for line in lines[:SAMPLE]:
        print("  " + line)
    print(f"  ... {len(lines)} lines in all", flush=True)
    return lines


def main():
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--prefix", type=pathlib.Path, required=True, help="where the library is installed")
    parser.add_argument("--real", action="store_true", help="with a real server, which needs Java")
    parser.add_argument("--version", default="5.4.0", help="of the server; the embedded one behaves like it")
    parser.add_argument("--count", type=int, default=1000, help="messages to send")
    arguments = parser.parse_args()

    folder = arguments.prefix.parent / "examples"
    build_examples(arguments.prefix, folder)
    if arguments.real:
        server, kind = RealServer(arguments.version), f"RocketMQ {arguments.version}"
    else:
        server, kind = EmbeddedServer(arguments.prefix, arguments.version), f"embedded broker like {arguments.version}"
    with server as namesrv:
        print(f"{kind}: NameServer at {namesrv}", flush=True)
        sent = run_example(folder, "produce", namesrv, TOPIC, arguments.count)
        group = f"demo_{secrets.token_hex(4)}"
        consumed = run_example(folder, "consume", namesrv, TOPIC, group, arguments.count)

    sent_ids = collections.Counter(line.split()[1] for line in sent)
    consumed_ids = collections.Counter(line.split()[1] for line in consumed)
    missing = sum(1 for message_id in sent_ids if message_id not in consumed_ids)
    duplicated = sum(count - 1 for count in consumed_ids.values())
    print(f"demo: sent {sent_ids.total()}, consumed {consumed_ids.total()}, missing {missing}, duplicated {duplicated}")
    return 1 if missing or sent_ids.total() != arguments.count else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.SubprocessError as error:
        sys.exit(f"demo: {error}")
