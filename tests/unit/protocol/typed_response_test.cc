// An answer, read as its request type says.
#include "protocol/typed_response.h"

#include <gtest/gtest.h>

#include <string>

#include "protocol/consumer_list.h"
#include "protocol/offsets.h"
#include "protocol/pull_message.h"
#include "protocol/send_back.h"
#include "protocol/topic_route.h"

namespace rmq::protocol {
namespace {

using base::ErrorCode;
using base::ServerRole;

struct Offered {
  std::int32_t code = 0;
  std::vector<wire::Field> fields{};
  std::string_view body{};
};

template <typename Request>
base::Result<typename Request::Response> read_offered(const Offered& offered,
                                                      ServerRole role = ServerRole::broker) {
  wire::CommandView response;
  response.code = offered.code;
  response.fields = offered.fields;
  response.body = base::as_bytes(offered.body);
  return read_response<Request>(42, response, role, [] { return std::string("10.0.0.1:10911"); });
}

TEST(TypedResponseTest, success_is_read_by_the_type_that_asked) {
  EXPECT_EQ(read_offered<GetMaxOffsetRequest>({.fields = {{"offset", "17"}}}).value(), 17);
  EXPECT_EQ(
      read_offered<GetConsumerListRequest>({.body = R"({"consumerIdList":["b","a"]})"}).value(),
      (std::vector<std::string>{"b", "a"}));
  EXPECT_TRUE(read_offered<SendBackRequest>({}).ok());
}

TEST(TypedResponseTest, another_code_is_an_error_that_says_who_answered_what) {
  const auto answer = read_offered<SendBackRequest>({.code = 26});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::GROUP_MISSING);
  EXPECT_EQ(answer.error().response_code, 26);
  EXPECT_EQ(answer.error().address, "10.0.0.1:10911");
  EXPECT_EQ(answer.error().server_role, ServerRole::broker);
  EXPECT_NE(answer.error().message.find("(42)"), std::string::npos) << answer.error().message;
}

TEST(TypedResponseTest, a_type_may_read_other_codes_than_success) {
  EXPECT_EQ(read_offered<QueryConsumerOffsetRequest>({.fields = {{"offset", "17"}}}).value(), 17);
  EXPECT_EQ(read_offered<QueryConsumerOffsetRequest>({.code = 22}).value(), std::nullopt);
  EXPECT_EQ(read_offered<QueryConsumerOffsetRequest>({.fields = {{"offset", "-1"}}}).value(),
            std::nullopt);
  EXPECT_EQ(read_offered<QueryConsumerOffsetRequest>({.code = 1}).error().response_code, 1);
  EXPECT_TRUE(read_offered<PullMessageRequest>({.code = 19,
                                                .fields = {{"suggestWhichBrokerId", "0"},
                                                           {"nextBeginOffset", "1"},
                                                           {"minOffset", "0"},
                                                           {"maxOffset", "1"}}})
                  .ok());
  EXPECT_FALSE(read_offered<PullMessageRequest>({.code = 24}).ok());
}

TEST(TypedResponseTest, an_answer_that_cannot_be_read_is_an_answer_all_the_same) {
  const auto offset = read_offered<GetMaxOffsetRequest>({});
  ASSERT_FALSE(offset.ok());
  EXPECT_EQ(offset.error().response_code, 0);
  EXPECT_EQ(offset.error().outcome, base::Outcome::applied);
  EXPECT_EQ(offset.error().address, "10.0.0.1:10911");
  const auto route = read_offered<GetRouteRequest>({.body = "{"}, ServerRole::nameserver);
  ASSERT_FALSE(route.ok());
  EXPECT_EQ(route.error().code, ErrorCode::NAMESERVER_ANSWER);
  EXPECT_EQ(route.error().response_code, 0);
  EXPECT_EQ(route.error().outcome, base::Outcome::not_applied);
  EXPECT_EQ(route.error().server_role, ServerRole::nameserver);
}

}  // namespace
}  // namespace rmq::protocol
