"""Options: names and values of docs/options.md."""
import math
from collections.abc import Mapping
from typing import Any

from .errors import call, make
from .ffi import NULL, lib, text_in

Options = Mapping[str, str | int | float | bool]


def new_config(options: Options | None) -> Any:
    """Makes a config; values of other types than text are written as the library reads them."""
    config = make("rmq_config_t", lib.rmq_config_new, lib.rmq_config_destroy, NULL, 0)
    for name, value in (options or {}).items():
        text = str(value).lower() if isinstance(value, bool) else str(value)
        call(lib.rmq_config_set, config, *text_in(name), *text_in(text))
    return config


def milliseconds(seconds: float | None) -> int:
    """A time limit in C: None is the default. Rounded up, and never 0, which would mean the default too."""
    if seconds is None:
        return 0
    return math.ceil(seconds * 1000) or 1
