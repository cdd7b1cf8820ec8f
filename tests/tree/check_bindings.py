#!/usr/bin/env python3
"""Reads the bindings and reports every RMQ_ and rmq_ name in them that no header in include/ has.

What tools/make_bindings.py makes is compared with the headers by its own --check; this reads what is written by hand, too.
"""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import c_header  # noqa: E402

SUFFIXES = (".lua", ".go", ".py", ".rs")
# Names of the tests themselves.
OWN_NAMES = re.compile(r"RMQ_TEST_|RMQ_TESTBROKER$|rmq_test_")


def header_words(root):
    """Every word of the declarations in include/."""
    declarations = [one for path in sorted((root / "include").glob("*.h")) for one in c_header.read_declarations(path)]
    return {word for declaration in declarations for word in re.findall(r"\w+", declaration.text)}


def sources(root):
    """(path relative to root, text) of each file of the bindings."""
    for path in sorted((root / "bindings").rglob("*")):
        if path.suffix in SUFFIXES:
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def check_words(root):
    known = header_words(root)
    for name, text in sources(root):
        for match in re.finditer(r"\b(?:RMQ|rmq)_\w*[^\W_]\b", text):
            word = match.group()
            if word not in known and not OWN_NAMES.match(word):
                line = text.count("\n", 0, match.start()) + 1
                yield f"{name}:{line}: {word} is in no header of include/"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    problems = list(check_words(parser.parse_args().root))
    print("\n".join(problems) if problems else "fine: words")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
