#!/usr/bin/env python3
"""Shows for the checks of the shared library a library that breaks each. UNLOAD names the program of unload.c."""
import os
import pathlib
import subprocess
import tempfile
import unittest

import check_library

LISTED = check_library.check_tree.read_symbols(check_library.ROOT)
MAP = f"{check_library.NODE} {{ global: rmq_*; local: *; }};"


class LibraryTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def build(self, *options, names=tuple(LISTED), script=MAP, soname=check_library.SONAME, output="library.so"):
        """A library of empty functions; tests add to it what is forbidden."""
        source, map_file, library = self.folder / "a.c", self.folder / "a.map", self.folder / output
        source.write_text("".join(f"long {name}(void) {{ return 0; }}\n" for name in names))
        map_file.write_text(script)
        command = [os.environ.get("CC", "cc"), "-shared", "-fPIC", str(source), "-o", str(library),
                   f"-Wl,--version-script={map_file}", f"-Wl,-soname,{soname}", *options]
        subprocess.run(command, check=True, capture_output=True)
        return str(library)

    def assert_one(self, problems, words):
        problems = list(problems)
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(words, problems[0])

    def test_the_listed_symbols_are_fine(self):
        self.assertEqual(list(check_library.check_symbols(self.build())), [])

    def test_an_exported_symbol_that_is_not_listed_fails(self):
        library = self.build(names=(*LISTED, "rmq_secret"))
        self.assert_one(check_library.check_symbols(library), "exported but not listed: rmq_secret")

    def test_a_listed_symbol_that_is_not_exported_fails(self):
        library = self.build(names=sorted(LISTED)[1:])
        self.assert_one(check_library.check_symbols(library), f"listed but not exported: {sorted(LISTED)[0]}")

    def test_another_version_node_fails(self):
        library = self.build(script=MAP.replace(check_library.NODE, "OTHER"))
        self.assertTrue(any("@@OTHER" in problem for problem in check_library.check_symbols(library)))

    def test_a_dependency_that_was_not_agreed_fails(self):
        self.build(names=("other",), script="V { global: *; };", soname="libfmt.so.9", output="libfmt.so")
        library = self.build(f"-L{self.folder}", "-Wl,--no-as-needed", "-lfmt")
        self.assert_one(check_library.check_dependencies(library), "needs libfmt")

    def test_another_soname_fails(self):
        library = self.build(soname="librocketmq_c.so.9")
        self.assert_one(check_library.check_dependencies(library), "librocketmq_c.so.9")

    def test_a_built_in_path_fails(self):
        library = self.build("-Wl,--enable-new-dtags,-rpath,/opt/lib")
        self.assert_one(check_library.check_dependencies(library), "has RUNPATH")

    def test_a_library_that_stays_loaded_fails(self):
        self.assertEqual(subprocess.run([os.environ["UNLOAD"], self.build(), "stub"]).returncode, 0)
        result = subprocess.run([os.environ["UNLOAD"], self.build("-Wl,-z,nodelete"), "stub"], capture_output=True, text=True)
        self.assertEqual(result.returncode, 1)
        self.assertIn("still mapped", result.stderr)


if __name__ == "__main__":
    unittest.main()
