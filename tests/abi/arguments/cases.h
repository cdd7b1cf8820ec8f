// What the cases of arguments_test.cc share: the objects they work on and the ways to be wrong.
#pragma once

#include <map>

#include "tests/abi/support.h"

namespace rmq::test::abi {

// A text argument that is wrong in every way a text can be wrong.
struct BadText {
  const char* what;
  const char* text;
  std::size_t bytes;
};

inline const std::string& mebibyte() {
  static const std::string text(1 << 20, 'a');
  return text;
}

inline std::vector<BadText> bad_texts() {
  return {{"one MiB", mebibyte().data(), mebibyte().size()},
          {"one MiB, zero-terminated", mebibyte().c_str(), SIZE_MAX},
          {"not UTF-8", "\xff\xfe", 2},
          {"half a character", "\xe4\xb8", 2},
          {"a zero byte", "a\0b", 3}};
}

// What the cases work on. Its address is never resolved or connected to.
struct Arguments {
  Arguments() : runtime(make_runtime()), config(make_config({})), message(make_message()) {
    queue = make_queue(runtime.get());
    producer = make_producer(runtime.get());
    consumer = make_consumer(runtime.get());
    destination = make_destination("127.0.0.1:1");
  }
  Runtime runtime;
  EventQueue queue;
  Config config;
  Message message;
  Producer producer;
  PushConsumer consumer;
  Destination destination;
};

// The call must fail with `code` and say something.
template <typename Call>
void refuse(std::int32_t code, const std::string& what, Call call) {
  SCOPED_TRACE(what);
  std::string message;
  EXPECT_EQ(code_of(call, &message), code) << message;
  EXPECT_GT(message.size(), 8u);
  // Without an error object too.
  EXPECT_EQ(call(static_cast<rmq_error_t**>(nullptr)), code);
}

// `call(text, bytes, error)` must refuse all bad texts.
template <typename Call>
void refuse_bad_texts(Call call, std::int32_t code = RMQ_ERROR_ARGUMENT) {
  for (const BadText& bad : bad_texts()) {
    refuse(code, bad.what, [&](rmq_error_t** error) { return call(bad.text, bad.bytes, error); });
  }
}

template <typename Handle>
Handle* garbage() {
  return reinterpret_cast<Handle*>(std::uintptr_t{1});  // must be overwritten, never followed
}

template <typename View, typename Call>
void refuse_bad_views(Call call) {
  View view{};
  EXPECT_EQ(call(static_cast<View*>(nullptr), sizeof view), RMQ_ERROR_ARGUMENT);
  EXPECT_EQ(call(&view, 0), RMQ_ERROR_ARGUMENT);
  EXPECT_EQ(call(&view, 7), RMQ_ERROR_ARGUMENT);
  // An older caller's view is filled as far as it goes; a newer one's rest is zero.
  unsigned char bytes[sizeof(View) + 64];
  std::fill(std::begin(bytes), std::end(bytes), 0xa5);
  EXPECT_EQ(call(reinterpret_cast<View*>(bytes), 16), RMQ_OK);
  EXPECT_EQ(bytes[16], 0xa5);
  EXPECT_EQ(call(reinterpret_cast<View*>(bytes), sizeof bytes), RMQ_OK);
  for (std::size_t i = sizeof(View); i < sizeof bytes; ++i) EXPECT_EQ(bytes[i], 0) << i;
}

using Case = void (*)(Arguments&);
using CaseTable = std::map<std::string, Case>;

// By function name, one table per file of this folder.
extern const CaseTable kConfigCases;
extern const CaseTable kRuntimeCases;
extern const CaseTable kMessageCases;
extern const CaseTable kProducerCases;
extern const CaseTable kPushConsumerCases;

}  // namespace rmq::test::abi
