#include "producer/retry_policy.h"

#include <gtest/gtest.h>

namespace rmq::producer {
namespace {

using base::ErrorCode;
using namespace std::chrono_literals;

base::Error answered(std::int32_t code) {
  base::Error error = base::make_error(ErrorCode::BROKER, "answered");
  error.response_code = code;
  return error;
}

TEST(RetryPolicy, the_answers_of_the_protocol_and_no_others_lead_to_another_try) {
  for (const int code : {17, 14, 1, 2, 16, 204, 205, 1500}) {
    EXPECT_TRUE(is_worth_another_try(answered(code))) << code;
  }
  for (const int code : {3, 13, 15, 18, 20, 22, 29, 501, 604, 9999}) {
    EXPECT_FALSE(is_worth_another_try(answered(code))) << code;
  }
}

TEST(RetryPolicy, transport_failures_lead_to_another_try_and_the_callers_own_ends_do_not) {
  for (const ErrorCode code :
       {ErrorCode::REFUSED, ErrorCode::RESET, ErrorCode::CANNOT_RESOLVE, ErrorCode::CONNECT_TIMEOUT,
        ErrorCode::REQUEST_TIMEOUT, ErrorCode::QUEUE_FULL, ErrorCode::BAD_FRAME,
        ErrorCode::SERVER_LEAVING}) {
    EXPECT_TRUE(is_worth_another_try(base::make_error(code, "x"))) << static_cast<int>(code);
    EXPECT_TRUE(hints_at_stale_route(base::make_error(code, "x"))) << static_cast<int>(code);
  }
  for (const ErrorCode code : {ErrorCode::CANCELLED, ErrorCode::SHUTDOWN, ErrorCode::CLOSED,
                               ErrorCode::CLOSING, ErrorCode::TOO_LARGE, ErrorCode::MEMORY}) {
    EXPECT_FALSE(is_worth_another_try(base::make_error(code, "x"))) << static_cast<int>(code);
  }
}

TEST(RetryPolicy, attempts_share_the_time_while_there_is_somewhere_else_to_go) {
  const base::Instant now{10s};
  EXPECT_EQ(attempt_deadline(now, now + 9s, 3, true), now + 3s);
  EXPECT_EQ(attempt_deadline(now, now + 9s, 3, false), now + 9s);
  EXPECT_EQ(attempt_deadline(now, now + 9s, 1, true), now + 9s);
  EXPECT_EQ(attempt_deadline(now, now + 1500ms, 3, true), now + 1s) << "at least a second";
  EXPECT_EQ(attempt_deadline(now, now + 500ms, 3, true), now + 500ms);
  EXPECT_EQ(attempt_deadline(now, now - 1s, 3, true), now - 1s);
}

}  // namespace
}  // namespace rmq::producer
