#include "protocol/json_writer.h"

#include <gtest/gtest.h>

namespace rmq::protocol {
namespace {

TEST(JsonWriter, separates_what_it_writes) {
  JsonWriter out;
  out.begin_object();
  out.number("a", -5);
  out.begin_array("b");
  out.boolean(true);
  out.begin_object();
  out.end_object();
  out.texts({"x", "y"});
  out.end_array();
  out.empty_object("c");
  out.texts("d", {});
  out.boolean("e", false);
  out.end_object();
  EXPECT_EQ(out.take(), R"({"a":-5,"b":[true,{},["x","y"]],"c":{},"d":[],"e":false})");
}

TEST(JsonWriter, writes_maps_with_bare_numbers_and_with_values_as_keys) {
  JsonWriter out;
  out.begin_object();
  out.bare_name(0);
  out.text("m");
  out.bare_name(1);
  out.begin_object();
  out.begin_object();
  out.number("q", 1);
  out.end_object();
  out.colon();
  out.number(7);
  out.end_object();
  out.end_object();
  EXPECT_EQ(out.take(), R"({0:"m",1:{{"q":1}:7}})");
}

TEST(JsonWriter, escapes_what_json_wants_and_mends_bad_bytes) {
  JsonWriter out;
  out.text("a\"b\\c\x01\n\u00e4");
  EXPECT_EQ(out.take(), R"("a\"b\\c\u0001\u000aä")");
  JsonWriter mended;
  mended.text("\xff");
  EXPECT_EQ(mended.take(), "\"\uFFFD\"");
}

}  // namespace
}  // namespace rmq::protocol
