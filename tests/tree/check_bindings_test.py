#!/usr/bin/env python3
"""Shows for every rule of check_bindings.py a binding that breaks it, so that a rule which can no longer fail is noticed."""
import pathlib
import tempfile
import unittest

import check_bindings

HEADER = """
#include <stdint.h>
typedef struct rmq_thing_s rmq_thing_t;
enum rmq_error_code { RMQ_OK = 0, RMQ_ERROR_TLS = 205, RMQ_ERROR_TLS_NAME = 207 };
typedef struct rmq_thing_view_s {
  const char *name;
  size_t name_bytes;
  int32_t type;
} rmq_thing_view_t;
int32_t rmq_thing_new(const char *name, size_t name_bytes, rmq_thing_t **thing);
void rmq_thing_destroy(rmq_thing_t *thing);
"""

GO_CODES = "const (\n\tCodeTls Code = C.RMQ_ERROR_TLS\n\tCodeTlsName Code = C.RMQ_ERROR_TLS_NAME\n)\n"
PYTHON_CODES = "class Code:\n    TLS = lib.RMQ_ERROR_TLS\n    TLS_NAME = lib.RMQ_ERROR_TLS_NAME\n"
RUST_CODES = ("impl Code {\n    pub const TLS: Code = Code(ffi::RMQ_ERROR_TLS);\n"
              "    pub const TLS_NAME: Code = Code(ffi::RMQ_ERROR_TLS_NAME);\n}\n")
RUST_FFI = """
pub const RMQ_ERROR_TLS: i32 = 205;
pub struct rmq_thing_view_t {
    pub name: *const c_char,
    pub name_bytes: usize,
    pub r#type: i32,
}
extern "C" {
    pub fn rmq_thing_new(
        name: *const c_char,
        name_bytes: usize,
        thing: *mut *mut rmq_thing_t,
    ) -> i32;
    pub fn rmq_thing_destroy(thing: *mut rmq_thing_t);
}
"""

BROKER_HEADER = "typedef struct rmq_broker_s rmq_broker_t;\nvoid rmq_broker_destroy(rmq_broker_t *broker);\n"
BROKER_FFI = "pub fn rmq_broker_destroy(broker: *mut rmq_broker_t);\n"


class BindingsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("include/rocketmq_c.h", HEADER)
        self.write("bindings/go/codes.go", GO_CODES)
        self.write("bindings/python/rocketmq_c/codes.py", PYTHON_CODES)
        self.write("bindings/rust/src/codes.rs", RUST_CODES)
        self.write("bindings/rust/sys/src/lib.rs", RUST_FFI)
        self.write("include/rocketmq_testbroker.h", BROKER_HEADER)
        self.write("bindings/rust/sys/src/testbroker.rs", BROKER_FFI)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def problems(self, rule):
        return list(check_bindings.RULES[rule](self.root, check_bindings.Header(self.root)))

    def assert_one(self, rule, *words):
        problems = self.problems(rule)
        self.assertEqual(len(problems), 1, problems)
        for word in words:
            self.assertIn(word, problems[0])

    def test_bindings_that_agree_are_fine(self):
        for rule in check_bindings.RULES:
            self.assertEqual(self.problems(rule), [], rule)

    def test_a_function_that_the_header_lacks_fails(self):
        self.write("bindings/lua/a.lua", "-- RMQ_ERROR_ codes\nlocal name = C.rmq_thing_name\n")
        self.assert_one("words", "bindings/lua/a.lua:2", "rmq_thing_name")

    def test_a_constant_that_the_header_lacks_fails(self):
        self.write("bindings/python/a.py", "code = lib.RMQ_ERROR_TSL\n")
        self.assert_one("words", "bindings/python/a.py:1", "RMQ_ERROR_TSL")

    def test_names_of_the_tests_are_their_own(self):
        self.write("bindings/lua/a.lua", "os.getenv('RMQ_TEST_COUNT') os.getenv('RMQ_TESTBROKER') ffi.new('rmq_test_time_t')\n")
        self.assertEqual(self.problems("words"), [])

    def test_another_number_fails(self):
        self.write("bindings/rust/sys/src/lib.rs", RUST_FFI.replace("205", "206"))
        self.assert_one("numbers", "bindings/rust/sys/src/lib.rs:2", "RMQ_ERROR_TLS is 206, in include/ 205")

    def test_another_name_fails_in_each_list(self):
        self.write("bindings/go/codes.go", GO_CODES.replace("CodeTlsName", "CodeTlsVersion"))
        self.assert_one("codes", "bindings/go/codes.go:3", "CodeTlsVersion is no name for RMQ_ERROR_TLS_NAME")
        self.write("bindings/go/codes.go", GO_CODES)
        self.write("bindings/python/rocketmq_c/codes.py", PYTHON_CODES.replace(" TLS_NAME", " NAME"))
        self.assert_one("codes", "NAME is no name for RMQ_ERROR_TLS_NAME")
        self.write("bindings/python/rocketmq_c/codes.py", PYTHON_CODES)
        self.write("bindings/rust/src/codes.rs", RUST_CODES.replace("const TLS_NAME", "const TLS_NAMES"))
        self.assert_one("codes", "TLS_NAMES is no name for RMQ_ERROR_TLS_NAME")

    def test_a_code_that_a_list_lacks_fails(self):
        self.write("bindings/rust/src/codes.rs", RUST_CODES.replace("ffi::RMQ_ERROR_TLS)", "205)"))
        self.assert_one("codes", "bindings/rust/src/codes.rs: RMQ_ERROR_TLS is missing")

    def test_a_list_that_is_gone_fails(self):
        (self.root / "bindings/go/codes.go").unlink()
        self.assert_one("codes", "bindings/go/codes.go: missing")

    def test_another_parameter_fails(self):
        self.write("bindings/rust/sys/src/lib.rs", RUST_FFI.replace("*mut *mut", "*mut"))
        self.assert_one("rust", "rmq_thing_new", "'*mut *mut rmq_thing_t'")

    def test_a_missing_parameter_fails(self):
        self.write("bindings/rust/sys/src/lib.rs", RUST_FFI.replace("thing: *mut rmq_thing_t", ""))
        self.assert_one("rust", "rmq_thing_destroy has 0")

    def test_another_result_fails(self):
        self.write("bindings/rust/sys/src/lib.rs", RUST_FFI.replace("-> i32", "-> i64"))
        self.assert_one("rust", "rmq_thing_new gives i64")

    def test_another_order_of_fields_fails(self):
        self.write("bindings/rust/sys/src/lib.rs",
                   RUST_FFI.replace("    pub name_bytes: usize,\n    pub r#type: i32,", "    pub r#type: i32,\n    pub name_bytes: usize,"))
        self.assert_one("rust", "rmq_thing_view_t", "('type', 'i32')")

    def test_a_function_of_the_past_fails(self):
        self.write("bindings/rust/sys/src/lib.rs", RUST_FFI.replace("rmq_thing_destroy(", "rmq_thing_free("))
        self.assert_one("rust", "rmq_thing_free is in no header of include/")

    def test_the_second_header_counts_too(self):
        self.write("bindings/rust/sys/src/testbroker.rs", BROKER_FFI.replace("*mut", "*const"))
        self.assert_one("rust", "bindings/rust/sys/src/testbroker.rs:1", "'*mut rmq_broker_t'")


if __name__ == "__main__":
    unittest.main()
