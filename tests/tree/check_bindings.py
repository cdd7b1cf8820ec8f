#!/usr/bin/env python3
"""Reads the bindings and reports where they say something else than the headers in include/.

  words    every RMQ_ and rmq_ name that a binding mentions is in a header
  numbers  a number that a binding gives to an enumerator is its header's
  codes    lists of codes pair each name with the enumerator of that name, and lack no RMQ_ERROR_
  rust     the functions and structs that Rust declares are the headers', parameter by parameter
"""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import c_header  # noqa: E402

SUFFIXES = (".lua", ".go", ".py", ".rs")
# Where each binding lists the codes, and the expression that an enumerator is there.
CODE_LISTS = {"go/codes.go": r"C\.", "python/rocketmq_c/codes.py": r"lib\.", "rust/src/codes.rs": r"\w+\(ffi::"}
RUST_FFI = ("bindings/rust/sys/src/lib.rs", "bindings/rust/sys/src/testbroker.rs")
RUST_BASES = {
    "char": "c_char", "void": "c_void", "size_t": "usize", "uint8_t": "u8", "int32_t": "i32", "uint32_t": "u32",
    "int64_t": "i64", "uint64_t": "u64",
}
# Names of the tests themselves.
OWN_NAMES = re.compile(r"RMQ_TEST_|RMQ_TESTBROKER$|rmq_test_")


class Header:
    def __init__(self, root):
        headers = sorted((root / "include").glob("*.h"))
        self.declarations = [declaration for path in headers for declaration in c_header.read_declarations(path)]
        self.numbers = c_header.enumerators(self.declarations)
        self.words = {word for d in self.declarations for word in re.findall(r"\w+", d.text)}


def sources(root):
    """(path relative to root, text) of each file of the bindings."""
    for path in sorted((root / "bindings").rglob("*")):
        if path.suffix in SUFFIXES:
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def line_of(text, match):
    return text.count("\n", 0, match.start()) + 1


def check_words(root, header):
    for name, text in sources(root):
        for match in re.finditer(r"\b(?:RMQ|rmq)_\w*[^\W_]\b", text):
            word = match.group()
            if word not in header.words and not OWN_NAMES.match(word):
                yield f"{name}:{line_of(text, match)}: {word} is in no header of include/"


def check_numbers(root, header):
    for name, text in sources(root):
        for match in re.finditer(r"\b(RMQ_\w+)\b[^\n=]*=\s*(-?\d+)\b", text):
            word, number = match.group(1), int(match.group(2))
            if word in header.numbers and header.numbers[word] != number:
                yield f"{name}:{line_of(text, match)}: {word} is {number}, in include/ {header.numbers[word]}"


def folded(name):
    """Names of all languages' forms alike: TooLarge, TOO_LARGE."""
    return name.replace("_", "").lower()


def check_codes(root, header):
    errors = {name for name in header.numbers if name.startswith("RMQ_ERROR_")}
    for file, place in CODE_LISTS.items():
        path = root / "bindings" / file
        if not path.exists():
            yield f"bindings/{file}: missing; place it in CODE_LISTS of tests/tree/check_bindings.py"
            continue
        text, listed = path.read_text(encoding="utf-8"), set()
        for match in re.finditer(rf"\b(\w+)(?: *:)?(?: +\w+)? *= *{place}(RMQ_\w+)", text):
            own, word = match.groups()
            listed.add(word)
            group, _, rest = word.removeprefix("RMQ_").partition("_")
            if folded(own) not in (folded(rest), folded(group + rest), folded(group.replace("ERROR", "CODE") + rest)):
                yield f"bindings/{file}:{line_of(text, match)}: {own} is no name for {word}"
        for word in sorted(errors - listed):
            yield f"bindings/{file}: {word} is missing"


def rust_type(c_type):
    """The Rust form of a C type: 'const char **' is '*mut *const c_char'."""
    tokens = re.findall(r"\w+|\*", c_type)
    constant, result = False, None
    for token in tokens:
        if token == "const":
            constant = True
        elif token == "*":
            result = ("*const " if constant else "*mut ") + result
            constant = False
        else:
            result = RUST_BASES.get(token, token)
    return result


def c_members(text, separator):
    """[(name, Rust type)] of parameters or fields."""
    members = []
    for entry in filter(None, (part.strip() for part in text.split(separator))):
        match = re.match(r"(.*?)(\w+)$", entry)
        if entry != "void":
            members.append((match.group(2), rust_type(match.group(1))))
    return members


def c_shapes(header):
    """Rust name of a function or struct -> (members, result)."""
    shapes = {}
    for declaration in header.declarations:
        struct = re.fullmatch(r"typedef struct \w+ \{(.*)\} (\w+);", declaration.text)
        if struct:
            shapes[struct.group(2)] = (c_members(struct.group(1), ";"), None)
        elif declaration.function:
            match = re.fullmatch(r"(.*?)(\w+)\((.*)\);", declaration.text)
            result = None if match.group(1).strip() == "void" else rust_type(match.group(1))
            shapes[match.group(2)] = (c_members(match.group(3), ","), result)
    return shapes


def rust_members(text):
    members = (part.strip().removeprefix("pub ").removeprefix("r#") for part in text.split(","))
    return [tuple(word.strip() for word in member.split(":", 1)) for member in members if member]


def rust_declarations(text):
    """(match, members, result) of each function and struct with fields."""
    for match in re.finditer(r"\bpub fn (\w+)\s*\(([^)]*)\)\s*(?:->\s*([^;{]+))?;", text):
        yield match, rust_members(match.group(2)), match.group(3) and " ".join(match.group(3).split())
    for match in re.finditer(r"\bpub struct (\w+)\s*\{([^}]*)\}", text):
        if "_private" not in match.group(2):
            yield match, rust_members(match.group(2)), None


def check_rust(root, header):
    shapes = c_shapes(header)
    for file in RUST_FFI:
        path = root / file
        if not path.exists():
            yield f"{file}: missing; place it in RUST_FFI of tests/tree/check_bindings.py"
            continue
        text = re.sub(r"//[^\n]*", "", path.read_text(encoding="utf-8"))
        for match, members, result in rust_declarations(text):
            name, place = match.group(1), f"{file}:{line_of(text, match)}"
            if name not in shapes:
                if name.startswith("rmq_"):
                    yield f"{place}: {name} is in no header of include/"
                continue
            expected, expected_result = shapes[name]
            if members != expected:
                odd = next(((a, b) for a, b in zip(members, expected) if a != b), (len(members), len(expected)))
                yield f"{place}: {name} has {odd[0]}, in include/ {odd[1]}"
            if result != expected_result:
                yield f"{place}: {name} gives {result}, in include/ {expected_result}"


RULES = {"words": check_words, "numbers": check_numbers, "codes": check_codes, "rust": check_rust}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*", choices=[[], *RULES], help="default: all of them")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    options = parser.parse_args()
    header = Header(options.root)
    problems = [p for rule in options.rules or RULES for p in RULES[rule](options.root, header)]
    print("\n".join(problems) if problems else f"fine: {', '.join(options.rules or RULES)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
