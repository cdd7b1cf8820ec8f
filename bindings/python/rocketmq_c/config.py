"""Options: names and values of docs/options.md."""
import math
from collections.abc import Mapping
from typing import Any

from .errors import call, make
from .ffi import NULL, lib, text_in, wrong_type

Options = Mapping[str, str | int | float | bool]


def new_config(options: Options | None) -> Any:
    """Makes a config; values of other types than text are written as the library reads them."""
    config = make("rmq_config_t", lib.rmq_config_new, lib.rmq_config_destroy, NULL, 0)
    for name, value in (options or {}).items():
        if not isinstance(value, (str, int, float)):
            raise wrong_type(f"option {name}", value, "a str, a number or a bool; leave an option out to have its default")
        text = str(value).lower() if isinstance(value, bool) else str(value)
        call(lib.rmq_config_set, config, *text_in("the name of an option", name), *text_in(f"option {name}", text))
    return config


def milliseconds(seconds: float | None) -> int:
    """A time limit in C: None is the default. Rounded up, and never 0, which would mean the default too."""
    if seconds is None:
        return 0
    if not isinstance(seconds, (int, float)):
        raise wrong_type("timeout", seconds, "a number of seconds")
    return math.ceil(seconds * 1000) or 1
