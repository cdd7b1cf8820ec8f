"""Every function of the C ABI is called by what is written by hand, or is named here with a reason."""
import pathlib
import re
import unittest

import rocketmq_c

SYMBOLS = pathlib.Path(__file__).resolve().parents[3] / "tests" / "abi" / "symbols.txt"

EXCEPTIONS = {
    "rmq_error_code": "rmq_error_view reads all parts of an error at once",
    "rmq_error_message": "as rmq_error_code",
    "rmq_error_retain": "errors are copied into exceptions",
    "rmq_event_queue_set_wakeup": "a wake-up function must not call the library, but Python's collector may run anywhere and gives "
                                  "up objects of the library; EventQueue.fd is for loops",
}


class ReachableTest(unittest.TestCase):
    def test_every_function_is_reachable(self):
        functions = [line.split()[0] for line in SYMBOLS.read_text().splitlines() if line and not line.startswith("#")]
        self.assertGreater(len(functions), 80)
        package = pathlib.Path(rocketmq_c.__file__).parent
        text = "\n".join(path.read_text() for path in sorted(package.glob("*.py")) if path.name != "codes.py")
        called = set(re.findall(r"\blib\.(rmq_\w+)", text))
        self.assertEqual([name for name in functions if name not in called and name not in EXCEPTIONS], [])
        self.assertEqual([name for name in EXCEPTIONS if name in called or name not in functions], [], "needless exceptions")


if __name__ == "__main__":
    unittest.main()
