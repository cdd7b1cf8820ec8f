#!/usr/bin/env python3
"""Shows by which rules tools/make_bindings.py makes the bindings, and that its check sees a header that was changed alone."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import make_bindings  # noqa: E402
from bindings import go, names, rust, shapes  # noqa: E402

HEADER = """
#include <stddef.h>
#include <stdint.h>
typedef struct rmq_error_s rmq_error_t;
typedef struct rmq_thing_s rmq_thing_t;
typedef int32_t (*rmq_thing_fn)(rmq_thing_t *thing, void *user_data);
/* What went wrong. */
enum rmq_error_code {
  RMQ_OK = 0,
  RMQ_ERROR_TLS = 205, /* the handshake failed */
  RMQ_ERROR_TOO_LARGE
};
enum rmq_thing_type { RMQ_THING_SMALL = -1 };
typedef struct rmq_thing_view_s {
  const char *name;
  size_t name_bytes;
  int32_t type;
} rmq_thing_view_t;
int32_t rmq_thing_new(const char *name, size_t name_bytes, rmq_thing_t **thing, rmq_error_t **error);
void rmq_thing_destroy(rmq_thing_t *thing);
"""
BROKER_HEADER = """
typedef struct rmq_testbroker_s rmq_testbroker_t;
enum rmq_testbroker_code { RMQ_TESTBROKER_OK = 0 };
void rmq_testbroker_destroy(rmq_testbroker_t *broker);
"""
RUST_DECLARATIONS, RUST_CODES = "bindings/rust/sys/src/lib.rs", "bindings/rust/src/codes.rs"
GO_CALLS, GO_CODES = "bindings/go/ffi_generated.go", "bindings/go/codes.go"
PYTHON_CODES, LUA_CODES = "bindings/python/rocketmq_c/codes.py", "bindings/lua/rocketmq_c/codes.lua"
ALL_CODES = {RUST_CODES, GO_CODES, PYTHON_CODES, LUA_CODES}


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        self.write("include/rocketmq_c.h", HEADER)
        self.write("include/rocketmq_testbroker.h", BROKER_HEADER)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def shapes_of(self, declarations):
        self.write("include/rocketmq_c.h", HEADER + declarations)
        return shapes.read(self.root / "include" / "rocketmq_c.h")

    def run_tool(self, *options):
        command = [sys.executable, str(ROOT / "tools" / "make_bindings.py"), "--root", str(self.root), *options]
        return subprocess.run(command, capture_output=True, text=True)


class CheckTest(Tree):
    def setUp(self):
        super().setUp()
        self.assertEqual(self.run_tool().returncode, 0)

    def differing(self):
        files = make_bindings.made_files(self.root)
        return {problem.split(":")[0] for problem in make_bindings.problems(self.root, files)}

    def edit(self, old, new):
        self.assertIn(old, HEADER)
        self.write("include/rocketmq_c.h", HEADER.replace(old, new))

    def test_what_was_made_is_fine(self):
        self.assertEqual(self.differing(), set())
        self.assertEqual(self.run_tool("--check").returncode, 0)

    def test_a_function_that_was_added_is_seen(self):
        self.edit("void rmq_thing_destroy", "int32_t rmq_thing_size(const rmq_thing_t *thing);\nvoid rmq_thing_destroy")
        self.assertEqual(self.differing(), {RUST_DECLARATIONS, GO_CALLS})

    def test_a_function_that_went_is_seen(self):
        self.edit("void rmq_thing_destroy(rmq_thing_t *thing);", "")
        self.assertEqual(self.differing(), {RUST_DECLARATIONS, GO_CALLS})

    def test_another_name_of_a_function_is_seen(self):
        self.edit("rmq_thing_new", "rmq_thing_make")
        self.assertEqual(self.differing(), {RUST_DECLARATIONS, GO_CALLS})

    def test_another_parameter_is_seen(self):
        self.edit("rmq_thing_t **thing, ", "rmq_thing_t **thing, int64_t size, ")
        self.assertEqual(self.differing(), {RUST_DECLARATIONS, GO_CALLS})

    def test_a_field_that_was_added_is_seen(self):
        self.edit("  int32_t type;", "  int32_t type;\n  int32_t flag;")
        self.assertEqual(self.differing(), {RUST_DECLARATIONS})  # the others read views from the C header itself

    def test_another_order_of_fields_is_seen(self):
        self.edit("  size_t name_bytes;\n  int32_t type;", "  int32_t type;\n  size_t name_bytes;")
        self.assertEqual(self.differing(), {RUST_DECLARATIONS})

    def test_an_enumerator_that_was_added_is_seen_in_every_language(self):
        self.edit("RMQ_ERROR_TOO_LARGE", "RMQ_ERROR_TOO_LARGE,\n  RMQ_ERROR_MEMORY = 440")
        self.assertEqual(self.differing(), ALL_CODES | {RUST_DECLARATIONS})

    def test_another_number_is_seen_where_numbers_are_repeated(self):
        self.edit("205", "206")
        self.assertEqual(self.differing(), {RUST_DECLARATIONS})

    def test_another_comment_is_seen(self):
        self.edit("the handshake failed", "no handshake")
        self.assertEqual(self.differing(), ALL_CODES)

    def test_what_was_edited_by_hand_is_seen_and_the_command_is_named(self):
        path = self.root / PYTHON_CODES
        path.write_text(path.read_text(encoding="utf-8").replace("TOO_LARGE =", "LARGE ="), encoding="utf-8")
        result = self.run_tool("--check")
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"{PYTHON_CODES}:", result.stdout)
        self.assertIn("TOO_LARGE = lib.RMQ_ERROR_TOO_LARGE", result.stdout)
        self.assertIn("run python3 tools/make_bindings.py", result.stdout)

    def test_a_file_that_is_gone_is_seen(self):
        (self.root / GO_CODES).unlink()
        self.assertEqual(self.differing(), {GO_CODES})

    def test_the_second_header_counts_too(self):
        self.write("include/rocketmq_testbroker.h", BROKER_HEADER.replace("_destroy", "_stop"))
        self.assertEqual(self.differing(), {"bindings/rust/sys/src/testbroker.rs", "bindings/go/testbroker/ffi_generated.go"})

    def test_a_header_without_files_of_its_own_fails(self):
        self.write("include/rocketmq_more.h", BROKER_HEADER)
        result = self.run_tool("--check")
        self.assertEqual(result.returncode, 1)
        self.assertIn("rocketmq_more.h", result.stderr)

    def test_a_declaration_that_no_rule_knows_fails(self):
        for declaration in ("typedef union rmq_any_u { int32_t a; } rmq_any_t;", "typedef struct rmq_a_s { char a[8]; } rmq_a_t;",
                            "typedef int32_t rmq_code_t;"):
            self.write("include/rocketmq_c.h", HEADER + declaration)
            self.assertEqual(self.run_tool("--check").returncode, 1, declaration)


class GoTest(Tree):
    def go(self, declaration):
        header = self.shapes_of(declaration)
        return go.GoFunction(header.functions[-1], header)

    def assert_go(self, declaration, signature, *lines):
        text = " ".join(self.go(declaration).go().split())
        self.assertTrue(text.startswith(f"func {signature} {{"), text)
        for line in lines:
            self.assertIn(line, text)

    def test_numbers_and_handles_go_through(self):
        self.assert_go("int32_t rmq_thing_call(const rmq_thing_t *thing, size_t count, uint64_t token, void *user_data);",
                       "rmqThingCall(thing *ffiThing, count int, token uint64, userData unsafe.Pointer) int32",
                       "C.rmq_thing_call(thing, C.size_t(count), C.uint64_t(token), userData)")

    def test_a_text_with_a_length_is_one_that_may_be_absent(self):
        self.assert_go("void rmq_thing_name(const char *name, size_t name_bytes);", "rmqThingName(name ffiText)",
                       "C.rmq_thing_name(name.pointer, name.bytes)")

    def test_a_text_without_a_length_is_copied(self):
        self.assert_go("void rmq_thing_name(const char *name);", "rmqThingName(name string)",
                       "C.CString(name) defer C.free(unsafe.Pointer(nameText)) C.rmq_thing_name(nameText)")

    def test_texts_that_come_back(self):
        self.assert_go("const char *rmq_thing_name(const rmq_thing_t *thing);", "rmqThingName(thing *ffiThing) string", "C.GoString(")
        self.assert_go("const char *rmq_thing_name(const rmq_thing_t *thing, size_t *name_bytes);",
                       "rmqThingName(thing *ffiThing) ffiText", "ffiText{out.go_result, out.name_bytes}")
        self.assert_go("int32_t rmq_thing_get(const rmq_thing_t *thing, const char **type, size_t *type_bytes);",
                       "rmqThingGet(thing *ffiThing) (typeValue ffiText, code int32)", "ffiText{out._type, out.type_bytes}")

    def test_bytes_are_slices(self):
        self.assert_go("void rmq_thing_body(const void *body, size_t body_bytes);", "rmqThingBody(body []byte)",
                       "ffiBytes(body), C.size_t(len(body))")
        self.assert_go("void rmq_thing_bits(const uint8_t *bits, size_t bytes);", "rmqThingBits(bits []byte)",
                       "(*C.uint8_t)(ffiBytes(bits)), C.size_t(len(bits))")
        self.assert_go("void rmq_thing_fill(char *reply, size_t reply_size);", "rmqThingFill(reply []byte)",
                       "(*C.char)(ffiBytes(reply)), C.size_t(len(reply))")

    def test_arrays_are_slices(self):
        self.assert_go("void rmq_thing_many(const rmq_thing_t *const *things, const uint32_t *numbers, size_t count);",
                       "rmqThingMany(things []*ffiThing, numbers []uint32, count int)",
                       "ffiFirst(things), (*C.uint32_t)(ffiFirst(numbers)), C.size_t(count)")
        self.assert_go("size_t rmq_thing_list(rmq_thing_t **things, size_t count_max);", "rmqThingList(things []*ffiThing) int",
                       "ffiFirst(things), C.size_t(len(things))")

    def test_what_c_fills_is_a_result_without_a_go_variable(self):
        function = self.go("int32_t rmq_thing_poll(rmq_thing_t *thing, rmq_thing_t **next, size_t *count, rmq_error_t **error);")
        self.assertIn("go_out.go_result = rmq_thing_poll(thing, &go_out.next, &go_out.count, &go_out.error);", function.between())
        self.assertIn("func rmqThingPoll(thing *ffiThing) (next *ffiThing, count int, code int32, err *ffiError) {", function.go())
        self.assertIn("return out.next, int(out.count), int32(out.go_result), out.error", function.go())

    def test_names_of_parameters_hit_nothing_else(self):
        function = self.go("int32_t rmq_thing_ask(int32_t code, int32_t out, int32_t len, int32_t *result, rmq_error_t **error);")
        self.assertIn("rmqThingAsk(code int32, outValue int32, lenValue int32) (result int32, codeResult int32, err *ffiError)",
                      function.go())
        self.assertIn("go_out.go_result = rmq_thing_ask(code, out, len, &go_out.result, &go_out.error);", function.between())

    def test_a_view_is_a_result_and_many_are_a_slice(self):
        function = self.go("int32_t rmq_thing_view(const rmq_thing_t *thing, rmq_thing_view_t *view, size_t view_size);")
        self.assertIn("rmq_thing_view(thing, &go_out.view, sizeof go_out.view)", function.between())
        self.assertIn("func rmqThingView(thing *ffiThing) (view ffiThingView, code int32) {", function.go())
        self.assert_go("size_t rmq_thing_views(rmq_thing_view_t *views, size_t view_size, size_t count_max);",
                       "rmqThingViews(views []ffiThingView) int",
                       "ffiFirst(views), C.size_t(unsafe.Sizeof(ffiThingView{})), C.size_t(len(views))")

    def test_what_no_rule_knows_goes_through(self):
        self.assert_go("void rmq_thing_odd(rmq_thing_view_t *view, rmq_thing_fn function);",
                       "rmqThingOdd(view *ffiThingView, function ffiThingFn)", "C.rmq_thing_odd(view, function)")


class NamesTest(Tree):
    def name(self, declaration):
        enumeration = self.shapes_of(declaration).enumerations[-1]
        return names.group(enumeration), [names.own_name(enumeration, member) for member in enumeration.members]

    def test_members_lose_what_they_share(self):
        self.assertEqual(self.name("enum rmq_send_status { RMQ_SEND_DONE, RMQ_SEND_DONE_LATE };"), ("RMQ_SEND_", ["DONE", "DONE_LATE"]))
        self.assertEqual(self.name("enum rmq_a { RMQ_OK, RMQ_ERROR_A, RMQ_ERROR_B };"), ("RMQ_ERROR_", ["OK", "A", "B"]))
        self.assertEqual(self.name("enum rmq_start_at { RMQ_START_AT_END, RMQ_START_AT_BEGIN };"), ("RMQ_START_AT_", ["END", "BEGIN"]))
        self.assertEqual(self.name("enum rmq_wait { RMQ_WAIT_FOREVER = -1 };"), ("RMQ_WAIT_", ["FOREVER"]))

    def test_rust_types(self):
        header = self.shapes_of("void rmq_a(const char **a, const rmq_thing_t *const *b, void *c, size_t type);")
        self.assertEqual([rust.variable(one) for one in header.functions[-1].parameters],
                         ["a: *mut *const c_char", "b: *const *const rmq_thing_t", "c: *mut c_void", "r#type: usize"])


class RealTreeTest(unittest.TestCase):
    """All that the headers of this tree have is in what was made of them."""

    def test_every_name_is_there(self):
        files = make_bindings.made_files(ROOT)
        broker_files = {RUST_DECLARATIONS: "bindings/rust/sys/src/testbroker.rs", GO_CALLS: "bindings/go/testbroker/ffi_generated.go"}
        for header in make_bindings.read_headers(ROOT).values():
            is_client = header.file == "rocketmq_c.h"
            rust_text, go_text = (files[path if is_client else broker_files[path]] for path in (RUST_DECLARATIONS, GO_CALLS))
            for name in [*header.handles, *(one.name for one in (*header.callbacks, *header.structs, *header.functions))]:
                self.assertRegex(rust_text, rf"\bpub (fn|struct|type) {name}\b")
                self.assertRegex(go_text, rf"\bC\.(go_)?{name}\b")
            for member in (member for enumeration in header.enumerations for member in enumeration.members):
                self.assertRegex(rust_text, rf"\bpub const {member.name}: i32 = {member.value};")
                for path in ALL_CODES if is_client else ():
                    self.assertRegex(files[path], rf"\b{member.name}\b")

    def assert_formatted(self, tool, command, suffix):
        if shutil.which(tool) is None:
            self.skipTest(f"{tool} is not installed")
        for path, text in make_bindings.made_files(ROOT).items():
            if path.endswith(suffix):
                result = subprocess.run([tool, *command], input=text, capture_output=True, text=True)
                self.assertEqual((result.returncode, result.stdout == text), (0, True), f"{path}: {tool} lays it out otherwise")

    def test_gofmt_changes_nothing(self):
        self.assert_formatted("gofmt", [], ".go")

    def test_rustfmt_changes_nothing(self):
        self.assert_formatted("rustfmt", ["--edition", "2021", "--config", "max_width=120"], ".rs")


if __name__ == "__main__":
    unittest.main()
