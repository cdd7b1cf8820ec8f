#!/usr/bin/env python3
"""Breaks the client on purpose, one way after the other, and runs on each the check that has to notice.

A mutant is a patch in tests/property/mutants with a sentence above it. The property suite has to find something wrong with
it within its first seeds. A second line `Seen by: <target> <test>` names another check. It is all the tests of ctest whose
names begin so, and the target is their program. One of them has to fail, and none does without the mutant.

What is printed: the mutant, and what was noticed first. The exit code is 0 when every mutant was caught.
"""
import argparse
import dataclasses
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
MUTANTS = TESTS / "property/mutants"
TREE = ROOT / "build/mutants"
BUILD = TREE / "build/plain"
SERVERS = "build/servers"
LIMIT_S = 1200  # of each step; guards against hanging


@dataclasses.dataclass(frozen=True)
class Check:
    """What has to notice a mutant. Without a test: the seeds of the property suite."""
    target: str = "rmq-sim"
    test: str = ""


@dataclasses.dataclass(frozen=True)
class Mutant:
    patch: pathlib.Path
    sentence: str
    check: Check

    @property
    def name(self):
        return self.patch.stem


def read_mutant(path):
    sentence, second = path.read_text().splitlines()[:2]
    named = re.fullmatch(r"Seen by: (\S+) (\S+)", second)
    return Mutant(path, sentence, Check(*named.groups()) if named else Check())


def run(*command, **options):
    return subprocess.run([str(part) for part in command], text=True, timeout=LIMIT_S, **options)


def copy_tree():
    """The files that git knows, as they are now; unchanged ones keep their time, so that little is built again."""
    names = run("git", "ls-files", cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout.splitlines()
    for name in names:
        source, target = ROOT / name, TREE / name
        if not source.is_file() or (target.is_file() and target.read_bytes() == source.read_bytes()):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
        shutil.copymode(source, target)
    for folder in ("src", "tests"):
        for path in (TREE / folder).rglob("*"):
            if path.is_file() and path.relative_to(TREE).as_posix() not in names:
                path.unlink()  # the build takes whatever lies there


def share_servers():
    """Packages of the real servers are fetched once for both trees."""
    (ROOT / SERVERS).mkdir(parents=True, exist_ok=True)
    if not (TREE / SERVERS).exists():
        (TREE / SERVERS).parent.mkdir(exist_ok=True)
        (TREE / SERVERS).symlink_to(ROOT / SERVERS)


def build(targets, jobs):
    """What went wrong, or None."""
    if not (BUILD / "build.ninja").exists():
        run("cmake", "--preset", "plain", cwd=TREE, check=True, stdout=subprocess.DEVNULL)
    built = run("cmake", "--build", BUILD, "-j", jobs, "--target", *targets, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT)
    return "does not build:\n" + built.stdout[-2000:] if built.returncode else None


def patch(mutant, *options):
    return run("patch", "-p1", "--silent", "--no-backup-if-mismatch", "-i", mutant.patch, *options, cwd=TREE)


def simulate(seeds, jobs):
    """The first line of what broke, with its seed; None when nothing did."""
    result = run(BUILD / "tests/property/rmq-sim", "--seeds", seeds, "--jobs", jobs, "--findings-max", 1,
                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found = re.findall(r"^seed (\d+) broke:\n  (.*)", result.stdout, re.MULTILINE)
    first = min(((int(seed), text) for seed, text in found), default=None)
    return first and f"seed {first[0]}: {first[1]}"


def run_tests(test, jobs):
    """The first complaint; None when all pass."""
    result = run("ctest", "--test-dir", BUILD, "-R", "^" + re.escape(test), "--no-tests=error", "--output-on-failure",
                 "-j", jobs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if result.returncode == 0:
        return None
    failed = re.search(rf"\d+ - ({re.escape(test)}\S*).* (\((?!Not Run).+?\))", result.stdout)
    if not failed:  # but what it needs, such as real servers
        sys.exit(f"{test} did not run:\n{result.stdout[-2000:]}")
    complaint = re.search(r"(?<=: Failure\n)(?:(?!\[|.*: Failure\n).+\n){1,5}|(?<=walk: )finding.*", result.stdout)
    return " ".join(failed.groups()) + (": " + " ".join(complaint[0].split()) if complaint else "")


def look(check, seeds, jobs):
    """What the check finds wrong with what is built, or None."""
    return run_tests(check.test, jobs) if check.test else simulate(seeds, jobs)


def try_mutant(mutant, seeds, jobs):
    """(whether it was caught, what to print)"""
    if patch(mutant, "--dry-run").returncode != 0 or patch(mutant).returncode != 0:
        return False, "does not apply any more"
    try:
        problem = build([mutant.check.target], jobs)
        if problem:
            return False, problem
        found = look(mutant.check, seeds, jobs)
    finally:
        patch(mutant, "-R")
    if not found:
        return False, f"survives {mutant.check.test or seeds + ' seeds'}"
    return True, f"caught by {found}"


def names_in_sources():
    """Targets, without the prefix of those of integration, and tests, as far as ctest has their names from the sources."""
    builds = "\n".join(path.read_text() for path in TESTS.rglob("CMakeLists.txt"))
    cases = [re.findall(r"^TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\)", path.read_text(), re.MULTILINE)
             for path in TESTS.rglob("*_test.cc")]
    tests = {f"{suite}.{name}" for found in cases for suite, name in found}
    return set(re.findall(r"[\w-]+", builds)), tests | set(re.findall(r"add_test\(NAME (\S+)", builds))


def find_missing(check, targets, tests):
    """Which name of a check is not in the sources, or None."""
    if check.target.removeprefix("integration_") not in targets:
        return check.target
    case, *rest = re.split(r"/|\.on_", check.test, maxsplit=1)  # the rest comes from parameters and servers
    is_there = case in tests if rest else any(test.startswith(case) for test in tests)
    return None if is_there else check.test


def check_all(mutants):
    problems = [f"{mutant.name}.patch does not apply to the sources any more" for mutant in mutants
                if run("patch", "-p1", "--dry-run", "--silent", "-i", mutant.patch, cwd=ROOT).returncode != 0]
    names = names_in_sources()
    for mutant in mutants:
        missing = find_missing(mutant.check, *names)
        if missing:
            problems.append(f"{mutant.name}.patch is to be seen by {missing}, which does not exist")
    for problem in problems:
        print(f"tests/property/mutants/{problem}")
    return 1 if problems else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="mutants, without .patch; all of them when none is named")
    parser.add_argument("--seeds", default="1000", help="how many seeds the property suite may take (default %(default)s)")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--check", action="store_true", help="only look whether each one applies and its check exists")
    options = parser.parse_args()
    mutants = [read_mutant(path) for path in sorted(MUTANTS.glob("*.patch"))]
    if options.names:
        mutants = [mutant for mutant in mutants if mutant.name in options.names]
    unknown = set(options.names) - {mutant.name for mutant in mutants}
    if unknown or not mutants:
        parser.error(f"no such mutant: {', '.join(sorted(unknown))}")
    if options.check:
        return check_all(mutants)
    copy_tree()
    share_servers()
    # What is found without a mutant would be found with each.
    checks = sorted({mutant.check for mutant in mutants}, key=dataclasses.astuple)
    found = build([check.target for check in checks], options.jobs)
    for check in checks:
        found = found or look(check, options.seeds, options.jobs)
    if found:
        sys.exit(f"without any mutant, {found}")
    survivors = 0
    for mutant in mutants:
        begin = time.monotonic()
        caught, text = try_mutant(mutant, options.seeds, options.jobs)
        survivors += not caught
        print(f"{mutant.name}: {mutant.sentence}\n  {text} ({time.monotonic() - begin:.0f} s)", flush=True)
    print(f"{len(mutants) - survivors} of {len(mutants)} mutants caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
