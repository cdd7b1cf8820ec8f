"""Counts the calls from Python into the library."""
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rocketmq_c import ffi as declared

_REAL = declared.lib


class CountingLib:
    """Stands before the library: constants are as they are, functions are counted when they are called."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        value = getattr(_REAL, name)
        if not name.startswith("rmq_"):
            return value

        def counted(*arguments: Any) -> Any:
            self.calls[name] += 1
            return value(*arguments)

        return counted

    @property
    def total(self) -> int:
        return sum(self.calls.values())


@contextmanager
def count_crossings() -> Iterator[CountingLib]:
    """Has every module of the binding call the library through a counter."""
    counting = CountingLib()
    modules = [module for name, module in sys.modules.items()
               if name.startswith("rocketmq_c.") and getattr(module, "lib", None) is _REAL]
    for module in modules:
        module.lib = counting
    try:
        yield counting
    finally:
        for module in modules:
            module.lib = _REAL
