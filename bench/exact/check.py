#!/usr/bin/env python3
"""Compares what a message costs with what is stored, path by path: instructions, allocations and system calls.

bench/exact/check.py <exact_bench> [--store] [--paths NAME,...]

The paths are those of exact_bench.cc. Each figure is the difference of two runs, so that no start counts, and it is the same on
an idle machine and on a busy one. Instructions are counted by callgrind. They depend on the compiler and on how the library was
compiled: costs.json has a section for each of them, and without a section for this one instructions are printed and not compared.
More than 3 % above a stored figure fails. A blocking send has two threads, whose turns vary: its instructions are printed and not
compared. --store writes the figures of this run.
"""
import argparse
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
STORED = HERE / "costs.json"
ABOVE_MAX = 0.03
FIGURES = ["instructions", "allocations", "system_calls"]
# Path: the function inside which callgrind collects (None: everywhere), and the messages of the first run; the second has twice as many.
PATHS = {
    "async": ("measured_send_turn", 3200),
    "push": ("measured_delivery_turn", 3200),
    "push_batch": ("measured_batch_turn", 3200),
    "sync": (None, 500),
}


def run(program, path, messages):
    out = subprocess.run([program, path, str(messages)], capture_output=True, text=True, check=True, timeout=120).stdout
    return json.loads(out)


def count_instructions(program, path, messages, function):
    """Those of the client: what callgrind collected inside the function."""
    with tempfile.TemporaryDirectory() as folder:
        options = [f"--callgrind-out-file={folder}/out", "--dump-instr=no", "--compress-strings=no"]
        if function:
            options.append(f"--toggle-collect=*{function}*")
        process = subprocess.run(["valgrind", "--tool=callgrind", *options, program, path, str(messages)],
                                 capture_output=True, text=True, timeout=300)
        found = re.search(r"Collected : (\d+)", process.stderr)
        if process.returncode != 0 or not found:
            sys.exit(f"callgrind and {path}:\n{process.stderr[-3000:]}")
        return int(found.group(1))


def measure(program, path):
    function, messages = PATHS[path]
    one, two = run(program, path, messages), run(program, path, 2 * messages)
    costs = {name: (two[name] - one[name]) / messages for name in ("allocations", "system_calls")}
    instructions = [count_instructions(program, path, times * messages, function) for times in (1, 2)]
    costs["instructions"] = (instructions[1] - instructions[0]) / messages
    return {name: round(costs[name], 4) for name in FIGURES}


def build_kind(program):
    """The compiler and the flags of a build tree, as far as instructions depend on them."""
    cache = pathlib.Path(program).resolve()
    while not (cache / "CMakeCache.txt").exists():
        cache = cache.parent
    text = (cache / "CMakeCache.txt").read_text(encoding="utf-8")
    build_type = re.search(r"^CMAKE_BUILD_TYPE:\w+=(.*)$", text, re.M).group(1)
    flags = re.search(rf"^CMAKE_CXX_FLAGS_{build_type.upper()}:\w+=(.*)$", text, re.M).group(1)
    compiler = re.search(r"^CMAKE_CXX_COMPILER:\w+=(.*)$", text, re.M).group(1)
    version = subprocess.run([compiler, "-dumpfullversion"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{pathlib.Path(compiler).name} {version}, {flags}"


def is_above(value, known):
    return known is not None and value > known * (1 + ABOVE_MAX) + 0.001


def compare(path, measured, stored):
    """Prints the figures of one path; gives what is too dear."""
    problems = []
    for name in FIGURES:
        known = stored.get(name)
        difference = f"{measured[name] / known - 1:+.1%}" if known else ""
        print(f"{path:10}  {name:12}  {measured[name]:10.2f}  stored {known if known is not None else '-':>9}  {difference}")
        if is_above(measured[name], known) and (name != "instructions" or PATHS[path][0]):
            problems.append(f"{path}: {measured[name]} {name} per message, {known} are stored")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--paths", default=",".join(PATHS))
    arguments = parser.parse_args()
    if not shutil.which("valgrind"):
        sys.exit("valgrind is not installed")

    kind = build_kind(arguments.program)
    stored = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    section = stored.setdefault(kind, {})
    print(f"built by {kind}")
    problems = []
    for path in arguments.paths.split(","):
        known = section.get(path, {})
        measured = measure(arguments.program, path)
        problems += compare(path, measured, known)
        section[path] = measured
    if arguments.store:
        STORED.write_text(json.dumps(stored, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    elif problems:
        print("\nDearer than stored. If that is right, say why in the commit and run this with --store.")
        sys.exit("\n".join(problems))


main()
