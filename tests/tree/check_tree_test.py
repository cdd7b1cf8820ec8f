#!/usr/bin/env python3
"""Shows for every rule of check_tree.py a tree that breaks it, so that a rule which can no longer fail is noticed."""
import pathlib
import tempfile
import unittest

import check_tree
import cpp_text
import prose


class TreeTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def problems(self, rule):
        return list(check_tree.RULES[rule](self.root))

    def assert_one(self, rule, *words):
        problems = self.problems(rule)
        self.assertEqual(len(problems), 1, problems)
        for word in words:
            self.assertIn(word, problems[0])


class Layers(TreeTest):
    def test_downward_includes_are_fine(self):
        self.write("src/remoting/a.cc", '#include "remoting/a.h"\n#include "wire/command.h"\n#include <vector>\n')
        self.assertEqual(self.problems("layers"), [])

    def test_an_include_that_points_upward_fails(self):
        self.write("src/wire/a.cc", '#include "wire/a.h"\n\n#include "remoting/connection.h"\n')
        self.assert_one("layers", "src/wire/a.cc:3", "wire may not include remoting")

    def test_an_include_that_points_sideways_fails(self):
        self.write("src/transport/a.h", '#  include <wire/command.h>\n')
        self.assert_one("layers", "transport may not include wire")

    def test_the_test_broker_sees_nothing_of_the_client(self):
        self.write("src/testbroker/a.cc", '#include "remoting/connection.h"\n')
        self.assert_one("layers", "testbroker may not include remoting")

    def test_only_capi_includes_the_public_header(self):
        self.write("src/capi/a.cc", '#include "rocketmq_c.h"\n')
        self.assertEqual(self.problems("layers"), [])
        self.write("src/client/a.cc", '#include "rocketmq_c.h"\n')
        self.assert_one("layers", "src/client/a.cc:1")

    def test_an_include_without_its_layer_fails(self):
        self.write("src/base/a.cc", '#include "a.h"\n')
        self.assert_one("layers", "does not start with the name of a layer")

    def test_a_folder_that_is_no_layer_fails(self):
        self.write("src/utils/a.h", "")
        self.assert_one("layers", "src/utils is no layer")

    def test_a_declaration_of_another_layer_s_class_fails(self):
        self.write("src/event/a.h", "namespace rmq::event {\nclass Event;\n}\n// namespace rmq::client {\n")
        self.assertEqual(self.problems("layers"), [])
        self.write("src/event/a.h", "namespace rmq::client {\nclass Message;\n}\n")
        self.assert_one("layers", "src/event/a.h:1: event declares what belongs to client")

    def test_an_include_in_a_comment_is_none(self):
        self.write("src/base/a.cc", '/*\n#include "capi/a.h"\n*/\n// #include "capi/a.h"\n')
        self.assertEqual(self.problems("layers"), [])


class Libuv(TreeTest):
    def test_uv_h_outside_transport_fails(self):
        self.write("src/transport/a.cc", "#include <uv.h>\n")
        self.assertEqual(self.problems("libuv"), [])
        self.write("src/remoting/a.cc", "\n#include <uv.h>\n")
        self.assert_one("libuv", "src/remoting/a.cc:2", "uv.h")


class Unity(TreeTest):
    def test_a_name_of_two_unnamed_namespaces_of_a_folder_fails(self):
        for definition in ("constexpr int kLimit = 3;", "struct Entry { int a; };", "using Name = int;", "int half(int a) { return a / 2; }",
                           "template <typename T>\nT twice(T a) { return 2 * a; }", "const Table<int> kTable{{1}};"):
            self.write("src/base/a.cc", "namespace {\nint first = 1;\n" + definition + "\n}\n")
            self.write("src/base/b.cc", "namespace rmq {\nnamespace {\n\n" + definition + "\n}\n}\n")
            self.assert_one("unity", "src/base/b.cc:", "src/base/a.cc")

    def test_tests_of_one_program_are_looked_at(self):
        self.write("tests/unit/event/a_test.cc", "namespace {\nclass Plain {};\n}\n")
        self.write("tests/unit/event/b_test.cc", "namespace {\nclass Plain {};\n}\n")
        self.assert_one("unity", "tests/unit/event/b_test.cc:", "tests/unit/event/a_test.cc")

    def test_overloads_other_folders_and_named_namespaces_are_fine(self):
        self.write("src/base/a.cc", "namespace {\nint half(int a) { return a / 2; }\n}\nint shared(int a) { return half(a); }\n")
        self.write("src/base/b.cc", "namespace {\nlong half(long a) { return a / 2; }\nstruct Later;\n}\n")
        self.write("src/wire/a.cc", "namespace {\nint half(int a) { return a / 2; }\n}\n")
        self.assertEqual(self.problems("unity"), [])


class Threads(TreeTest):
    def test_each_way_to_make_a_thread_fails(self):
        for code in ("std::thread t(run);", "std::jthread t(run);", "auto f = std::async(run);",
                     "pthread_create(&t, nullptr, run, nullptr);", "uv_thread_create(&t, run, nullptr);",
                     "uv_queue_work(l, r, w, a);", "uv_getaddrinfo(l, r, cb, n, s, h);", "std::vector<std::thread> pool;"):
            with self.subTest(code):
                self.write("src/client/a.cc", f"void f() {{\n  {code}\n}}\n")
                self.assert_one("threads", "src/client/a.cc:2")

    def test_calls_for_one_thread_are_found(self):
        for code in ("std::mktime(&t);", "::localtime(&t);", "strtok(a, b);"):
            with self.subTest(code):
                self.write("src/client/a.cc", f"void f() {{\n  {code}\n}}\n")
                self.assert_one("threads", "src/client/a.cc:2")
        self.write("src/client/a.cc", "void f() { localtime_r(&t, &tm); }\n")
        self.assertEqual(self.problems("threads"), [])

    def test_the_thread_file_may(self):
        self.write("src/base/thread.cc", "void f() { pthread_create(&t, nullptr, run, nullptr); }\n")
        self.assertEqual(self.problems("threads"), [])

    def test_names_that_only_look_like_it_are_fine(self):
        self.write("src/base/a.h", '// A std::thread would do.\nstd::thread::id owner;\nauto s = "std::thread";\n'
                                   "void f() { std::this_thread::get_id(); }\n")
        self.assertEqual(self.problems("threads"), [])


class Locks(TreeTest):
    def test_locks_that_clang_cannot_prove_are_found(self):
        for lock in ["std::mutex mutex_;", "std::lock_guard lock(m);", "std::unique_lock<M> lock(m);", "std::shared_mutex m;",
                     "std::condition_variable c;", "int i = pthread_mutex_lock(&m);"]:
            with self.subTest(lock):
                self.write("src/client/a.cc", f"#include <mutex>\n{lock}\n")
                self.assert_one("locks", "src/client/a.cc:2")

    def test_the_lock_file_may_and_comments_do_not_count(self):
        self.write("src/base/mutex.h", "std::mutex mutex_;\n")
        self.write("src/client/a.cc", "// no std::mutex here\nbase::MutexLock lock(mutex_);\n")
        self.assertEqual(self.problems("locks"), [])


class Frames(TreeTest):
    def test_a_request_that_nothing_decorates_fails(self):
        for maker in ("wire::FrameWriter writer(memory, head)", "wire::append_frame(command, &frame)",
                      "protocol::write_request(request, head, 0, {})", "wire::rewrite_head(head, changes)"):
            self.write("src/consumer/a.cc", f"void f() {{\n  {maker};\n}}\n")
            self.assert_one("frames", "src/consumer/a.cc:2", maker.split("::")[1].split("(")[0].split(" ")[0])

    def test_an_answer_to_a_server_is_no_request(self):
        name = check_tree.ANSWER_FILES[0]
        self.write(name, "void f() { wire::append_frame(answer, &frame); }\n")
        self.assertEqual(self.problems("frames"), [])
        self.write(name, "void f() { protocol::write_request(request, head, 0, {}); }\n")
        self.assert_one("frames", name, "write_request")

    def test_the_decorator_and_the_layers_below_it_make_frames(self):
        for name in (*check_tree.FRAME_FILES, "src/wire/a.cc", "src/protocol/a.h", "src/testbroker/a.cc"):
            self.write(name, "void f() { FrameWriter writer(memory, head); }\n")
        self.write("src/consumer/a.cc", "// not append_frame\nvoid f() { append_frames(); }\n")
        self.assertEqual(self.problems("frames"), [])


class Json(TreeTest):
    def test_the_library_that_builds_trees_is_found(self):
        self.write("src/protocol/a.cc", '#include <vector>\n#include <nlohmann/json.hpp>\n')
        self.assert_one("json", "src/protocol/a.cc:2", "json_document.h")

    def test_our_own_reader_is_fine(self):
        self.write("src/protocol/a.cc", '// no <nlohmann/json.hpp> here\n#include "protocol/json_document.h"\n')
        self.assertEqual(self.problems("json"), [])


class Symbols(TreeTest):
    def setUp(self):
        super().setUp()
        self.write("include/rocketmq_c.h", "#include <stdint.h>\n#define RMQ_API\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n"
                   "typedef void (*rmq_done_fn)(void *user_data);\nenum rmq_x { RMQ_X = 1, };\n"
                   "RMQ_API int32_t rmq_b(rmq_done_fn done);\nRMQ_API const char *rmq_a(void); /* rmq_c(); */\n")

    def test_the_same_functions_on_both_sides_are_fine(self):
        self.write("tests/abi/symbols.txt", "# name since deprecated-since\nrmq_a 0.1 -\nrmq_b 0.1 0.2\n")
        self.assertEqual(self.problems("symbols"), [])

    def test_a_function_that_is_not_listed_fails(self):
        self.write("tests/abi/symbols.txt", "rmq_a 0.1 -\n")
        self.assert_one("symbols", "rmq_b is not in tests/abi/symbols.txt")

    def test_a_listed_function_that_is_not_declared_fails(self):
        self.write("tests/abi/symbols.txt", "rmq_a 0.1 -\nrmq_b 0.1 -\nrmq_c 0.1 -\n")
        self.assert_one("symbols", "rmq_c is not declared")

    def test_a_line_without_its_versions_fails(self):
        self.write("tests/abi/symbols.txt", "rmq_a\n")
        self.assertRaises(ValueError, self.problems, "symbols")


class Codes(TreeTest):
    def header(self, enumerators):
        self.write("include/rocketmq_c.h", f"enum rmq_error_code {{ RMQ_OK = 0, {enumerators} }};\n")

    def test_equal_tables_are_fine_and_each_difference_fails(self):
        self.write("src/base/error_codes.def", 'RMQ_ERROR_CODE(100, ARGUMENT, argument, false, "x")\n')
        self.header("RMQ_ERROR_ARGUMENT = 100")
        self.assertEqual(self.problems("codes"), [])
        self.header("RMQ_ERROR_ARGUMENT = 101")
        self.assert_one("codes", "RMQ_ERROR_ARGUMENT", "101", "100")
        self.header("RMQ_ERROR_ARGUMENT = 100, RMQ_ERROR_MORE")
        self.assert_one("codes", "RMQ_ERROR_MORE: 101", "missing in src/base/error_codes.def")
        self.header("RMQ_MORE = 1")
        self.assert_one("codes", "RMQ_ERROR_ARGUMENT: missing in include/rocketmq_c.h")


class Options(TreeTest):
    ROW = 'RMQ_OPTION(kA, "a", kText, 1, 255, none, same, runtime, "", "{}",\n  "A `b` (or c).")\n'

    def table(self, since):
        self.write("src/config/option_table.def", "// RMQ_OPTION(id, name)\n#error \"x\"\n" + self.ROW.format(since))

    def test_an_option_that_is_read_needs_no_mark(self):
        self.table("0.1")
        self.write("src/client/a.cc", "void f() { config.text(config::OptionId::kA); }\n")
        self.assertEqual(self.problems("options"), [])

    def test_an_option_that_nothing_reads_fails_unless_marked(self):
        self.table("0.1")
        self.write("src/config/config_check.cc", "constexpr Need k = {OptionId::kA, OptionId::kA};\n")
        self.write("src/client/a.cc", "// OptionId::kA\n")
        self.assert_one("options", "kA is read by nothing outside src/config")
        self.table("-")
        self.assertEqual(self.problems("options"), [])

    def test_a_mark_on_an_option_that_is_read_fails(self):
        self.table("-")
        self.write("src/client/a.cc", "void f() { config.text(OptionId::kA); }\n")
        self.assert_one("options", "kA is marked as without effect and read all the same")

    def test_nothing_reads_an_option_with_one_word_left(self):
        row = 'RMQ_OPTION(kA, "a", kChoice, 0, 2, "x", same, runtime, "{}", "0.1",\n  "A.")\n'
        self.write("src/config/option_table.def", row.format("x|-y|-z"))
        self.assertEqual(self.problems("options"), [])
        self.write("src/client/a.cc", "void f() { config.choice(OptionId::kA); }\n")
        self.assert_one("options", "kA has one word with an effect and is read all the same")
        self.write("src/config/option_table.def", row.format("x|y|-z"))
        self.assertEqual(self.problems("options"), [])
        self.write("src/client/a.cc", "void f() {}\n")
        self.assert_one("options", "kA is read by nothing outside src/config")


class Macros(TreeTest):
    def test_a_constant_that_is_a_macro_fails(self):
        self.write("include/rocketmq_c.h", "#ifndef ROCKETMQ_C_H\n#define ROCKETMQ_C_H\n")
        self.assertEqual(self.problems("macros"), [])
        self.write("include/rocketmq_c.h", "/* x\n */\n#define RMQ_WAIT_FOREVER (-1)\n")
        self.assert_one("macros", "include/rocketmq_c.h:3", "RMQ_WAIT_FOREVER is a macro")


class Ratchet(TreeTest):
    LONG = "namespace n {\nint long_one(int a) {\n" + "  ++a;\n" * 69 + "}\n}  // namespace n\n"

    def test_a_long_function_fails_unless_listed_and_may_not_grow(self):
        self.write("src/base/a.cc", self.LONG)
        self.assert_one("ratchet", "function long_one has 71 lines, 70 are allowed")
        self.write("tests/tree/ratchet.txt", "function 71 src/base/a.cc long_one\n")
        self.assertEqual(self.problems("ratchet"), [])
        self.write("src/base/a.cc", self.LONG.replace("{\n  ++a", "{\n\n  ++a"))
        self.assert_one("ratchet", "function long_one has 72 lines, 71 are allowed")

    def test_a_long_file_fails_unless_listed(self):
        self.write("src/base/a.h", "\n" * 501)
        self.assert_one("ratchet", "file has 501 lines, 500 are allowed")
        self.write("tests/tree/ratchet.txt", "file 501 src/base/a.h\n")
        self.assertEqual(self.problems("ratchet"), [])


class Includes(TreeTest):
    def setUp(self):
        super().setUp()
        self.write("src/base/error.h", "namespace rmq::base {\nstruct Error {};\nint half(int a);\n}\n")
        self.write("src/wire/frame.h", '#include "base/error.h"\nstruct Frame {};\n')

    def test_names_behind_an_include_are_fine_and_others_fail(self):
        for include, use in [("base/error.h", "base::Error e;"), ("base/error.h", "int a = base::half(2);"), ("wire/frame.h", "Frame f;"),
                             ("vector", "std::vector<int> a;"), ("cassert", "void f() { assert(b); }"),
                             ("string", "std::string_view a;")]:
            with self.subTest(use):
                self.write("src/wire/a.cc", f"#include <{include}>\nint b;\n{use}\n")
                self.assertEqual(self.problems("includes"), [])
                self.write("src/wire/a.cc", f"// #include <{include}>\nint b;\n{use}\n")
                self.assert_one("includes", "src/wire/a.cc", "is named, and no include declares it")

    def test_an_include_of_an_include_counts(self):
        self.write("src/wire/a.cc", '#include "wire/frame.h"\nbase::Error e;\n')
        self.assertEqual(self.problems("includes"), [])

    def test_own_and_forward_declarations_count(self):
        self.write("src/wire/a.cc", "namespace rmq::base {\nstruct Error;\n}\nbase::Error* e;\nstruct Frame;\nFrame* f;\n")
        self.assertEqual(self.problems("includes"), [])


class Sentences(TreeTest):
    LONG = "One " + "more " * 24 + "word."  # 26 words

    def test_a_long_sentence_fails_wherever_readers_meet_it(self):
        for name, text in [("include/rocketmq_c.h", f"/**\n * {self.LONG}\n */\n"), ("src/base/a.h", f"int a;\n// Short.\n// {self.LONG}\n"),
                           ("src/base/b.cc", f"int a;  // {self.LONG}\n"), ("src/base/c.def", f"/* {self.LONG} */\n"),
                           ("README.md", f"# Page\n\n{self.LONG}\n"), ("docs/a.md", f"- {self.LONG}\n")]:
            with self.subTest(name):
                self.write(name, text)
                self.assert_one("sentences", f"{name}:", "26 words, 25 are allowed")
                self.write(name, text.replace("more more", "more"))
                self.assertEqual(self.problems("sentences"), [])

    def test_a_sentence_goes_on_in_the_next_line(self):
        half = "word " * 13
        for text in (f"// {half}\n// {half}\n", f"/*\n * {half}\n * {half}\n */\n", f"int a;  // {half}\n        // {half}\n",
                     f"/**\n * @param a  {half}\n *           {half}\n */\n"):
            self.write("src/base/a.h", text)
            self.assert_one("sentences", "src/base/a.h:")

    def test_code_and_literals_are_no_sentences(self):
        self.write("src/base/a.cc", f'const char* a = "// {self.LONG}";\nint b;\n' + "int more(int more, int more);\n" * 9)
        self.write("README.md", f"```\n{self.LONG}\n```\n| a | {self.LONG} |\n")
        self.assertEqual(self.problems("sentences"), [])

    def words(self, text):
        return [sentence.words for sentence in prose.sentences(prose.code_paragraphs(text))]

    def test_where_a_sentence_ends(self):
        self.assertEqual(self.words("// One two. Three? Four (five.) Six, e.g. seven.\n"), [2, 1, 2, 3])
        self.assertEqual(self.words("// One two\n//\n// three\n"), [2, 1])
        self.assertEqual(self.words("// One two\nint a;\n// three\n"), [2, 1])
        self.assertEqual(self.words("int a;  // one two\n// three\n"), [2, 1])
        self.assertEqual(self.words("// One two:\n// - three\n// - four\n//   five\n"), [2, 1, 2])
        self.assertEqual(self.words("// one   two words\n// three  two words\n"), [3, 3])
        self.assertEqual(self.words("/** @return one two; three when four; five */\n"), [2, 3, 1])
        self.assertEqual(self.words("// idle,  -> one two.\n// -> three.\n"), [3, 1])

    def test_what_counts_as_one_word(self):
        self.assertEqual(self.words("// From `a b c`, RMQ_ERROR_CLOSED, RMQ_ERROR_MEMORY or rmq_poll came.\n"), [3])
        self.assertEqual(self.words("// See [the long page](https://a.b/c) - now.\n"), [3])


class Functions(unittest.TestCase):
    def assert_functions(self, text, *expected):
        self.assertEqual([(f.name, f.lines) for f in cpp_text.functions(text)], list(expected))

    def test_finds_bodies_of_every_shape(self):
        self.assert_functions("int f() {\n  if (x) {\n  }\n}\n", ("f", 4))
        self.assert_functions("Foo::Foo(int a)\n    : a_{a}, b_(2) {\n}\n", ("Foo::Foo", 3))
        self.assert_functions("auto Foo::end() const noexcept -> int* {\n}\n", ("Foo::end", 2))
        self.assert_functions("class A : public B {\n public:\n  A() = default;\n  void g() { h(); }\n};\n", ("g", 1))
        self.assert_functions("template <typename T>\nT h(T a) {\n  return a;\n}\n", ("h", 4))
        self.assert_functions('extern "C" {\nint32_t c(void) {\n  return 0;\n}\n}\n', ("c", 3))
        self.assert_functions("bool operator==(A a, A b) {\n}\n", ("operator==", 2))

    def test_passes_over_what_is_no_function(self):
        self.assert_functions("enum class E : int { a, b };\nint x[] = {1, 2};\nstruct S { int a{f(1)}; };\n")
        self.assert_functions('const char* s = "f() {";  // g() {\n#define F() {\nint y = \'{\';\n')

    def test_counts_a_lambda_towards_its_function(self):
        self.assert_functions("void f() {\n  run([](int a) {\n    g(a);\n  });\n}\n", ("f", 5))


if __name__ == "__main__":
    unittest.main()
