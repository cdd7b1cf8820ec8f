#!/usr/bin/env python3
"""Runs the fault scenarios of tests/integration/faults: our client beside the official Java client, on real servers.

Each scenario prints a line for each side; the table of all stands at the end, and in build/faults/table.md. What a
scenario printed, with all that passed the proxy, is in build/faults/<version>/<scenario>.txt.
"""
import argparse
import os
import pathlib
import subprocess
import sys

from servers import packages

ROOT = packages.ROOT
FOLDER = ROOT / "build" / "faults"
PROGRAMS = ROOT / "build" / "plain" / "tests" / "integration"
BROKERS = 2
LIMIT_SECONDS = 1200  # of one scenario; the longest takes twelve minutes
TOLERANCE_SECONDS = 1.0
# Columns of the table that are compared: the text above them, the index of the column, what its numbers are.
COMPARED = [(3, ("gap of sends, one at a time", "gap of sends, many")), (4, ("gap of deliveries",)),
            (5, ("latest delivery",)), (6, ("first send, one at a time", "first send, many", "first delivery", "every queue"))]


def parse():
    parser = argparse.ArgumentParser(prog="./dev faults", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--version", choices=packages.VERSIONS, action="append", help="default: all")
    parser.add_argument("--only", default="", metavar="NAME", help="scenarios with this in their name")
    parser.add_argument("--short", action="store_true", help="short outages, as in ./dev test")
    return parser.parse_args()


def cases_of(program):
    """Names as googletest has them: Suite.case."""
    output = subprocess.run([program, "--gtest_list_tests"], check=True, stdout=subprocess.PIPE, text=True).stdout
    suite, cases = "", []
    for line in output.splitlines():
        if line.startswith("  "):
            cases.append(suite + line.strip())
        elif line.endswith("."):
            suite = line
    return cases


def run_case(program, case, version, environment):
    """Returns whether it passed."""
    output = FOLDER / version / f"{case}.txt"
    output.parent.mkdir(parents=True, exist_ok=True)
    print(f"{version} {case} ...", flush=True)
    with open(output, "w", encoding="utf-8") as file:
        try:
            status = subprocess.run([program, f"--gtest_filter={case}"], env=os.environ | environment, stdout=file,
                                    stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS).returncode
        except subprocess.TimeoutExpired:
            status = -1
    if status != 0:
        text = output.read_text(encoding="utf-8", errors="replace")
        failures = [line for line in text.splitlines() if "Failure" in line or line.startswith("  ")]
        print(f"  FAILED, see {output}", *failures[:12], sep="\n    ", flush=True)
    return status == 0


def numbers(cell):
    """The numbers of a cell; those that never came are endless."""
    return [float("inf") if word == "-" else float(word) for word in cell.split(", ")]


def slower(rows):
    """Lines for what took us more than a tolerance longer than the Java client in the same run."""
    for ours, java in zip(rows[::2], rows[1::2]):
        for column, names in COMPARED:
            for name, our_time, java_time in zip(names, numbers(ours[column]), numbers(java[column])):
                if our_time > java_time + TOLERANCE_SECONDS:
                    yield f"slower than Java: {ours[0]} on {ours[1]}: {name}: {our_time:.2f} s, Java {java_time:.2f} s"


def broker(*words):
    subprocess.run([str(ROOT / "dev"), "broker", *words, "--no-install"], check=True, stdout=subprocess.DEVNULL)


def run_version(version, options, environment):
    """Returns the number of scenarios that failed."""
    chosen = [(program, case) for program in ("integration_faults", "integration_faults_of_servers")
              for case in cases_of(PROGRAMS / program) if options.only in case]
    place = ("--dir", str(FOLDER / f"servers-{version}"))
    environment = environment | {"RMQ_SERVERS_VERSION": version,
                                 "RMQ_SERVERS_ENV": str(FOLDER / f"servers-{version}" / "servers.env")}
    failed = 0
    # Scenarios that leave the servers well share a cluster; the others start their own, alone on the machine.
    for program, is_shared in (("integration_faults", True), ("integration_faults_of_servers", False)):
        cases = [case for name, case in chosen if name == program]
        if not cases:
            continue
        if is_shared:
            broker("start", "--replace", "--version", version, "--brokers", str(BROKERS), *place)
        try:
            for case in cases:
                failed += not run_case(PROGRAMS / program, case, version, environment)
        finally:
            if is_shared:
                broker("stop", *place)
    return failed


def main():
    options = parse()
    FOLDER.mkdir(parents=True, exist_ok=True)
    table = FOLDER / "table.md"
    table.write_text("")
    environment = {"RMQ_FAULTS_TABLE": str(table), "RMQ_FAULTS_HISTORY": "1"}
    if not options.short:
        environment["RMQ_FAULTS_LONG"] = "1"
    failed = sum(run_version(version, options, environment) for version in options.version or packages.VERSIONS)
    text = table.read_text()
    print(text)
    rows = [[cell.strip() for cell in line.strip("|\n ").split(" | ")] for line in text.splitlines()
            if not line.startswith(("| scenario", "|---"))]
    print(*slower(rows), sep="\n")
    if failed:
        print(f"{failed} scenarios failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
