#!/usr/bin/env python3
"""What messages cost this library, workload by workload and in each driving way, beside others in the same run.

bench/run.py <client_bench> <NameServer address> [--topic NAME] [--floor PROGRAM] [--peer NAME=PROGRAM ...] [--runs N] [--seconds S]
             [--only WORKLOAD,...]

Each program takes its settings from the environment and prints one line of JSON (bench/client/settings.h). A peer is another client's
program of that kind. --floor sends prepared frames with no client around them; it takes the broker's address from BROKER, which is the
NameServer's here, because servers for measuring are both. Prints medians of N runs taken in turn, so that all see the same noise.
What is exact (instructions, allocations, system calls) is for bench/exact.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys

# Name: environment, driving ways, and what the floor does for it.
WORKLOADS = {
    "sync, 1 thread": ({"W": "sync"}, ["poll"], {"W": "send", "INFLIGHT": "1"}),
    "sync, 16 threads": ({"W": "sync", "THREADS": "16"}, ["poll"], None),
    "async, 1024 in flight": ({"W": "async"}, ["poll", "callback", "driven"], {"W": "send", "INFLIGHT": "1024"}),
    "one-way": ({"W": "oneway"}, ["poll"], None),
    "push": ({"W": "push"}, ["poll", "callback", "driven"], {"W": "pull"}),
    "push, batches of 32": ({"W": "push", "BATCHMAX": "32"}, ["poll", "callback", "driven"], {"W": "pull"}),
}


def run(program, arguments, settings):
    environment = dict(os.environ, NS=arguments.server, BROKER=arguments.server, TOPIC=arguments.topic, WARM="0.5",
                       DUR=str(arguments.seconds), GROUP=f"bench_{os.getpid()}", **settings)
    process = subprocess.run([program], env=environment, capture_output=True, text=True, timeout=60 + arguments.seconds)
    lines = [line for line in process.stdout.splitlines() if line.startswith("{")]
    if not lines:
        sys.exit(f"{program} with {settings}:\n{process.stderr[-2000:]}")
    return json.loads(lines[-1])


def contestants(arguments, name):
    """(what the table calls it, program, settings) of a workload."""
    settings, doors, floor = WORKLOADS[name]
    for door in doors:
        yield door if len(doors) > 1 else "this", arguments.program, dict(settings, DOOR=door)
    for peer in arguments.peer:
        called, _, program = peer.partition("=")
        yield called, program, settings
    if arguments.floor and floor:
        yield "floor", arguments.floor, dict(floor, SIZE="128")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("server")
    parser.add_argument("--topic", default="bench_stub")
    parser.add_argument("--floor")
    parser.add_argument("--peer", action="append", default=[])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()

    print("| workload | who | CPU µs/message: least, median, most | x floor | messages/s | context switches/message |")
    print("|---|---|---|---|---|---|")
    for name in WORKLOADS:
        if not any(part in name for part in arguments.only.split(",")):
            continue
        rows = list(contestants(arguments, name))
        results = [[] for _ in rows]
        for _ in range(arguments.runs):
            for place, (_, program, settings) in enumerate(rows):
                results[place].append(run(program, arguments, settings))
        medians = [statistics.median(line["cpu_us_msg"] for line in lines) for lines in results]
        floor = medians[-1] if rows[-1][0] == "floor" else None
        for (called, _, _), lines, median in zip(rows, results, medians):
            cpu = sorted(line["cpu_us_msg"] for line in lines)
            rate = statistics.median(line["rate"] for line in lines)
            switches = statistics.median(line.get("cs_per_s", 0) / max(line["rate"], 1) for line in lines)
            ratio = f"{median / floor:.1f}" if floor else "-"
            failed = sum(line.get("errs", 0) for line in lines)
            print(f"| {name} | {called} | {cpu[0]:.2f}, {median:.2f}, {cpu[-1]:.2f} | {ratio} | {rate:,.0f} | {switches:.3f} |"
                  + (f" {failed} failed" if failed else ""), flush=True)


main()
