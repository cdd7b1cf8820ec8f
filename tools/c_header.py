"""Reads include/rocketmq_c.h into declarations, for the cdef header and for the tests of the tree and the ABI.

The header is plain C99 on purpose, so that this needs the C preprocessor and no parser of C.
"""
import dataclasses
import os
import pathlib
import re
import shlex
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
HEADER = ROOT / "include" / "rocketmq_c.h"


class HeaderError(Exception):
    """The header holds something that foreign C parsers cannot read."""


@dataclasses.dataclass(frozen=True)
class Declaration:
    text: str  # on one line, with its semicolon
    function: str | None  # the name, when it declares a function


def preprocess(path, compiler=None):
    """The header's own text without comments, macros, conditions and the headers that it includes."""
    own = re.sub(r"^[ \t]*#[ \t]*include\b.*$", "", pathlib.Path(path).read_text(encoding="utf-8"), flags=re.M)
    command = shlex.split(compiler or os.environ.get("CC") or "cc") + ["-E", "-P", "-std=c99", "-xc", "-"]
    result = subprocess.run(command, input=own, capture_output=True, text=True)
    if result.returncode != 0:
        raise HeaderError(f"{path}: the preprocessor failed: {result.stderr.strip()}")
    return re.sub(r"__attribute__\s*\(\(.*?\)\)\s*", "", result.stdout)


def split_declarations(text):
    """Top-level declarations, each ending with a semicolon outside all braces."""
    depth, start, pieces = 0, 0, []
    for place, character in enumerate(text):
        if character in "{(":
            depth += 1
        elif character in "})":
            depth -= 1
        elif character == ";" and depth == 0:
            pieces.append(" ".join(text[start : place + 1].split()))
            start = place + 1
    rest = text[start:].strip()
    if rest or depth:
        raise HeaderError(f"not a declaration: '{rest[:80]}'")
    return pieces


def _function_name(text):
    if text.startswith(("typedef ", "struct ", "enum ", "union ")) and ("{" in text or text.startswith("typedef ")):
        return None
    match = re.match(r"[^({]*?\b(\w+)\s*\(", text)
    return match.group(1) if match else None


def read_declarations(path=HEADER, compiler=None):
    declarations = []
    for text in split_declarations(preprocess(path, compiler)):
        if re.match(r"(static|inline|extern)\b", text) or (_function_name(text) and "{" in text):
            raise HeaderError(f"only plain declarations can cross to other languages: '{text[:80]}'")
        declarations.append(Declaration(text, _function_name(text)))
    return declarations


def function_names(declarations):
    return [d.function for d in declarations if d.function]


@dataclasses.dataclass(frozen=True)
class Enumeration:
    tag: str
    values: dict[str, int]  # by the name of the enumerator


def enumerations(declarations):
    """Every enumeration, in the order of the header."""
    found, known = [], {}
    for declaration in declarations:
        match = re.match(r"(?:typedef )?enum\b\s*(\w*)[^{]*\{(.*)\}\s*(\w*)", declaration.text)
        if not match:
            continue
        following, values = 0, {}
        for entry in filter(None, (part.strip() for part in match.group(2).split(","))):
            name, _, expression = (part.strip() for part in entry.partition("="))
            if expression:
                if not re.fullmatch(r"[-+()\s\w<|~]+", expression):
                    raise HeaderError(f"enumerator {name}: cannot read '{expression}'")
                following = int(eval(expression, {"__builtins__": {}}, dict(known)))  # pylint: disable=eval-used
            known[name] = values[name] = following
            following += 1
        found.append(Enumeration(match.group(1) or match.group(3), values))
    return found


def enumerators(declarations):
    """name -> value of every enumerator."""
    return {name: value for one in enumerations(declarations) for name, value in one.values.items()}


def _plain(comment):
    """A comment's words on one line, without what it is drawn with."""
    return " ".join(re.sub(r"^\s*\*", "", line).strip() for line in comment.splitlines()).strip()


def comments(path=HEADER):
    """The comment behind each enumerator or on the lines above it, and the one right above each enumeration, by name or tag."""
    text = pathlib.Path(path).read_text(encoding="utf-8")
    inside = r"/\*(?!\*)((?:(?!\*/).)*)\*/"
    found = {}
    for match in re.finditer(rf"\b([A-Z]\w+)\b\s*(?:=\s*[-\w]+)?[ \t]*,?[ \t]*{inside}", text, re.S):
        found.setdefault(match.group(1), _plain(match.group(2)))
    for match in re.finditer(rf"^[ \t]+{inside}\n[ \t]+([A-Z]\w+)\b\s*=", text, re.S | re.M):
        found.setdefault(match.group(2), _plain(match.group(1)))
    for match in re.finditer(rf"{inside}\n(?:typedef )?enum (\w+)", text, re.S):
        found.setdefault(match.group(2), _plain(match.group(1)))
    return found
