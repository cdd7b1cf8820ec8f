#!/usr/bin/env python3
"""Looks into the built shared library: `check_library.py symbols|dependencies <library>`."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "tree"))

import check_tree  # noqa: E402

SONAME = "librocketmq_c.so.0.2"
NODE = "ROCKETMQ_C_0"
# Of the other library: its soname, its version node, the list of its functions.
TESTBROKER = ("librocketmq_testbroker.so.0.2", "ROCKETMQ_TESTBROKER_0", "testbroker_symbols.txt")
LIBRARIES = {"libuv", "libssl", "libcrypto", "libz", "liblz4", "libzstd"}
LANGUAGES = {"libc", "libm", "libstdc++", "libgcc_s", "libc++", "libc++abi", "ld-linux", "libpthread", "libatomic"}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def check_symbols(library, node=NODE, listing="symbols.txt"):
    """The dynamic symbols are those of the list in tests/abi, all under the version node."""
    listed = {f"{name}@@{node}" for name in check_tree.read_symbols(ROOT, listing)}
    lines = run("nm", "-D", "--defined-only", "--with-symbol-versions", library).splitlines()
    exported = {line.split()[-1] for line in lines} - {f"{node}@@{node}", node}
    yield from (f"exported but not listed: {name}" for name in sorted(exported - listed))
    yield from (f"listed but not exported: {name}" for name in sorted(listed - exported))
    unique = [line for line in lines if line.split()[-2] == "u"]
    yield from (f"of the kind 'unique', which forbids unloading: {line}" for line in unique)


def check_dependencies(library, expected_soname=SONAME):
    """NEEDED shows the six libraries, C and C++; the soname is the agreed one; no path is built in; code is not writable."""
    dynamic = run("readelf", "-d", "-W", library)
    needed = {re.match(r"[^.]*?(?=\.so|-x86|-aarch|$)", n).group().split(".so")[0]
              for n in re.findall(r"\(NEEDED\).*\[(.+?)\]", dynamic)}
    yield from (f"needs {name}, which users would have to install" for name in sorted(needed - LIBRARIES - LANGUAGES))
    soname = re.findall(r"\(SONAME\).*\[(.+?)\]", dynamic)
    if soname != [expected_soname]:
        yield f"soname is {soname}, expected {expected_soname}"
    yield from (f"has {tag}" for tag in ("RPATH", "RUNPATH", "TEXTREL", "NODELETE") if re.search(rf"\b{tag}\b", dynamic))
    print("needs", " ".join(sorted(needed)))


def main():
    what, library = sys.argv[1:]
    soname, node, listing = TESTBROKER if "testbroker" in pathlib.Path(library).name else (SONAME, NODE, "symbols.txt")
    if what == "symbols":
        problems = list(check_symbols(library, node, listing))
    else:
        problems = list(check_dependencies(library, soname))
    print("\n".join(problems) or "fine")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
