#!/usr/bin/env python3
"""Makes the low layers of the bindings of the headers in include/, or with --check says which of them differ.

What is made and by which rules is told in bindings/README.md; tools/bindings/ has one module for each language.
Exit status: 0 fine, 1 files differ or a header cannot be read.
"""
import argparse
import pathlib
import sys

import c_header
from bindings import go, lua, python, rust, shapes

LANGUAGES = (rust, go, python, lua)
HEADERS = {"rocketmq_c.h", "rocketmq_testbroker.h"}  # each of them has files of its own in each language


def read_headers(root, compiler=None):
    """name -> shapes of each header."""
    headers = {path.name: shapes.read(path, compiler) for path in sorted((root / "include").glob("*.h"))}
    if headers.keys() != HEADERS:
        raise c_header.HeaderError(f"include/ has {', '.join(headers) or 'no header'}, expected {', '.join(sorted(HEADERS))}")
    return headers


def made_files(root, compiler=None):
    """path -> text of each file that this tool makes."""
    headers = read_headers(root, compiler)
    return {path: text for language in LANGUAGES for path, text in language.files(headers).items()}


def first_difference(old, new):
    """The number of the first line that differs, and what it has to be."""
    lines = old.splitlines()
    for number, line in enumerate(new.splitlines(), 1):
        if number > len(lines) or lines[number - 1] != line:
            return number, line.strip()
    return len(new.splitlines()) + 1, "the end of the file"


def problems(root, files):
    """One sentence for each file that is not what the headers say."""
    for path, text in files.items():
        old = (root / path).read_text(encoding="utf-8") if (root / path).exists() else ""
        if old != text:
            number, line = first_difference(old, text)
            yield f"{path}:{number}: the headers in include/ ask for '{line}'"


def write(root, files):
    for path, text in files.items():
        if not (root / path).exists() or (root / path).read_text(encoding="utf-8") != text:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
            print(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="change nothing, list the files that differ")
    parser.add_argument("--root", type=pathlib.Path, default=c_header.ROOT)
    parser.add_argument("--compiler", help="C compiler whose preprocessor is used (default $CC or cc)")
    options = parser.parse_args()
    try:
        files = made_files(options.root, options.compiler)
    except c_header.HeaderError as error:
        print(error, file=sys.stderr)
        return 1
    if not options.check:
        write(options.root, files)
        return 0
    found = list(problems(options.root, files))
    if found:
        print("\n".join([*found, "run python3 tools/make_bindings.py"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
