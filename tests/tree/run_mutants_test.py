#!/usr/bin/env python3
"""Shows that run_mutants.py --check notices a mutant whose check is gone."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))

import run_mutants  # noqa: E402: found beside the tools


class Names(unittest.TestCase):
    def setUp(self):
        targets = {"property_month", "abi_memory", "abi_walk", "faults"}
        tests = {"Month.a_producers_memory_is_flat", "ClientLife.goes_on", "abi.random_walk", "Faults.damaged_body"}
        self.names = (targets, tests)

    def missing(self, target, test):
        return run_mutants.find_missing(run_mutants.Check(target, test), *self.names)

    def test_what_exists_is_fine(self):
        self.assertIsNone(self.missing("property_month", "Month."))
        self.assertIsNone(self.missing("abi_walk", "abi.random_walk"))
        self.assertIsNone(self.missing("abi_memory", "ClientLife.goes_on/plain"))
        self.assertIsNone(self.missing("integration_faults", "Faults.damaged_body.on_5.4.0"))

    def test_a_target_that_is_gone_is_named(self):
        self.assertEqual(self.missing("property_year", "Month."), "property_year")

    def test_a_test_that_is_gone_is_named(self):
        self.assertEqual(self.missing("property_month", "Month.of_sundays"), "Month.of_sundays")
        self.assertEqual(self.missing("integration_faults", "Faults.damaged.on_5.4.0"), "Faults.damaged.on_5.4.0")


class Sources(unittest.TestCase):
    def test_names_are_found_in_the_sources(self):
        targets, tests = run_mutants.names_in_sources()
        self.assertLess({"rmq-sim", "abi_walk", "faults"}, targets)
        self.assertLess({"abi.random_walk_over_the_header", "Faults.damaged_body"}, tests)
        self.assertTrue(any(test.startswith("Month.") for test in tests))

    def test_the_second_line_names_the_check(self):
        for mutant in map(run_mutants.read_mutant, run_mutants.MUTANTS.glob("*.patch")):
            self.assertEqual("Seen by" in mutant.patch.read_text().split("diff --git")[0], bool(mutant.check.test))


if __name__ == "__main__":
    unittest.main()
