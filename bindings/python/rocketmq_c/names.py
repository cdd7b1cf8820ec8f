"""Numbers of the library in words, and its version."""
from .codes import NameGroup
from .ffi import ffi, lib, number_in


def name(group: NameGroup, value: int) -> str:
    """Names a number, for example "TOO_LARGE"; "UNKNOWN" when the library does not know it."""
    return ffi.string(lib.rmq_name(number_in("group", group), number_in("value", value))).decode()


def sentence(group: NameGroup, value: int) -> str:
    """Describes a number in one sentence."""
    return ffi.string(lib.rmq_sentence(number_in("group", group), number_in("value", value))).decode()


def version() -> tuple[int, int, int]:
    """The version of the library that is loaded: major, minor, patch."""
    number = lib.rmq_version()
    return number // 1_000_000, number // 1000 % 1000, number % 1000


def version_text() -> str:
    """The version as text, for example "0.2.0"."""
    return ffi.string(lib.rmq_version_text()).decode()
