"""Go: what becomes of the parameters of a C function. Each rule takes the parameters that it knows from the front of a list.

The first rule that fits decides. What no rule knows goes through as C has it, so that a new shape is never a failure.
"""
import dataclasses
import re

from . import names

NUMBERS = {
    "size_t": "int", "uint8_t": "uint8", "int8_t": "int8", "uint16_t": "uint16", "int16_t": "int16", "uint32_t": "uint32",
    "int32_t": "int32", "uint64_t": "uint64", "int64_t": "int64", "double": "float64", "float": "float32",
}
WHOLE = ("id", "ms", "fd", "ok", "sql92")  # words that Go writes in capitals
KEYWORDS = set("break case chan const continue default defer else fallthrough for func go goto if import interface map package "
               "range return select struct switch type var".split())
TAKEN = KEYWORDS | set(NUMBERS.values()) | {"len", "string", "byte", "nil", "out", "unsafe", "C"}  # by the bodies


@dataclasses.dataclass
class Piece:
    """What one or more parameters of a C function become."""
    parameters: list  # the C parameters
    inputs: list = dataclasses.field(default_factory=list)  # (name, type) of the parameters of the Go function
    setup: list = dataclasses.field(default_factory=list)  # lines before the call
    arguments: list = dataclasses.field(default_factory=list)  # Go expressions
    fields: list = dataclasses.field(default_factory=list)  # (name, C type) of what C gives
    calls: list = dataclasses.field(default_factory=list)  # C expressions for what C gives
    results: list = dataclasses.field(default_factory=list)  # (name, type, expression) of the results of the Go function
    is_error: bool = False


def go_name(name):
    """"timeout_ms" as "timeoutMS"."""
    if name == "error":
        return "err"
    first, *rest = name.split("_")
    spelled = first.lower() + names.camel("_".join(rest), WHOLE)
    return spelled + "Value" if spelled in TAKEN else spelled


def own_type(name):
    """The Go name of a type of the header: rmq_event_view_t is ffiEventView."""
    return "ffi" + names.camel(name.removeprefix("rmq_").removesuffix("_t"), WHOLE)


def go_type(c_type, header):
    if c_type.base == "void" and c_type.pointers:
        return "*" * (len(c_type.pointers) - 1) + "unsafe.Pointer"
    own = c_type.base.startswith("rmq_")
    base = own_type(c_type.base) if own else f"C.{c_type.base}" if c_type.pointers else NUMBERS.get(c_type.base, f"C.{c_type.base}")
    return "*" * len(c_type.pointers) + base


def c_text(c_type):
    """The type as C spells it: "const char **"."""
    text = ("const " if c_type.pointers[:1] == (True,) else "") + c_type.base
    for place in range(len(c_type.pointers)):
        text += ("" if text.endswith("*") else " ") + "*" + ("const " if c_type.pointers[place + 1:place + 2] == (True,) else "")
    return text


def from_c(expression, c_type):
    """A C value as Go has it."""
    return f"{NUMBERS[c_type.base]}({expression})" if c_type.is_value and c_type.base in NUMBERS else expression


def field(name):
    """How Go reads a field of a C struct."""
    return f"out.{'_' if name in KEYWORDS else ''}{name}"


def is_size(parameter):
    return parameter is not None and parameter.type.base == "size_t" and parameter.type.is_value


def is_length_of(parameter, name):
    return is_size(parameter) and parameter.name in (f"{name}_bytes", f"{name}_size", "bytes", "size")


def is_count_of(parameter, name):
    return is_size(parameter) and re.fullmatch(rf"({name}_|{name.removesuffix('s')}_)?(count|count_max|max)", parameter.name)


def given(parameters, name, kind, arguments, setup=()):
    return Piece(parameters, inputs=[(name, kind)], setup=list(setup), arguments=arguments)


def taken(parameter, c_type, header, name=None):
    """A parameter that C fills."""
    return Piece([parameter], fields=[(parameter.name, c_text(c_type))], calls=[f"&go_out.{parameter.name}"],
                 results=[(name or go_name(parameter.name), go_type(c_type, header), from_c(field(parameter.name), c_type))])


def error_slot(header, first, *_):
    """rmq_error_t **error: the last result."""
    if first.type.base == "rmq_error_t" and first.type.pointers == (False, False):
        piece = taken(first, first.type.pointee, header, "err")
        piece.is_error = True
        return piece


def text(header, first, second, *_):
    """const char *x, size_t x_bytes: a text, which may be absent."""
    if first.type.base == "char" and first.type.pointers == (True,) and is_length_of(second, first.name):
        name = go_name(first.name)
        return given([first, second], name, "ffiText", [f"{name}.pointer", f"{name}.bytes"])


def zero_terminated_text(header, first, *_):
    """const char *x without a length: a text that is copied for the call."""
    if first.type.base == "char" and first.type.pointers == (True,):
        name = go_name(first.name)
        setup = [f"{name}Text := C.CString({name})", f"defer C.free(unsafe.Pointer({name}Text))"]
        return given([first], name, "string", [f"{name}Text"], setup)


def text_result(header, first, second, *_):
    """const char **x, size_t *x_bytes: a text, which may be absent."""
    if (first.type.base == "char" and first.type.pointers == (True, False) and second is not None
            and second.name == f"{first.name}_bytes" and second.type.base == "size_t" and second.type.pointers == (False,)):
        return Piece([first, second], fields=[(first.name, "const char *"), (second.name, "size_t")],
                     calls=[f"&go_out.{first.name}", f"&go_out.{second.name}"],
                     results=[(go_name(first.name), "ffiText", f"ffiText{{{field(first.name)}, {field(second.name)}}}")])


def memory(header, first, second, *_):
    """Bytes with their length, to be read or to be filled: a slice. Constant bytes without a length, too."""
    if first.type.base not in ("void", "uint8_t", "char") or len(first.type.pointers) != 1:
        return None
    with_length = is_length_of(second, first.name)
    if not with_length and not (first.type.base == "void" and first.type.leads_to_const):
        return None
    name = go_name(first.name)
    pointer = f"ffiBytes({name})" if first.type.base == "void" else f"(*C.{first.type.base})(ffiBytes({name}))"
    if with_length:
        return given([first, second], name, "[]byte", [pointer, f"C.size_t(len({name}))"])
    return given([first], name, "[]byte", [pointer])


def views(header, first, second, third):
    """view_t *views, size_t view_size, size_t count: a slice. Without a count it is one view, which C fills."""
    if first.type.base not in header.struct_names or len(first.type.pointers) != 1:
        return None
    if not is_size(second) or not second.name.endswith("_size"):
        return None
    name, own = go_name(first.name), own_type(first.type.base)
    if is_size(third) and re.search(r"(^|_)count(_max)?$", third.name):
        return given([first, second, third], name, f"[]{own}",
                     [f"ffiFirst({name})", f"C.size_t(unsafe.Sizeof({own}{{}}))", f"C.size_t(len({name}))"])
    if first.type.leads_to_const:
        return given([first, second], name, f"*{own}", [name, f"C.size_t(unsafe.Sizeof(*{name}))"])
    return Piece([first, second], fields=[(first.name, first.type.base)],
                 calls=[f"&go_out.{first.name}", f"sizeof go_out.{first.name}"], results=[(name, own, field(first.name))])


def array(header, first, second, *_):
    """Pointers to constant numbers or pointers; those to others only with a count behind them, which C must not pass."""
    inner = first.type.pointee
    if not first.type.pointers or (inner.is_value and inner.base not in NUMBERS):
        return None
    name = go_name(first.name)
    element = go_type(inner, header) if inner.pointers else NUMBERS[inner.base]
    c_element = go_type(inner, header) if inner.pointers else f"C.{inner.base}"
    if inner.is_value and inner.base == "size_t":
        element = "C.size_t"
    pointer = f"(*{c_element})(ffiFirst({name}))" if element != c_element and inner.is_value else f"ffiFirst({name})"
    if is_count_of(second, first.name) and not first.type.leads_to_const:
        return given([first, second], name, f"[]{element}", [pointer, f"C.size_t(len({name}))"])
    return given([first], name, f"[]{element}", [pointer]) if first.type.leads_to_const else None


def filled(header, first, *_):
    """A pointer to a number or to a pointer, which C fills: a result."""
    inner = first.type.pointee
    if first.type.pointers and (inner.pointers or inner.base in NUMBERS):
        return taken(first, inner, header)


def as_it_is(header, first, *_):
    """Numbers, handles, functions, user_data and whatever no rule knows."""
    name = go_name(first.name)
    is_number = first.type.is_value and first.type.base in NUMBERS
    return given([first], name, go_type(first.type, header), [f"C.{first.type.base}({name})" if is_number else name])


RULES = (error_slot, text, text_result, memory, zero_terminated_text, views, array, filled, as_it_is)


def pieces(function, header):
    """What the parameters of a function become, from the first to the last."""
    rest, found = list(function.parameters), []
    # C keeps a pinned body beyond the call, and Go may move or free its own memory then: such a pointer goes through as it is.
    rules = [rule for rule in RULES if rule is not memory] if function.name.endswith("_pinned") else RULES
    while rest:
        window = (rest + [None, None])[:3]
        piece = next(filter(None, (rule(header, *window) for rule in rules)))
        found.append(piece)
        rest = rest[len(piece.parameters):]
    return found
