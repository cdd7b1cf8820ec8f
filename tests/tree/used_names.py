"""Which names a source uses without an include that declares them. Several sources of a folder are compiled as one, and a common
header is precompiled, so the compiler does not miss such an include.

This reads text, not C++: `base::Error` asks for an include, direct or not, that declares the word; so does a type, constant or
function of the source's own folder; `std::vector` asks for a header of the table below.
"""
import re

import cpp_text

_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.M)
_DECLARED = re.compile(
    r"\b(?:class|struct|enum class|enum|union)\s+(?:\[\[\w+\]\]\s+)?(?:RMQ_\w+(?:\([^)]*\))?\s+)?(\w+)\s*(?:final\s*)?[:;{]"
    r"|\busing\s+(\w+)\s*=|\btypename\s+(\w+)|\b(k[A-Z]\w+)\s*[=,({\[}]")
_FREE_FUNCTION = re.compile(r"^(?!using|namespace|return)(?:[\w:<>,&*]+[ \n]+)*[\w:<>,&*]+[ \n&*]+(\w+)\(", re.M)
_CALLED = re.compile(r"(?<![\w:.>])(\w+)\(")
_QUALIFIED = re.compile(r"\b(\w+)::(\w+)")
_OWN = re.compile(r"(?<![\w:.>])([A-Z]\w*|k[A-Z]\w+)\b")

_STANDARD = {
    "algorithm": "min max clamp sort any_of all_of none_of find_if remove_if count_if lower_bound upper_bound fill copy stable_sort",
    "array": "array", "atomic": "atomic", "chrono": "chrono", "charconv": "from_chars to_chars", "cstdint": "int32_t uint32_t uint64_t uint8_t",
    "cstring": "memcpy memset memcmp strlen", "deque": "deque", "functional": "function", "limits": "numeric_limits", "list": "list",
    "map": "map multimap", "memory": "unique_ptr shared_ptr weak_ptr make_unique make_shared", "new": "bad_alloc nothrow",
    "optional": "optional nullopt", "set": "set", "span": "span", "string": "string to_string", "string_view": "string_view",
    "unordered_map": "unordered_map", "utility": "pair exchange", "variant": "variant get_if", "vector": "vector",
}
# Headers that declare another one's names by the standard, or always did.
_ALSO = {
    "cstdint": {"chrono", "string"}, "string_view": {"string"}, "new": {"memory", "string", "vector"},
    "utility": {"memory", "string", "vector", "map", "functional", "optional", "algorithm", "set", "variant", "array", "deque"},
}
_HEADER_OF = {name: header for header, names in _STANDARD.items() for name in names.split()}


class Sources:
    def __init__(self, texts):
        """`texts`: path below src/ -> text."""
        self._includes = {name: [include for _, _, include in cpp_text.includes(text)] for name, text in texts.items()}
        self._code = {name: _DIRECTIVE.sub("", cpp_text.code_only(text)) for name, text in texts.items()}
        self._words = {name: set(re.findall(r"\w+", text)) for name, text in texts.items()}
        self._folders = {name.split("/")[0] for name in texts}
        self._declared = {}  # folder -> name -> files
        self._declared_by = {}  # file -> names
        for name, code in self._code.items():
            found = {next(filter(None, match.groups())) for match in _DECLARED.finditer(code)}
            if name.endswith(".h"):
                found |= {match.group(1) for match in _FREE_FUNCTION.finditer(code)}
            self._declared_by[name] = found
            for word in found:
                self._declared.setdefault(name.split("/")[0], {}).setdefault(word, set()).add(name)

    def seen_by(self, name, seen=None):
        """The file itself and all that it includes, directly or not."""
        seen = {name} if seen is None else seen
        for include in self._includes.get(name, []):
            if include not in seen:
                seen.add(include)
                self.seen_by(include, seen)
        return seen

    def _defined_in(self, name):
        return set(re.findall(r"(?:\b(?!return|else|throw)\w+|[>&*])\s+(\w+)\(", self._code[name]))

    def missing(self, name):
        """The names that `name` uses without an include for them."""
        code, seen, folder = self._code[name], self.seen_by(name), name.split("/")[0]
        headers = {include for file in seen for include in self._includes.get(file, [])}
        for space, word in sorted(set(_QUALIFIED.findall(code))):
            if space in self._folders and space != folder:
                known = self._declared_by if word in self._declared.get(space, {}) else self._words
                if not any(word in known.get(file, ()) for file in seen - {name}) and word not in self._declared_by[name]:
                    yield f"{space}::{word}"
            elif space == "std" and word in _HEADER_OF:
                if not {_HEADER_OF[word], *_ALSO.get(_HEADER_OF[word], ())} & headers:
                    yield f"std::{word}"
        if re.search(r"\bassert\(", code) and "cassert" not in headers:
            yield "assert"
        own = self._declared.get(folder, {})
        for word in sorted({*_OWN.findall(code), *_CALLED.findall(code)} & set(own)):
            if any(file.endswith(".h") for file in own[word]) and not any(word in self._declared_by.get(file, ()) for file in seen):
                if word not in self._defined_in(name):
                    yield word
