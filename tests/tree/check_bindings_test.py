#!/usr/bin/env python3
"""Shows bindings that name what no header has, so that a check which can no longer fail is noticed."""
import pathlib
import tempfile
import unittest

import check_bindings

HEADER = """
#include <stdint.h>
enum rmq_error_code { RMQ_OK = 0, RMQ_ERROR_TLS = 205 };
int32_t rmq_thing_new(const char *name);
"""
BROKER_HEADER = "typedef struct rmq_broker_s rmq_broker_t;\nvoid rmq_broker_destroy(rmq_broker_t *broker);\n"


class BindingsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("include/rocketmq_c.h", HEADER)
        self.write("include/rocketmq_testbroker.h", BROKER_HEADER)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def problems(self):
        return list(check_bindings.check_words(self.root))

    def assert_one(self, *words):
        problems = self.problems()
        self.assertEqual(len(problems), 1, problems)
        for word in words:
            self.assertIn(word, problems[0])

    def test_names_of_both_headers_are_fine(self):
        self.write("bindings/lua/a.lua", "C.rmq_thing_new(nil) C.rmq_broker_destroy(nil) return C.RMQ_OK\n")
        self.assertEqual(self.problems(), [])

    def test_a_function_that_the_header_lacks_fails(self):
        self.write("bindings/lua/a.lua", "-- RMQ_ERROR_ codes\nlocal name = C.rmq_thing_name\n")
        self.assert_one("bindings/lua/a.lua:2", "rmq_thing_name")

    def test_a_constant_that_the_header_lacks_fails(self):
        self.write("bindings/python/a.py", "code = lib.RMQ_ERROR_TSL\n")
        self.assert_one("bindings/python/a.py:1", "RMQ_ERROR_TSL")

    def test_names_of_the_tests_are_their_own(self):
        self.write("bindings/lua/a.lua", "os.getenv('RMQ_TEST_COUNT') os.getenv('RMQ_TESTBROKER') ffi.new('rmq_test_time_t')\n")
        self.assertEqual(self.problems(), [])


if __name__ == "__main__":
    unittest.main()
