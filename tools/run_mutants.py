#!/usr/bin/env python3
"""Breaks the client on purpose, one way after the other, and runs the property suite on each.

A mutant is a patch in tests/property/mutants with a sentence above it. The suite has to find something wrong with each one
within its first seeds. What is printed: the mutant, the first seed that broke, and what it broke. The exit code is 0 when
every mutant was caught.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MUTANTS = ROOT / "tests/property/mutants"
TREE = ROOT / "build/mutants"
BUILD = TREE / "build/sim"
LIMIT_S = 1200  # of each step; guards against hanging


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
    for folder in ("src", "tests/property", "tests/support"):
        for path in (TREE / folder).rglob("*"):
            if path.is_file() and path.relative_to(TREE).as_posix() not in names:
                path.unlink()  # the build takes whatever lies there


def build(jobs):
    if not (BUILD / "build.ninja").exists():
        run("cmake", "--preset", "sim", cwd=TREE, check=True, stdout=subprocess.DEVNULL)
    return run("cmake", "--build", BUILD, "--target", "rmq-sim", "-j", jobs, stdout=subprocess.PIPE,
               stderr=subprocess.STDOUT)


def patch(mutant, *options):
    return run("patch", "-p1", "--silent", "--no-backup-if-mismatch", "-i", mutant, *options, cwd=TREE)


def simulate(seeds, jobs):
    """The first line of what broke, with its seed; None when nothing did."""
    result = run(BUILD / "tests/property/rmq-sim", "--seeds", seeds, "--jobs", jobs, "--findings-max", 1,
                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found = re.findall(r"^seed (\d+) broke:\n  (.*)", result.stdout, re.MULTILINE)
    return min(((int(seed), text) for seed, text in found), default=None)


def try_mutant(mutant, seeds, jobs):
    """(whether it was caught, what to print)"""
    if patch(mutant, "--dry-run").returncode != 0 or patch(mutant).returncode != 0:
        return False, "does not apply any more"
    try:
        built = build(jobs)
        if built.returncode != 0:
            return False, "does not build:\n" + built.stdout[-2000:]
        found = simulate(seeds, jobs)
    finally:
        patch(mutant, "-R")
    if not found:
        return False, f"survives {seeds} seeds"
    return True, f"caught by seed {found[0]}: {found[1]}"


def check(mutants):
    stale = [mutant.stem for mutant in mutants
             if run("patch", "-p1", "--dry-run", "--silent", "-i", mutant, cwd=ROOT).returncode != 0]
    for name in stale:
        print(f"tests/property/mutants/{name}.patch does not apply to the sources any more")
    return 1 if stale else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="mutants, without .patch; all of them when none is named")
    parser.add_argument("--seeds", default="1000", help="how many seeds each may take (default %(default)s)")
    parser.add_argument("--jobs", default="2")
    parser.add_argument("--check", action="store_true", help="only look whether each one still applies to the sources")
    options = parser.parse_args()
    mutants = sorted(MUTANTS.glob("*.patch"))
    if options.names:
        mutants = [mutant for mutant in mutants if mutant.stem in options.names]
    unknown = set(options.names) - {mutant.stem for mutant in mutants}
    if unknown or not mutants:
        parser.error(f"no such mutant: {', '.join(sorted(unknown))}")
    if options.check:
        return check(mutants)
    copy_tree()
    # What these seeds find without a mutant would be found with each.
    built = build(options.jobs)
    found = simulate(options.seeds, options.jobs) if built.returncode == 0 else (0, built.stdout[-2000:])
    if found:
        sys.exit(f"without any mutant, seed {found[0]}: {found[1]}")
    survivors = 0
    for mutant in mutants:
        caught, text = try_mutant(mutant, options.seeds, options.jobs)
        survivors += not caught
        print(f"{mutant.stem}: {mutant.read_text().splitlines()[0]}\n  {text}", flush=True)
    print(f"{len(mutants) - survivors} of {len(mutants)} mutants caught")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
