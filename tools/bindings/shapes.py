"""What a header declares, taken apart: handles, types of functions, enumerations, structs and functions."""
import dataclasses
import re

import c_header


@dataclasses.dataclass(frozen=True)
class CType:
    base: str  # "char", "int32_t", "rmq_event_t", ...
    pointers: tuple[bool, ...] = ()  # from the inside out: whether what the pointer leads to is const

    @property
    def is_value(self):
        return not self.pointers

    @property
    def pointee(self):
        return CType(self.base, self.pointers[:-1])

    @property
    def leads_to_const(self):
        return bool(self.pointers) and self.pointers[-1]


@dataclasses.dataclass(frozen=True)
class Variable:
    """A parameter or a field."""
    name: str
    type: CType
    text: str  # as C declares it


@dataclasses.dataclass(frozen=True)
class Function:
    """A function, or the type of a pointer to one."""
    name: str
    parameters: tuple[Variable, ...]
    result: CType | None  # None: void


@dataclasses.dataclass(frozen=True)
class Struct:
    name: str
    fields: tuple[Variable, ...]


@dataclasses.dataclass(frozen=True)
class Enumerator:
    name: str
    value: int
    comment: str


@dataclasses.dataclass(frozen=True)
class Enumeration:
    tag: str
    comment: str
    members: tuple[Enumerator, ...]


@dataclasses.dataclass
class Header:
    file: str  # "rocketmq_c.h"
    handles: list[str] = dataclasses.field(default_factory=list)
    callbacks: list[Function] = dataclasses.field(default_factory=list)
    enumerations: list[Enumeration] = dataclasses.field(default_factory=list)
    structs: list[Struct] = dataclasses.field(default_factory=list)
    functions: list[Function] = dataclasses.field(default_factory=list)

    def __post_init__(self):
        self.struct_names = set()


def _type(text):
    base, const, pointers = None, False, []
    for token in re.findall(r"\w+|\*|\S", text):
        if token == "const":
            const = True
        elif token == "*":
            pointers.append(const)
            const = False
        elif re.fullmatch(r"\w+", token) and base is None:
            base = token
        elif token != "struct":
            raise c_header.HeaderError(f"cannot read the type '{text}'")
    return CType(base, tuple(pointers))


def _result(text):
    return None if text.strip() == "void" else _type(text)


def _variables(text, separator):
    found = []
    for entry in filter(None, (part.strip() for part in text.split(separator))):
        if entry == "void":
            continue
        match = re.fullmatch(r"(.*[\s*])(\w+)", entry)
        if not match:
            raise c_header.HeaderError(f"cannot read '{entry}': expected a type and a name")
        found.append(Variable(match.group(2), _type(match.group(1)), entry))
    return tuple(found)


def _add(header, declaration):
    text = declaration.text
    if match := re.fullmatch(r"typedef struct \w+ (\w+);", text):
        header.handles.append(match.group(1))
    elif match := re.fullmatch(r"typedef struct \w* ?\{(.*)\} (\w+);", text):
        header.structs.append(Struct(match.group(2), _variables(match.group(1), ";")))
        header.struct_names.add(match.group(2))
    elif match := re.fullmatch(r"typedef (.*?)\(\*(\w+)\)\((.*)\);", text):
        header.callbacks.append(Function(match.group(2), _variables(match.group(3), ","), _result(match.group(1))))
    elif declaration.function and (match := re.fullmatch(r"(.*?)(\w+)\s*\(([^()]*)\);", text)):
        header.functions.append(Function(match.group(2), _variables(match.group(3), ","), _result(match.group(1))))
    elif not re.match(r"(typedef )?enum\b", text):
        raise c_header.HeaderError(f"no rule makes a binding of '{text[:80]}'")


def read(path, compiler=None):
    """The shapes of one header."""
    header, declarations = Header(path.name), c_header.read_declarations(path, compiler)
    comments = c_header.comments(path)
    for declaration in declarations:
        _add(header, declaration)
    for one in c_header.enumerations(declarations):
        members = tuple(Enumerator(name, value, comments.get(name, "")) for name, value in one.values.items())
        header.enumerations.append(Enumeration(one.tag.removesuffix("_e"), comments.get(one.tag, ""), members))
    return header
