"""Options: names and values of docs/options.md."""
import math
from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from .codes import LoadSource
from .errors import call, make
from .ffi import NULL, ffi, lib, optional_text_in, text_in, text_out, wrong_type

Value = str | int | float | bool


class Option(NamedTuple):
    """What the library says of one option."""

    name: str
    kind: str  # "boolean", "integer", "duration", "size", "text", "secret", "choice", ...
    unit: str | None
    default: str | None  # None: not set
    sentence: str
    choices: tuple[str, ...]
    minimum: int
    maximum: int
    owners: int  # a sum of OptionOwner
    live_owners: int  # those whose update() takes it
    is_secret: bool
    is_code_only: bool  # no file and no environment sets it


class Config:
    """A set of options, for a runtime, its producers and its consumers. It belongs to one thread at a time.

    Objects that are made with a config keep a copy: what is set later does not reach them.
    """

    def __init__(self, options: Mapping[str, Value] | None = None, *, predefined: str | None = None) -> None:
        """:param predefined: "default", "high_throughput", "low_latency" or "low_memory": what is not set"""
        self.handle = make("rmq_config_t", lib.rmq_config_new, lib.rmq_config_destroy,
                           *optional_text_in("predefined", predefined))
        for name, value in (options or {}).items():
            if value is None:
                raise wrong_type(f"option {name}", value, "a str, a number or a bool; leave an option out to have its default")
            self.set(name, value)

    def set(self, name: str, value: Value | None) -> None:
        """Sets one option. Numbers and booleans are written as the library reads them; None is the default again."""
        if not isinstance(value, (str, int, float, type(None))):
            raise wrong_type(f"option {name}", value, "a str, a number or a bool")
        text = str(value).lower() if isinstance(value, bool) else value if value is None else str(value)
        call(lib.rmq_config_set, self.handle, *text_in("the name of an option", name),
             *optional_text_in(f"option {name}", text))

    def get(self, name: str) -> str | None:
        """Reads one option as text: its default when it is not set, None without one. Secrets read as "***"."""
        value, size = ffi.new("const char **"), ffi.new("size_t *")
        call(lib.rmq_config_get, self.handle, *text_in("the name of an option", name), value, size)
        return text_out(value[0], size[0])

    def load_text(self, lines: str) -> None:
        """Sets what lines "name = value" say: all of them or none."""
        call(lib.rmq_config_load, self.handle, LoadSource.TEXT, *text_in("lines", lines))

    def load_file(self, path: Any) -> None:
        """Reads a file of such lines."""
        call(lib.rmq_config_load, self.handle, LoadSource.FILE, *text_in("path", str(path)))

    def load_environment(self) -> None:
        """Reads the variables ROCKETMQ_<NAME>, and NAMESRV_ADDR."""
        call(lib.rmq_config_load, self.handle, LoadSource.ENVIRONMENT, NULL, 0)

    def copy(self) -> Self:
        """Makes an independent copy."""
        made = object.__new__(type(self))
        pointer = lib.rmq_config_copy(self.handle)
        if pointer == NULL:
            raise MemoryError
        made.handle = ffi.gc(pointer, lib.rmq_config_destroy)
        return made


Options = Mapping[str, Value] | Config


def config_in(options: Options | None) -> Any:
    """The handle of what stands for options; None is a null pointer."""
    if options is None:
        return NULL
    if isinstance(options, Config):
        return options.handle
    if not isinstance(options, Mapping):
        raise wrong_type("options", options, "a Config or a mapping of names to values")
    return Config(options).handle


def list_options() -> list[Option]:
    """All options that the library has, in the order of its table."""
    options = []
    view = ffi.new("rmq_option_view_t *")
    while lib.rmq_config_describe(len(options), view, ffi.sizeof("rmq_option_view_t")) == 0:
        choices = text_out(view.choices, view.choices_bytes)
        options.append(Option(
            text_out(view.name, view.name_bytes), text_out(view.kind, view.kind_bytes),
            text_out(view.unit, view.unit_bytes), text_out(view.default_value, view.default_value_bytes),
            text_out(view.sentence, view.sentence_bytes), tuple(choices.split("|")) if choices else (),
            view.minimum, view.maximum, view.owners, view.live_owners, view.is_secret != 0, view.is_code_only != 0))
    return options


def milliseconds(seconds: float | None) -> int:
    """A time limit in C: None is the default. Rounded up, and never 0, which would mean the default too."""
    if seconds is None:
        return 0
    if not isinstance(seconds, (int, float)):
        raise wrong_type("timeout", seconds, "a number of seconds")
    return math.ceil(seconds * 1000) or 1
