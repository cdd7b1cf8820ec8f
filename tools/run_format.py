#!/usr/bin/env python3
"""Lays out every source file with the one pinned clang-format, or with --check says which files differ.

Exit status: 0 fine, 1 files differ, 77 (check only) the pinned version is not installed.
"""
import argparse
import shutil
import subprocess
import sys

import source_files

CLANG_FORMAT = "clang-format-16"  # versions differ in layout, so exactly one decides


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, list the files that differ")
    options = parser.parse_args()
    if shutil.which(CLANG_FORMAT) is None:
        print(f"{CLANG_FORMAT} is not installed: layout not checked", file=sys.stderr)
        return 77 if options.check else 1
    mode = ["--dry-run", "-Werror"] if options.check else ["-i"]
    names = source_files.all_files()
    status = subprocess.run([CLANG_FORMAT, *mode, *names], cwd=source_files.ROOT).returncode
    if status != 0:
        print("run ./dev format", file=sys.stderr)
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main())
