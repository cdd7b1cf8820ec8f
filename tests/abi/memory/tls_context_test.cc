// A TLS context with roots, a certificate and a key, while one allocation or four in a row fail.
// Exhausted memory is told as such, for it is no fault of what the user gave. OpenSSL keeps it to
// itself now and then: what it had no memory to decode it calls unsupported.
#include <gtest/gtest.h>

#include <iostream>

#include "tests/abi/memory/failing_allocator.h"
#include "tests/support/simulated_tls.h"

namespace rmq::test::abi {
namespace {

constexpr long kAllocationsOfContextMax = 10'000;  // more than a context takes
constexpr long kContextStep = 11;

TEST(TlsContext, says_that_memory_is_exhausted) {
  transport::TlsOptions options = simulated_tls().identity;
  options.verify = true;
  options.ca_pem = options.cert_pem;
  for (const long in_a_row : {1, 4}) {
    long told = 0;
    long mistaken = 0;
    for (long n = 1;; n += kContextStep) {
      ASSERT_LT(n, kAllocationsOfContextMax);
      SCOPED_TRACE("allocation " + std::to_string(n) + ", in a row: " + std::to_string(in_a_row));
      base::ErrorCode code = base::ErrorCode::OK;
      fail_allocation_of_this_thread(n, in_a_row);
      try {
        const auto context = transport::TlsContext::make_client(options);
        if (!context.ok()) code = context.error().code;
      } catch (const std::bad_alloc&) {
        code = base::ErrorCode::MEMORY;
      }
      const bool has_failed = count_allocations() >= n;
      fail_allocation_of_this_thread(0);
      told += code == base::ErrorCode::MEMORY;
      if (code != base::ErrorCode::OK && code != base::ErrorCode::MEMORY) {
        EXPECT_TRUE(code == base::ErrorCode::OPTION_VALUE || code == base::ErrorCode::TLS);
        ++mistaken;
      }
      if (!has_failed) break;
    }
    EXPECT_GT(told, 10);
    EXPECT_LT(mistaken, told);
    std::cout << told << " told, " << mistaken << " taken for something else\n";
  }
}

}  // namespace
}  // namespace rmq::test::abi
