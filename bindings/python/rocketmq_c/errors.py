"""Failures as exceptions that carry all the library knows of them."""
from typing import Any

from .codes import Category, Code, Outcome, ServerRole
from .ffi import NULL, ffi, lib, shown_text_out

SLOT = ffi.typeof("rmq_error_t **")  # what calls put their error in
_VIEW_SIZE = ffi.sizeof("rmq_error_view_t")
_TEXTS = ("name", "message", "hint", "remark", "address", "topic", "broker_name", "group", "client_id", "message_id")


class Error(Exception):
    """A failure. Empty texts and -1 mean "not concerned"; a code that this binding has no name for is a plain int."""

    code: Code | int
    category: Category | int
    outcome: Outcome | int  # whether the operation happened all the same
    retriable: bool  # the same call may succeed later without any change
    server_role: ServerRole | int
    response_code: int  # the server's own code
    queue_id: int
    name: str
    message: str  # what was tried, on what, and what happened
    hint: str  # what to try
    remark: str  # the server's words
    address: str
    topic: str
    broker_name: str
    group: str
    client_id: str
    message_id: str  # of a send: the unique id of its message
    count: int  # of a background error: how often it happened since it was told last
    elapsed: float | None  # of a send: seconds that it went on, all attempts together
    limit: float | None  # its time limit, in seconds

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" + (f" ({self.hint})" if self.hint else "")


def named(enumeration: Any, number: int) -> Any:
    """The member of an enumeration, or the number itself when it has none."""
    try:
        return enumeration(number)
    except ValueError:
        return number


def read_error(code: int, borrowed: Any = NULL) -> Error:
    """Reads a borrowed error object; without one (memory is exhausted) the code is all there is."""
    error = Error(code)
    view = ffi.new("rmq_error_view_t *")
    lib.rmq_error_view(borrowed, view, _VIEW_SIZE)
    for name in _TEXTS:
        setattr(error, name, shown_text_out(getattr(view, name), getattr(view, name + "_bytes")))
    if borrowed == NULL:
        error.name = ffi.string(lib.rmq_name(lib.RMQ_NAME_ERROR, code)).decode()
        error.message = ffi.string(lib.rmq_sentence(lib.RMQ_NAME_ERROR, code)).decode()
    error.code = named(Code, code)
    error.category = named(Category, view.category)
    error.outcome = named(Outcome, view.outcome)
    error.retriable = view.retriable != 0
    error.server_role = named(ServerRole, view.server_role)
    error.response_code = view.response_code
    error.queue_id = view.queue_id
    error.count = view.count
    error.elapsed = view.elapsed_ms / 1000 if view.elapsed_ms >= 0 else None
    error.limit = view.limit_ms / 1000 if view.limit_ms >= 0 else None
    return error


def take_error(code: int, slot: Any) -> Error:
    """Reads the owned error that a call left in its slot, and gives it up."""
    error = read_error(code, slot[0])
    lib.rmq_error_destroy(slot[0])
    return error


def call(function: Any, *arguments: Any) -> None:
    """Calls a C function whose last parameter is the error slot, and raises what it reports."""
    slot = ffi.new(SLOT)
    code = function(*arguments, slot)
    if code != 0:
        raise take_error(code, slot)


def make(kind: str, function: Any, destroy: Any, *arguments: Any) -> Any:
    """Makes an object whose handle is the out parameter before the error slot; collecting the handle destroys the object."""
    out = ffi.new(kind + " **")
    call(function, *arguments, out)
    return ffi.gc(out[0], destroy)
