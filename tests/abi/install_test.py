#!/usr/bin/env python3
"""Installs the build tree into a prefix, moves the prefix, and builds a C99 program against it through pkg-config:
`install_test.py <cmake> <build folder> <C compiler> <version>`."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WARNINGS = ["-std=c99", "-Wall", "-Wextra", "-pedantic", "-Werror"]


def run(*command, **options):
    result = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    if result.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\n{result.stdout}{result.stderr}")
    return result.stdout.strip()


def main():
    cmake, build, c_compiler, version = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        run(cmake, "--install", build, "--prefix", folder / "first")
        prefix = shutil.move(folder / "first", folder / "moved")
        files = {p.name for p in prefix.rglob("*")}
        for name in ("rocketmq_c.h", "rocketmq_c.cdef.h", "librocketmq_c.so", "librocketmq_c.so.0.2", "librocketmq_c.a",
                     "rocketmq_c.pc", "rocketmq_testbroker.h", "rocketmq_testbroker.cdef.h", "librocketmq_testbroker.so",
                     "librocketmq_testbroker.so.0.2", "rocketmq_testbroker.pc", "rmq-testbroker"):
            assert name in files, f"{name} is not installed: {sorted(files)}"
        pc_folder = next(prefix.rglob("rocketmq_c.pc")).parent
        environment = {**os.environ, "PKG_CONFIG_PATH": str(pc_folder), "LD_LIBRARY_PATH": str(pc_folder.parent)}

        def pkg_config(*options, package="rocketmq_c"):
            return run("pkg-config", *options, package, env=environment).split()

        assert pkg_config("--modversion") == [version], pkg_config("--modversion")
        shared, static, item = folder / "shared", folder / "static", folder / "print_version.o"
        run(c_compiler, *WARNINGS, *pkg_config("--cflags"), "-c", HERE / "print_version.c", "-o", item)
        run(c_compiler, item, *pkg_config("--libs"), "-o", shared)
        assert run(shared, env=environment) == version
        archive = next(prefix.rglob("librocketmq_c.a"))
        rest = [o for o in pkg_config("--static", "--libs") if o != "-lrocketmq_c"]
        run(c_compiler, item, archive, *rest, "-o", static)
        assert run(static) == version
        assert "librocketmq_c" not in run("readelf", "-d", static)
        testbroker = folder / "testbroker"
        run(c_compiler, *WARNINGS, HERE / "testbroker" / "use.c",
            *pkg_config("--cflags", "--libs", package="rocketmq_testbroker"), "-o", testbroker)
        run(testbroker, env=environment)
    print("fine")


if __name__ == "__main__":
    sys.exit(main())
