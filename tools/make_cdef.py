#!/usr/bin/env python3
"""Makes rocketmq_c.cdef.h from rocketmq_c.h: the same declarations for C parsers that know no preprocessor.

LuaJIT's ffi.cdef and cffi's FFI.cdef read the result as it is: one declaration a line, no comment, no directive;
fixed-width integers and size_t are known to both.
"""
import argparse
import pathlib
import sys

import c_header


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("header", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--compiler", help="C compiler whose preprocessor is used (default $CC or cc)")
    options = parser.parse_args()
    try:
        declarations = c_header.read_declarations(options.header, options.compiler)
        for name, value in c_header.enumerators(declarations).items():
            if not -(2**31) <= value < 2**31:
                raise c_header.HeaderError(f"enumerator {name} = {value} does not fit int32_t")
    except c_header.HeaderError as error:
        print(error, file=sys.stderr)
        return 1
    options.output.write_text("".join(d.text + "\n" for d in declarations), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
