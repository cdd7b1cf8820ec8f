#!/usr/bin/env python3
"""Reads the source tree and reports what breaks its rules (src/README.md has the picture they come from).

  layers    an include in src/ points downward only, and no file declares what belongs to another layer
  libuv     uv.h is included in src/transport only
  threads   threads are made in src/base/thread.cc only, and nothing uses libuv's process-wide pool
  locks     locks are those of src/base/mutex.h, which clang can prove; check_locks.py does
  frames    requests become frames in src/cluster/request_decorator.* only, which signs and decorates them
  json      nothing in src/ includes nlohmann: its trees and its lexer end the process where memory is exhausted
  symbols   the functions of include/rocketmq_c.h are the lines of tests/abi/symbols.txt; rocketmq_testbroker.h likewise
  codes     the RMQ_ERROR_ enumerators of the header are the table src/base/error_codes.def, number by number
  options   each option of src/config/option_table.def is read by a file outside src/config, or marked as without effect
  macros    headers define their guard, RMQ_API and the version numbers only: constants are enumerators
  unity     the sources of one folder can be compiled as one: what their unnamed namespaces define has a name of its own
  ratchet   no function or file is longer than its limit, but for those that tests/tree/ratchet.txt lists with a length
  includes  each source of src/ includes what it names, directly or not (used_names.py tells how far that goes)
  sentences  no sentence of a comment in include/ and src/, or of a page for readers, has more than 25 words (prose.py counts)
"""
import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import c_header  # noqa: E402
import cpp_text  # noqa: E402
import prose  # noqa: E402
import used_names  # noqa: E402

# What each folder of src/ may include besides itself.
LAYERS = {
    "base": [],
    "wire": ["base"],
    "transport": ["base"],
    "protocol": ["base", "wire"],
    "remoting": ["base", "wire", "transport"],
    "message": ["base"],
    "event": ["base", "message"],
    "config": ["base"],
    "cluster": ["base", "wire", "transport", "protocol", "remoting"],
    "client": ["base", "wire", "transport", "protocol", "remoting", "message", "event", "config", "cluster"],
}
LAYERS["producer"] = LAYERS["consumer"] = LAYERS["admin"] = [*LAYERS["client"], "client"]
LAYERS["capi"] = [*LAYERS["producer"], "producer", "consumer", "admin"]
LAYERS["testbroker"] = ["base", "wire", "transport", "protocol"]

# Headers of include/ and who may include them from src/.
PUBLIC_HEADERS = {"rocketmq_c.h": ["capi"], "rocketmq_testbroker.h": ["testbroker"]}

# A namespace that a file opens: a forward declaration of another layer's class would be an include in disguise.
NAMESPACE = re.compile(r"\bnamespace\s+rmq::(\w+)\s*(?:::\s*\w+\s*)*\{")

THREAD_FILES = ["src/base/thread.cc"]
THREAD_MAKERS = re.compile(
    r"\bstd::thread\b(?!::)|\bstd::jthread\b(?!::)|\bstd::async\b|\bpthread_create\b|\bthrd_create\b|\buv_thread_create\w*"
    r"|\buv_queue_work\b|\buv_getaddrinfo\b|\buv_getnameinfo\b|\buv_random\b"
)

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 500
SENTENCE_WORDS_MAX = 25
PAGES = ["README.md", "src/README.md", "tests/README.md", "bindings/README.md", "docs/*.md"]


def source_files(root):
    """(path relative to root, text) of each file below src/."""
    for path in sorted((root / "src").rglob("*")):
        if path.suffix in (".h", ".cc", ".c", ".def", ".inc"):
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def check_layers(root):
    for name, text in source_files(root):
        layer = name.split("/")[1]
        if layer not in LAYERS:
            yield f"{name}: src/{layer} is no layer; place it in LAYERS of tests/tree/check_tree.py and in src/README.md"
            continue
        for line, bracket, include in cpp_text.includes(text):
            target = include.split("/")[0]
            if include in PUBLIC_HEADERS:
                if layer not in PUBLIC_HEADERS[include]:
                    yield f"{name}:{line}: src/{layer} may not include {include}"
            elif "/" in include and target in LAYERS:
                if target != layer and target not in LAYERS[layer]:
                    yield f"{name}:{line}: {layer} may not include {target} ({include})"
            elif bracket == '"':
                yield f'{name}:{line}: "{include}" does not start with the name of a layer'
        code = cpp_text.code_only(text)
        for opened in NAMESPACE.finditer(code):
            if opened.group(1) in LAYERS and opened.group(1) != layer:
                line = code.count("\n", 0, opened.start()) + 1
                yield f"{name}:{line}: {layer} declares what belongs to {opened.group(1)}; include its header, or turn the dependency"


def check_libuv(root):
    for name, text in source_files(root):
        for line, _, include in cpp_text.includes(text):
            if (include == "uv.h" or include.startswith("uv/")) and not name.startswith("src/transport/"):
                yield f"{name}:{line}: {include} is for src/transport only"


# Of the C library; the first two free and read the text of the zone at each call.
FOR_ONE_THREAD = re.compile(r"\b(mktime|localtime|gmtime|ctime|asctime|tzset|strtok|setlocale)\s*\(")


def check_threads(root):
    for name, text in source_files(root):
        if name in THREAD_FILES:
            continue
        code = cpp_text.code_only(text)
        for match in THREAD_MAKERS.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: {match.group().strip('( ')} makes a thread; only {', '.join(THREAD_FILES)} may"
        for match in FOR_ONE_THREAD.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: {match.group().strip('( ')} is for one thread at a time"


LOCK_FILE = "src/base/mutex.h"
BARE_LOCKS = re.compile(
    r"\bstd::(recursive_|timed_|shared_|recursive_timed_)?mutex\b|\bstd::(lock_guard|unique_lock|scoped_lock|shared_lock)\b"
    r"|\bstd::condition_variable(_any)?\b|\bpthread_(mutex|cond|rwlock|spin)_\w+"
)


def check_locks(root):
    for name, text in source_files(root):
        if name == LOCK_FILE:
            continue
        code = cpp_text.code_only(text)
        for match in BARE_LOCKS.finditer(code):
            line = code.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: {match.group()} cannot be proved; take base::Mutex, MutexLock and Condition of {LOCK_FILE}"


def check_json(root):
    for name, text in source_files(root):
        for line, _, include in cpp_text.includes(text):
            if include.startswith("nlohmann/"):
                yield (f"{name}:{line}: {include} ends the process where memory is exhausted; "
                       "take src/protocol/json_document.h and json_writer.h")


# The layers below it make frames of what they are given, and the test broker is no client.
FRAME_FILES = ["src/cluster/request_decorator.h", "src/cluster/request_decorator.cc"]
FRAME_LAYERS = ["wire", "protocol", "testbroker"]
ANSWER_FILES = ["src/client/server_request.cc"]  # answers to servers are not decorated
FRAME_MAKERS = re.compile(r"\b(FrameWriter|FrameHead|append_frame|write_request|rewrite_head)\b")


def check_frames(root):
    for name, text in source_files(root):
        if name in FRAME_FILES or name.split("/")[1] in FRAME_LAYERS:
            continue
        code = cpp_text.code_only(text)
        for match in FRAME_MAKERS.finditer(code):
            if match.group() == "append_frame" and name in ANSWER_FILES:
                continue
            line = code.count("\n", 0, match.start()) + 1
            yield (f"{name}:{line}: {match.group()} makes a frame that nothing decorates; "
                   "ask by cluster::CallSet, or take cluster::RequestDecorator")


# Public header -> the list of its functions, their prefix, and the macros that it may define.
HEADERS = {
    "rocketmq_c.h": ("symbols.txt", "rmq_", r"ROCKETMQ_C_H|RMQ_API"),
    "rocketmq_testbroker.h": ("testbroker_symbols.txt", "rmq_testbroker_", r"ROCKETMQ_TESTBROKER_H|RMQ_TESTBROKER_API"),
}


def public_headers(root):
    """(name, path, *HEADERS[name]) of those that are there."""
    return [(name, root / "include" / name, *rest) for name, rest in HEADERS.items() if (root / "include" / name).exists()]


def read_symbols(root, listing="symbols.txt"):
    """name -> (since, deprecated since or '-')."""
    symbols = {}
    path = root / "tests" / "abi" / listing
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        if len(words) != 3 or words[0] in symbols:
            raise ValueError(f"tests/abi/{listing}:{number}: expected 'name since deprecated-since', each name once")
        symbols[words[0]] = (words[1], words[2])
    return symbols


def check_symbols(root):
    for header, path, listing, prefix, _ in public_headers(root):
        declared = c_header.function_names(c_header.read_declarations(path))
        listed = read_symbols(root, listing)
        for name in sorted(set(declared) - set(listed)):
            yield f"include/{header}: {name} is not in tests/abi/{listing}"
        for name in sorted(set(listed) - set(declared)):
            yield f"tests/abi/{listing}: {name} is not declared in include/{header}"
        for name in sorted(n for n in declared if not n.startswith(prefix)):
            yield f"include/{header}: {name} lacks the prefix {prefix}"


def check_codes(root):
    text = cpp_text.without_comments((root / "src" / "base" / "error_codes.def").read_text(encoding="utf-8"))
    table = {m.group(2): int(m.group(1)) for m in re.finditer(r"^RMQ_ERROR_CODE\(\s*(\d+)\s*,\s*(\w+)", text, re.M)}
    values = c_header.enumerators(c_header.read_declarations(root / "include" / "rocketmq_c.h"))
    header = {n.removeprefix("RMQ_ERROR_"): v for n, v in values.items() if n.startswith("RMQ_ERROR_")}
    for name in sorted(table.keys() | header.keys()):
        if table.get(name) != header.get(name):
            yield (f"RMQ_ERROR_{name}: {header.get(name, 'missing')} in include/rocketmq_c.h, "
                   f"{table.get(name, 'missing')} in src/base/error_codes.def")


OPTION_ROW = re.compile(r'^RMQ_OPTION\((\w+)((?:"(?:[^"\\]|\\.)*"|[^"()])*)\)', re.M)


def check_options(root):
    table = (root / "src" / "config" / "option_table.def").read_text(encoding="utf-8")
    readers = "\n".join(cpp_text.code_only(text) for name, text in source_files(root) if not name.startswith("src/config/"))
    used = set(re.findall(r"\bOptionId::(\w+)", readers))
    rows = [(m.group(1), re.findall(r'"(?:[^"\\]|\\.)*"', m.group(2))) for m in OPTION_ROW.finditer(table)]
    for option, texts in rows:
        marked = texts[-2] == '"-"'
        words = texts[-3].strip('"').split("|")
        one_is_left = len(words) > 1 and sum(not word.startswith("-") for word in words) == 1
        if marked and option in used:
            yield f"src/config/option_table.def: {option} is marked as without effect and read all the same; give the version"
        elif one_is_left and option in used:
            yield f"src/config/option_table.def: {option} has one word with an effect and is read all the same; unmark the others"
        elif not marked and not one_is_left and option not in used:
            yield f"src/config/option_table.def: {option} is read by nothing outside src/config; mark it with \"-\""
    for option in sorted(used - {option for option, _ in rows}):
        yield f"src/config/option_table.def: {option} is read and no row of the table"


def check_macros(root):
    for header, path, _, _, allowed in public_headers(root):
        text = cpp_text.without_comments(path.read_text(encoding="utf-8"))
        for match in re.finditer(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", text, re.M):
            if not re.fullmatch(allowed, match.group(1)):
                line = text.count("\n", 0, match.start()) + 1
                yield f"include/{header}:{line}: {match.group(1)} is a macro, which foreign C parsers cannot see"


# Folders of tests whose files make one program each. In the others of tests/ a file is a program, or its cases share words.
TESTS_OF_ONE_PROGRAM = ("abi", "fault", "golden", "property", "regression", "unit")


def sources_compiled_as_one(root):
    yield from source_files(root)
    for folder in TESTS_OF_ONE_PROGRAM:
        for path in sorted((root / "tests" / folder).rglob("*.cc")):
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def check_unity(root):
    seen = {}  # (folder, definition) -> first file
    for name, text in sources_compiled_as_one(root):
        if not name.endswith(".cc"):
            continue
        for line, definition in cpp_text.unnamed_definitions(text):
            first = seen.setdefault((name.rsplit("/", 1)[0], definition), name)
            if first != name:
                yield (f"{name}:{line}: {definition} is defined in {first} too, and several sources of a folder are compiled "
                       "as one; share it, or name both after what they are for")


def read_ratchet(root):
    """('function' or 'file', path, function or '') -> lines."""
    path = root / "tests" / "tree" / "ratchet.txt"
    limits = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        words = line.split("#")[0].split()
        if words:
            kind, lines, name = words[0], int(words[1]), words[2]
            limits[kind, name, " ".join(words[3:])] = lines
    return limits


def check_ratchet(root):
    limits = read_ratchet(root)
    for name, text in source_files(root):
        measured = [("file", "", len(text.splitlines()), FILE_LINES_MAX)]
        longest = {}
        for function in cpp_text.functions(text):
            longest[function.name] = max(longest.get(function.name, 0), function.lines)
        measured += [("function", function, lines, FUNCTION_LINES_MAX) for function, lines in longest.items()]
        for kind, function, lines, limit in measured:
            limit = max(limit, limits.get((kind, name, function), 0))
            if lines > limit:
                yield (f"{name}: {kind} {function}{' ' if function else ''}has {lines} lines, {limit} are allowed; "
                       f"split it, or edit tests/tree/ratchet.txt: {kind} {lines} {name} {function}".rstrip())


def check_includes(root):
    sources = used_names.Sources({name.removeprefix("src/"): text for name, text in source_files(root)})
    for name, _ in source_files(root):
        if name.endswith((".h", ".cc")):
            for word in sources.missing(name.removeprefix("src/")):
                yield f"{name}: {word} is named, and no include declares it"


def check_sentences(root):
    headers = [(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in sorted(root.glob("include/*.h"))]
    pages = [path for pattern in PAGES for path in sorted(root.glob(pattern))]
    texts = [(name, prose.code_paragraphs(text)) for name, text in [*headers, *source_files(root)]]
    texts += [(page.relative_to(root).as_posix(), prose.page_paragraphs(page.read_text(encoding="utf-8"))) for page in pages]
    for name, paragraphs in texts:
        for sentence in prose.sentences(paragraphs):
            if sentence.words > SENTENCE_WORDS_MAX:
                yield (f"{name}:{sentence.line}: a sentence of {sentence.words} words, {SENTENCE_WORDS_MAX} are allowed; "
                       f"make two of it, each with its subject: {sentence.text[:80]}...")


RULES = {
    "layers": check_layers,
    "libuv": check_libuv,
    "threads": check_threads,
    "locks": check_locks,
    "frames": check_frames,
    "json": check_json,
    "symbols": check_symbols,
    "codes": check_codes,
    "options": check_options,
    "macros": check_macros,
    "unity": check_unity,
    "ratchet": check_ratchet,
    "includes": check_includes,
    "sentences": check_sentences,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rules", nargs="*", choices=[[], *RULES], help="default: all of them")
    parser.add_argument("--root", type=pathlib.Path, default=ROOT)
    options = parser.parse_args()
    problems = [p for rule in options.rules or RULES for p in RULES[rule](options.root)]
    print("\n".join(problems) if problems else f"fine: {', '.join(options.rules or RULES)}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
