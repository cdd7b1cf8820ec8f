"""Just enough reading of C++ for the tree check: comments and literals blanked, includes, and functions with their lengths."""
import bisect
import dataclasses
import re

_TOKEN = re.compile(
    r"""//[^\n]*
      | /\*.*?\*/
      | R"(?P<delimiter>[^\s()\\]{0,16})\(.*?\)(?P=delimiter)"
      | "(?:\\.|[^"\\\n])*"
      | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])*'
    """,
    re.X | re.S,
)
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]+)[>"]', re.M)
_NOT_A_FUNCTION = re.compile(r"^(?:if|for|while|switch|catch|do|else|return)\b|^(?:inline\s+)?namespace\b")


@dataclasses.dataclass(frozen=True)
class Function:
    name: str
    line: int
    lines: int


def _blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def without_comments(text):
    """Comments become spaces; string and character literals stay."""
    return _TOKEN.sub(lambda m: _blank(m) if m.group().startswith("/") else m.group(), text)


def code_only(text):
    """Comments and literals become spaces; every character keeps its place."""
    return _TOKEN.sub(_blank, text)


def includes(text):
    """(line number, '<' or '"', path) of each include directive that is no comment."""
    text = without_comments(text)
    return [(text.count("\n", 0, m.start()) + 1, m.group(1), m.group(2)) for m in _INCLUDE.finditer(text)]


def _function_name(head):
    """The name when `head`, the text before an opening brace, starts a function body; otherwise None."""
    head = re.sub(r"\b(?:public|private|protected)\s*:|\[\[.*?\]\]", " ", head, flags=re.S).strip()
    head = re.sub(r"^template\s*<[^{]*?>\s*(?=[\w:~])", "", head, flags=re.S)
    if _NOT_A_FUNCTION.match(head) or "(" not in head or head.endswith(("=", ",", "(", "return")):
        return None
    if re.match(r'^(?:extern\s+"?\s*"?|enum\b|(?:class|struct|union)\s+[\w:]+\s*(?:final\s*)?(?::|$))', head):
        return None
    match = re.match(r"[^(]*?((?:[\w~]+(?:<[^()]*>)?::)*(?:operator\s*[^\s\w(]+|operator\s*\(\s*\)|operator\s+\w+|~?\w+))\s*\(",
                     head, re.S)
    return re.sub(r"\s+", " ", match.group(1)) if match else None


def functions(text):
    """Functions with a body, those inside classes included; lambdas and local classes count towards the one around."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", _blank, code_only(text), flags=re.M)
    newlines = [place for place, character in enumerate(code) if character == "\n"]

    def line_at(place):
        return bisect.bisect_left(newlines, place) + 1

    found, stack, head_start, inside, parens = [], [], 0, 0, 0
    for match in re.finditer(r"[{}();]", code):
        place, character = match.start(), match.group()
        if character in "()":
            parens += 1 if character == "(" else -1
        elif character == ";":
            if not inside and parens <= 0:
                head_start = place + 1
        elif character == "{":
            before = code[place - 1] if place else " "
            head = code[head_start:place]
            # Brace initialisers touch the name before them (`a_{1}`); bodies stand after a space.
            is_initialiser = parens > 0 or before.isalnum() or before in "_>"
            name = None if inside or is_initialiser else _function_name(head)
            stack.append((name, head_start + len(head) - len(head.lstrip()), is_initialiser))
            if name:
                inside += 1
            if not is_initialiser:
                head_start = place + 1
        elif stack:
            name, start, is_initialiser = stack.pop()
            if name:
                inside -= 1
                first, last = line_at(start), line_at(place)
                found.append(Function(name, first, last - first + 1))
            if not is_initialiser:
                head_start = place + 1
    return found


_UNNAMED_NAMESPACE = re.compile(r"\bnamespace\s*\{")
_DEFINITION = re.compile(
    r"^(?:template\s*<.*?>\s*)?(?:(?:struct|class|union|enum(?:\s+class)?)\s+(?P<type>\w+)(?=[^;]*$)"
    r"|using\s+(?P<alias>\w+)\s*="
    r"|(?:(?:static|inline|constexpr|const|constinit|thread_local)\s+)+[^=({]*?\b(?P<constant>\w+)\s*(?:\[[^\]]*\]\s*)?(?:=|$))",
    re.S)


def _parameter_types(parameters):
    """The parameters without their names and defaults, so that overloads differ and declarations do not."""
    types = []
    for parameter in re.split(r",(?![^<(]*[>)])", parameters):
        parameter = re.sub(r"=.*", "", parameter, flags=re.S).strip()
        types.append(re.sub(r"(?<=[\w&*>\s])\b\w+$", "", parameter).replace(" ", ""))
    return ", ".join(types)


def _end_of_block(code, place):
    """Behind the brace that closes the one at `place`."""
    depth = 0
    for match in re.finditer(r"[{}]", code[place:]):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return place + match.end()
    return len(code)


def unnamed_definitions(text):
    """(line number, name) of the types, constants and functions that unnamed namespaces define; functions with the types of
    their parameters."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", _blank, code_only(text), flags=re.M)
    found = []
    for namespace in _UNNAMED_NAMESPACE.finditer(code):
        place, end = namespace.end(), _end_of_block(code, namespace.end() - 1) - 1
        start = place
        while place < end:
            match = re.compile(r"[{;]").search(code, place, end)
            if not match:
                break
            head = code[start:match.start()]
            place = _end_of_block(code, match.start()) if match.group() == "{" else match.end()
            line = code.count("\n", 0, start + len(head) - len(head.lstrip())) + 1
            function = _function_name(head) if match.group() == "{" and head.rstrip() == head[:-1] else None
            defined = _DEFINITION.match(head.strip())
            if function:
                parameters = head[head.index("(") + 1:head.rindex(")")]
                found.append((line, f"{function}({_parameter_types(parameters)})"))
            elif defined and "(" not in head.split("=")[0]:
                found.append((line, defined["type"] or defined["alias"] or defined["constant"]))
            start = place
    return found
