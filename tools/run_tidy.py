#!/usr/bin/env python3
"""Runs clang-tidy in parallel over the changed sources (or all of them) of a configured build tree.

A changed header brings in the sources of its own folder and those that name it in an #include.
"""
import argparse
import concurrent.futures
import json
import pathlib
import re
import shutil
import subprocess
import sys

import source_files

CLANG_TIDY = "clang-tidy-16"


def compiled_sources(build):
    entries = json.loads((build / "compile_commands.json").read_text())
    root = source_files.ROOT
    paths = {(pathlib.Path(e["directory"]) / e["file"]).resolve() for e in entries}
    return {str(p.relative_to(root)) for p in paths if p.is_relative_to(root)}


def affected(changed, sources):
    wanted = {name for name in changed if name in sources}
    for header in (name for name in changed if name.endswith(".h")):
        text = header.removeprefix("src/").removeprefix("include/")
        include = re.compile(r'#include\s*["<]' + re.escape(text) + r'[">]')
        for source in sources:
            path = source_files.ROOT / source
            if path.parent == (source_files.ROOT / header).parent or include.search(path.read_text()):
                wanted.add(source)
    return wanted


def tidy(build, name):
    command = [CLANG_TIDY, "-p", str(build), "--quiet", name]
    result = subprocess.run(command, cwd=source_files.ROOT, capture_output=True, text=True)
    noise = re.compile(r"^\d+ warnings? (and \d+ errors? )?(generated|treated as errors?)\.?$", re.M)
    return result.returncode, result.stdout + noise.sub("", result.stderr).strip()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    if shutil.which(CLANG_TIDY) is None:
        print(f"{CLANG_TIDY} is not installed: not run", file=sys.stderr)
        return 0
    sources = compiled_sources(options.build.resolve())
    names = sorted(sources if options.all else affected(source_files.changed_files(), sources))
    failed = []
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for name, (status, text) in zip(names, pool.map(lambda n: tidy(options.build.resolve(), n), names)):
            if text:
                print(text)
            if status != 0:
                failed.append(name)
    print(f"{CLANG_TIDY}: {len(names)} files, {len(failed)} with errors {' '.join(failed)}".rstrip())
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
