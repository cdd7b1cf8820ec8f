// The one place that makes frames: what every request carries, and what another attempt changes.
#include "cluster/request_decorator.h"

#include <gtest/gtest.h>

#include <vector>

#include "protocol/offsets.h"
#include "protocol/send_message.h"
#include "protocol/topic_route.h"
#include "wire/command.h"
#include "wire/rewrite_head.h"

namespace rmq::cluster {
namespace {

struct LargeCodeRequest {
  static constexpr auto kCode = protocol::RequestCode::POP_MESSAGE;
  template <typename Sink>
  void write_fields(Sink* sink) const {
    sink->field("topic", "orders");
  }
};

class RequestDecoratorTest : public ::testing::Test {
 protected:
  wire::CommandView read(std::string frame) {
    frame_ = std::move(frame);
    auto read = reader_.read(base::as_bytes(frame_));
    EXPECT_TRUE(read.ok());
    return read.ok() ? read.value() : wire::CommandView();
  }

  const RequestDecorator decorator{};

 private:
  std::string frame_;
  wire::CommandReader reader_;
};

TEST_F(RequestDecoratorTest, a_frame_is_binary_and_says_who_sends_it) {
  const auto command = read(decorator.make_frame(protocol::GetRouteRequest{.topic = "orders"},
                                                 "the body", Expects::answer));
  EXPECT_EQ(command.serialization, wire::Serialization::rocketmq);
  EXPECT_EQ(command.language, wire::Language::cpp);
  EXPECT_EQ(command.version, wire::kVersion540);
  EXPECT_EQ(command.code, 105);
  EXPECT_EQ(command.flag, 0);
  EXPECT_EQ(command.field("topic"), "orders");
  EXPECT_EQ(base::as_text(command.body), "the body");
}

TEST_F(RequestDecoratorTest, a_request_that_expects_nothing_is_one_way) {
  EXPECT_TRUE(
      read(decorator.make_frame(protocol::GetRouteRequest{}, {}, Expects::nothing)).is_oneway());
}

TEST_F(RequestDecoratorTest, a_code_that_does_not_fit_the_binary_header_gets_the_other) {
  const auto command = read(decorator.make_frame(LargeCodeRequest{}, {}, Expects::answer));
  EXPECT_EQ(command.serialization, wire::Serialization::json);
  EXPECT_EQ(command.code, 200050);
  EXPECT_EQ(command.field("topic"), "orders");
}

TEST_F(RequestDecoratorTest, the_broker_is_named_where_the_request_has_a_field_for_it) {
  protocol::GetMaxOffsetRequest offset;
  name_broker("broker-a", &offset);
  EXPECT_EQ(read(decorator.make_frame(offset, {}, Expects::answer)).field("bname"), "broker-a");
  protocol::GetRouteRequest route;
  name_broker("broker-a", &route);
  EXPECT_FALSE(read(decorator.make_frame(route, {}, Expects::answer)).field("bname"));
}

TEST_F(RequestDecoratorTest, a_head_is_counted_as_it_is_written) {
  const protocol::SendMessageRequest request{.producer_group = "senders", .topic = "orders"};
  const Decoration decoration = decorator.decorate(request, {}, Expects::answer);
  std::vector<std::uint8_t> head(write_head(request, decoration, 5, {}));
  EXPECT_EQ(write_head(request, decoration, 5, head), head.size());
  EXPECT_EQ(wire::head_bytes(head), head.size());
}

TEST_F(RequestDecoratorTest, another_attempt_carries_the_same_but_what_is_changed) {
  const std::string frame = decorator.make_frame(
      protocol::SendMessageRequest{.topic = "orders", .queue_id = 1, .broker_name = "broker-a"},
      "the body", Expects::answer);
  EXPECT_EQ(decorator.make_again(frame), frame);

  const protocol::SendRedirect redirect(7, "broker-b");
  auto head = decorator.rewrite(base::as_bytes(frame), redirect.changes(),
                                base::as_bytes(std::string_view("the body")));
  ASSERT_TRUE(head.ok());
  const auto command = read(head.take_value() + "the body");
  EXPECT_EQ(command.field("e"), "7");
  EXPECT_EQ(command.field("n"), "broker-b");
  EXPECT_EQ(command.field("b"), "orders");
  EXPECT_EQ(base::as_text(command.body), "the body");
}

}  // namespace
}  // namespace rmq::cluster
