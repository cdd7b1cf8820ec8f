#include "base/error.h"

#include <gtest/gtest.h>

namespace rmq::base {
namespace {

TEST(ErrorTable, codes_ascend_so_that_look_up_by_halves_is_right) {
  for (std::size_t i = 1; error_code_at(i) != nullptr; ++i) {
    EXPECT_LT(error_code_at(i - 1)->code, error_code_at(i)->code) << error_code_at(i)->name;
  }
}

TEST(ErrorTable, finds_each_code_and_answers_unknown_ones_with_internal) {
  for (std::size_t i = 0; error_code_at(i) != nullptr; ++i) {
    EXPECT_EQ(&error_code_info(error_code_at(i)->code), error_code_at(i));
  }
  EXPECT_EQ(error_code_info(static_cast<ErrorCode>(77)).code, ErrorCode::INTERNAL);
  EXPECT_EQ(error_code_info(static_cast<ErrorCode>(100000)).code, ErrorCode::INTERNAL);
}

TEST(Status, carries_its_error_and_costs_a_pointer) {
  EXPECT_TRUE(Status().ok());
  EXPECT_EQ(sizeof(Status), sizeof(void*));
  Status failed = make_error(ErrorCode::TOO_LARGE, "body of 5 bytes, limit 4");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.code(), ErrorCode::TOO_LARGE);
  EXPECT_FALSE(failed.error().is_retriable());
}

TEST(Error, of_exhausted_memory_says_so) {
  const Error error = make_memory_error();
  EXPECT_EQ(error.code, ErrorCode::MEMORY);
  EXPECT_EQ(error.message, "memory is exhausted");
  EXPECT_TRUE(error.is_retriable());
}

}  // namespace
}  // namespace rmq::base
