#!/usr/bin/env python3
"""Runs every fuzz target of a build tree, N seconds in all, and prints executions per second and coverage.

Seeds come from <build>/seeds/<target> and tests/fuzz/corpus/<target>, a dictionary from tests/fuzz/<target>.dict; what a
run finds is kept in <build>/corpus/<target>, a failing input in <build>/crashes. Exit status 1 when any target failed.
"""
import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def run(build, target, seconds):
    """Returns (exit status, full output)."""
    found = build / "corpus" / target.name
    crashes = build / "crashes"
    found.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(exist_ok=True)
    command = [str(target), f"-max_total_time={seconds}", "-print_final_stats=1", "-timeout=10", "-rss_limit_mb=2048",
               "-max_len=65536", f"-artifact_prefix={crashes}/{target.name}-", str(found)]
    for seeds in (build / "seeds" / target.name, ROOT / "tests" / "fuzz" / "corpus" / target.name):
        if seeds.is_dir():
            command.append(str(seeds))
    dictionary = ROOT / "tests" / "fuzz" / f"{target.name}.dict"
    if dictionary.is_file():
        command.append(f"-dict={dictionary}")
    result = subprocess.run(command, capture_output=True, text=True, errors="replace")
    return result.returncode, result.stdout + result.stderr


def last(pattern, text):
    matches = re.findall(pattern, text)
    return matches[-1] if matches else "-"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    build = options.build.resolve()
    targets = [build / "targets" / p.stem for p in sorted((ROOT / "tests" / "fuzz").glob("*_fuzz.cc"))]
    unbuilt = [p.name for p in targets if not p.is_file()]
    if unbuilt:
        print(f"in tests/fuzz but not built: {', '.join(unbuilt)}", file=sys.stderr)
        return 1
    if not targets:
        print("tests/fuzz holds no target")
        return 0
    jobs = max(1, min(options.jobs, len(targets)))
    rounds = -(-len(targets) // jobs)  # the last one may leave a job without a target
    seconds = max(1, options.seconds // rounds)
    print(f"{len(targets)} targets, {seconds} s each, {jobs} at a time", flush=True)
    print(f"{'target':32} {'executions':>12} {'per second':>11} {'edges':>7} {'features':>9} {'corpus':>7}", flush=True)
    failures = []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda t: run(build, t, seconds), targets)
        for target, (status, text) in zip(targets, results):
            row = (last(r"stat::number_of_executed_units:\s*(\d+)", text),
                   last(r"stat::average_exec_per_sec:\s*(\d+)", text),
                   last(r"cov: (\d+)", text), last(r"ft: (\d+)", text), last(r"corp: (\d+)", text))
            print("{:32} {:>12} {:>11} {:>7} {:>9} {:>7}".format(target.name, *row), flush=True)
            if status != 0:
                failures.append(target.name)
                print("\n".join(text.splitlines()[-60:]), file=sys.stderr, flush=True)
    if failures:
        print(f"failed: {', '.join(failures)}; inputs in {build / 'crashes'}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
