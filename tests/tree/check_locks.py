#!/usr/bin/env python3
"""Has clang prove the lock annotations of src/ (src/base/mutex.h): what RMQ_GUARDED_BY names is touched under its lock only.

Looks at each source file that takes a lock, the files of a folder at once, with -fsyntax-only: nothing is built. Before that it
looks at a file that breaks the rule, so that a compiler that proves nothing is noticed. Exit code 77: no clang from 16 on is here.
"""
import concurrent.futures
import itertools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIBRARIES = ["libuv", "liblz4", "libzstd", "fmt", "openssl"]
SKIPPED = 77
LOCKS = re.compile(r"\b(MutexLock|RMQ_GUARDED_BY|RMQ_REQUIRES)\b")

BROKEN = """
#include "base/mutex.h"
class Life {
 public:
  // What start() beside close() once did: the state is changed without its lock.
  void close() { state_ = 2; }
 private:
  rmq::base::Mutex mutex_;
  int state_ RMQ_GUARDED_BY(mutex_) = 0;
};
void end(Life& life) { life.close(); }
"""


def find_compiler():
    for version in range(16, 22):
        if compiler := shutil.which(f"clang++-{version}"):
            return compiler
    return None


def command(compiler, source):
    found = subprocess.run(["pkg-config", "--cflags", *LIBRARIES], capture_output=True, text=True, check=False)
    return [compiler, "-std=c++20", "-fsyntax-only", "-DFMT_HEADER_ONLY=1", f"-I{ROOT / 'src'}", f"-I{ROOT / 'include'}",
            "-Wthread-safety", "-Werror=thread-safety", *found.stdout.split(), str(source)]


def check(compiler, source):
    done = subprocess.run(command(compiler, source), capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def takes_locks(source):
    texts = [source.read_text(encoding="utf-8")]
    header = source.with_suffix(".h")
    if header.exists():
        texts.append(header.read_text(encoding="utf-8"))
    return any(LOCKS.search(text) for text in texts)


def write_units(folder, sources):
    """One file for the sources of a folder, as the unity builds have them: reading headers takes longer than the sources."""
    for place, group in itertools.groupby(sources, key=lambda source: source.parent):
        unit = folder / f"{place.name}.cc"
        unit.write_text("".join(f'#include "{source}"\n' for source in group), encoding="utf-8")
        yield unit


def main():
    compiler = find_compiler()
    if not compiler:
        print("no clang++ from 16 on")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        broken = pathlib.Path(folder) / "broken.cc"
        broken.write_text(BROKEN, encoding="utf-8")
        code, errors = check(compiler, broken)
        if code == 0 or "requires holding mutex" not in errors:
            print(f"{compiler} does not see a state that is changed without its lock:\n{errors}")
            return 1
    sources = [source for source in sorted((ROOT / "src").rglob("*.cc")) if takes_locks(source)]
    if not sources:
        print("no source file takes a lock")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        units = list(write_units(pathlib.Path(folder), sources))
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            results = list(pool.map(lambda unit: check(compiler, unit), units))
    failures = [errors for code, errors in results if code != 0]
    print("\n".join(failures) if failures else f"fine: {len(sources)} files that take locks")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
