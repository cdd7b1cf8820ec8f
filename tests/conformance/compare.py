#!/usr/bin/env python3
"""Has the embedded broker and the real servers of the same versions asked the same things, and compares the answers.

Prints a table of the cases. Fails when an answer differs that explained.txt does not explain, when an explanation
explains nothing any more, and when a case could not be run.
"""
import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
OBSERVE_SECONDS = 150


def read_environment(path):
    pairs = (line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
    return dict(pairs)


class Embedded:
    """rmq-testbroker as a process that ends with the block, or with this program."""

    def __init__(self, program, version, brokers):
        self.brokers = brokers
        self.command = [program, "--version", version, "--brokers", str(brokers), "--separate-namesrv",
                        "--set", "recall=true", "--until-stdin-closes"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        lines = [self.process.stdout.readline().split() for _ in range(1 + self.brokers)]
        if not all(lines):
            raise RuntimeError(f"{self.command[0]} did not start")
        self.nameserver = lines[0][-1]
        self.broker = lines[1][-1]
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)


def observe(program, nameserver, broker, version, only):
    """case -> list of (step, what was answered)."""
    result = subprocess.run([program, nameserver, broker, version, only], stdout=subprocess.PIPE, check=True,
                            timeout=OBSERVE_SECONDS)
    cases = {}
    steps = None
    for line in result.stdout.decode(errors="replace").splitlines():
        if match := re.fullmatch(r"\[([\w.]+)\]", line):
            steps = cases.setdefault(match[1], [])
        else:
            step, _, answer = line.partition(": code=") if ": code=" in line else line.rpartition(": ")
            steps.append((step, f"code={answer}" if ": code=" in line else answer))
    return cases


def observe_both(arguments, environment):
    version = environment["RMQ_VERSION"]
    brokers = environment["RMQ_BROKERS"].split()
    with Embedded(arguments.testbroker, version, len(brokers)) as embedded, \
            concurrent.futures.ThreadPoolExecutor() as threads:
        ours = threads.submit(observe, arguments.observe, embedded.nameserver, embedded.broker, version, arguments.only)
        real = threads.submit(observe, arguments.observe, environment["RMQ_NAMESRV_ADDR"],
                              environment["RMQ_BROKER_A"], version, arguments.only)
        return version, ours.result(), real.result()


def read_explanations(path):
    """Lines `version case | step | reason`; version and step may be *. Gives [(version, case, step, reason)]."""
    explanations = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        place, step, reason = (part.strip() for part in line.split(" | ", 2))
        version, case = place.split()
        if not reason:
            raise ValueError(f"{path}:{number}: no reason")
        explanations.append((version, case, step, reason))
    return explanations


def base_name(case):
    return case.removesuffix(".compact")


def differences(ours, real):
    """Yields (case, step, ours, real)."""
    for case in real:
        steps = [step for step, _ in real[case]]
        if steps != [step for step, _ in ours.get(case, [])]:
            yield case, "*", f"{ours.get(case)}", f"{real[case]}"
            continue
        for (step, answer), (_, our_answer) in zip(real[case], ours[case]):
            if answer != our_answer:
                yield case, step, our_answer, answer


def summary(steps):
    """The codes of a case, each once, in order."""
    words = []
    for step, answer in steps:
        if step == "FAILED":
            return "FAILED"
        match = re.match(r"code=(-?\d+)", answer)
        word = match[1] if match else answer.split()[0]
        if word not in words:
            words.append(word)
    return " ".join(words)


class Comparison:
    def __init__(self, explanations):
        self.explanations = explanations
        self.used = set()
        self.rows = {}  # case -> [cell, ...]
        self.problems = []
        self.steps = self.explained = 0

    def find_explanation(self, version, case, step):
        for i, (for_version, for_case, for_step, _) in enumerate(self.explanations):
            if for_version in ("*", version) and for_case == base_name(case) and for_step in ("*", step):
                self.used.add(i)
                return True
        return False

    def add(self, version, ours, real):
        found = {}
        for case, step, our_answer, answer in differences(ours, real):
            explained = self.find_explanation(version, case, step)
            found[case] = found.get(case, True) and explained
            self.explained += explained
            if not explained:
                self.problems.append(f"{version} {case} | {step}\n    testbroker: {our_answer}\n    real:       {answer}")
        for case, steps in real.items():
            self.steps += len(steps)
            if any(step == "FAILED" for step, _ in steps):
                self.problems.append(f"{version} {case}: {dict(steps)['FAILED']}")
            mark = {None: "same", True: "explained", False: "DIFFERS"}[found.get(case)]
            self.rows.setdefault(case, []).extend([summary(ours.get(case, [])), summary(steps), mark])

    def check_explanations(self, versions):
        for i, (version, case, step, _) in enumerate(self.explanations):
            if i not in self.used and version in ("*", *versions):
                self.problems.append(f"explained.txt: {version} {case} | {step} explains nothing")

    def print_table(self, versions):
        heads = ["case", *(head for v in versions for head in (f"testbroker {v}", f"real {v}", ""))]
        lines = [heads, *([case, *cells] for case, cells in self.rows.items())]
        widths = [max(len(line[i]) for line in lines if i < len(line)) for i in range(len(heads))]
        for line in lines:
            print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--observe", required=True, help="the program conformance_observe")
    parser.add_argument("--testbroker", required=True, help="the program rmq-testbroker")
    parser.add_argument("--only", default="", help="part of the names of the cases to run")
    parser.add_argument("servers", nargs="+", type=pathlib.Path, help="servers.env of ./dev broker start")
    arguments = parser.parse_args()

    comparison = Comparison(read_explanations(FOLDER / "explained.txt"))
    with concurrent.futures.ThreadPoolExecutor() as threads:
        observed = list(threads.map(lambda path: observe_both(arguments, read_environment(path)), arguments.servers))
    for version, ours, real in observed:
        comparison.add(version, ours, real)
    versions = [version for version, _, _ in observed]
    if not arguments.only:
        comparison.check_explanations(versions)
    comparison.print_table(versions)
    print(f"\n{comparison.steps} answers compared, {comparison.explained} differences explained, "
          f"{len(comparison.problems)} problems")
    for problem in comparison.problems:
        print(problem)
    return 1 if comparison.problems else 0


if __name__ == "__main__":
    sys.exit(main())
