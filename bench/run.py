#!/usr/bin/env python3
"""What a send costs, through each of the three doors, beside the raw floor of the same run.

bench/run.py <send_bench> <server address> [--floor PROGRAM] [--runs N] [--messages N]

The server is any that answers sends as cheaply as it can; start it first. --floor is a program that sends prepared frames with no client
around them; it takes BROKER, W, BIN, INFLIGHT, SIZE, WARM and DUR from the environment and prints one line of JSON with cpu_us_msg.
Prints medians of N runs taken in turn. System calls are counted by strace in a run of their own.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile

DOORS = ["poll", "callback", "driven"]


def run_door(program, address, door, messages):
    out = subprocess.run([program, address, door, str(messages)], capture_output=True, text=True, check=True, timeout=120).stdout
    return json.loads(out)


def run_floor(program, address):
    environment = dict(os.environ, BROKER=address, W="send", BIN="1", INFLIGHT="1024", SIZE="128", WARM="0.3", DUR="1")
    out = subprocess.run([program], env=environment, capture_output=True, text=True, check=True, timeout=60).stdout
    return json.loads(out)["cpu_us_msg"]


def count_system_calls(program, address, door, messages):
    """Of the whole process, its start and warm-up (a tenth more messages) included."""
    with tempfile.NamedTemporaryFile("r") as report:
        subprocess.run(["strace", "-f", "-c", "-o", report.name, program, address, door, str(messages)],
                       capture_output=True, check=True, timeout=300)
        total = re.search(r"^100\.00\s+\S+\s+\S*\s+(\d+).*total$", report.read(), re.MULTILINE)
    return int(total.group(1)) / (messages * 1.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("address")
    parser.add_argument("--floor")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--messages", type=int, default=500000)
    arguments = parser.parse_args()

    runs = {door: [] for door in DOORS}
    floors = []
    for _ in range(arguments.runs):
        for door in DOORS:
            runs[door].append(run_door(arguments.program, arguments.address, door, arguments.messages))
        if arguments.floor:
            floors.append(run_floor(arguments.floor, arguments.address))
    floor = statistics.median(floors) if floors else None

    print("| door | CPU µs/message | x floor | messages/s | allocations/message | system calls/message |")
    print("|---|---|---|---|---|---|")
    for door in DOORS:
        cpu = [run["cpu_us_per_message"] for run in runs[door]]
        rate = statistics.median(run["rate"] for run in runs[door])
        allocations = statistics.median(run["allocations_per_message"] for run in runs[door])
        calls = count_system_calls(arguments.program, arguments.address, door, 200000)
        ratio = f"{statistics.median(cpu) / floor:.1f}" if floor else "-"
        print(f"| {door} | {min(cpu):.2f} / {statistics.median(cpu):.2f} / {max(cpu):.2f} | {ratio} | {rate:,.0f} | "
              f"{allocations:.3f} | {calls:.3f} |")
    if floor:
        print(f"| raw floor | {min(floors):.3f} / {floor:.3f} / {max(floors):.3f} | 1 | | | |")


main()
