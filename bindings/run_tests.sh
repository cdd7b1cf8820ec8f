#!/bin/sh
# Installs the build tree into a prefix of its own and runs the tests of one binding against it, and the example of a test:
# run_tests.sh <lua|go|python|rust> <cmake> <build folder> <rmq-testbroker>
# Ends with 77 when the language is not installed.
set -eu
language=$1 cmake=$2 build=$3
export RMQ_TESTBROKER="$4"
here=$(cd "$(dirname "$0")" && pwd)
examples=$here/../examples/testing
hello=$here/../examples/hello
prefix=$build/bindings/$language

skip() {
  echo "SKIPPED: $1 is not installed, so the $language binding was NOT tested" >&2
  exit 77
}

need() { command -v "$1" >/dev/null || skip "$1"; }

# Sets `python` to an interpreter that has what the binding needs: the distribution's own before any other.
need_python() {
  for python in /usr/bin/python3 python3; do
    "$python" -c 'import cffi, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
  done
  skip "Python 3.11 or newer with cffi"
}

install_library() {
  rm -rf "$prefix"
  "$cmake" --install "$build" --prefix "$prefix" >/dev/null
  pc=$(find "$prefix" -name rocketmq_c.pc)
  export PKG_CONFIG_PATH="${pc%/*}"
  LD_LIBRARY_PATH=$(pkg-config --variable=libdir rocketmq_c)
  export LD_LIBRARY_PATH
}

# Runs the first program of a language with a broker, and without one.
run_hello() { python3 "$here/../tests/abi/hello_test.py" "$RMQ_TESTBROKER" "$@"; }

case $language in
  lua)
    need luajit
    install_library
    ROCKETMQ_C_CDEF=$(pkg-config --variable=includedir rocketmq_c)/rocketmq_c.cdef.h
    export ROCKETMQ_C_CDEF
    export LUA_PATH="$here/lua/?.lua;$here/lua/?/init.lua;$here/lua/tests/?.lua"
    for test in "$here"/lua/tests/*_test.lua "$examples"/*.lua; do luajit "$test"; done
    run_hello luajit "$hello/hello.lua"
    ;;
  go)
    need go
    install_library
    export GOTOOLCHAIN=local GOPROXY=off GOFLAGS=-mod=mod
    cd "$here/go"
    go vet ./...
    go test -count=1 -v ./...
    go test -count=1 -v "$examples/orders_test.go"
    go build -o "$prefix/hello" "$hello/hello.go"
    run_hello "$prefix/hello"
    ;;
  python)
    need_python
    install_library
    ROCKETMQ_C_CDEF=$(pkg-config --variable=includedir rocketmq_c)/rocketmq_c.cdef.h
    export ROCKETMQ_C_CDEF
    export PYTHONPATH="$here/python:$here/python/tests" PYTHONDONTWRITEBYTECODE=1
    for test in "$here"/python/tests/*_test.py "$examples"/*.py; do "$python" "$test" -v; done
    run_hello "$python" "$hello/hello.py"
    ;;
  rust)
    need cargo
    install_library
    export CARGO_TARGET_DIR="$build/bindings/rust_target"
    cd "$here/rust"
    # One test at a time, so that the processor time that a test shows is its own.
    cargo test --locked --offline --features testbroker -- --test-threads=1 --show-output
    run_hello "$CARGO_TARGET_DIR/debug/examples/hello"
    ;;
  *)
    echo "$language: expected lua, go, python or rust" >&2
    exit 2
    ;;
esac
