#include "base/local_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>

namespace rmq::base {
namespace {

// In a time zone of its own, which needs no files of the host.
class LocalTime : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const char* zone = std::getenv("TZ");  // NOLINT(concurrency-mt-unsafe): one thread
    had_zone_ = zone != nullptr;
    if (had_zone_) zone_ = zone;
    set_zone(GetParam());
  }
  void TearDown() override { set_zone(had_zone_ ? zone_.c_str() : nullptr); }
  static void set_zone(const char* zone) {
    zone ? ::setenv("TZ", zone, 1) : ::unsetenv("TZ");  // NOLINT(concurrency-mt-unsafe)
    ::tzset();
  }

 private:
  bool had_zone_ = false;
  std::string zone_;
};

TEST_P(LocalTime, is_what_the_clock_showed) {
  constexpr std::int64_t kEnd = 4'000'000'000;  // in 2096
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const auto moment = static_cast<std::time_t>(random() % kEnd);
    std::tm shown{};
    ::localtime_r(&moment, &shown);
    const std::int64_t found = local_to_epoch_seconds(shown);
    // The hour that is repeated in autumn is one of two.
    if (found != moment) {
      const auto other = static_cast<std::time_t>(found);
      std::tm again{};
      ::localtime_r(&other, &again);
      ASSERT_EQ(again.tm_hour, shown.tm_hour) << moment;
      ASSERT_EQ(std::abs(found - moment), 3600) << moment;
    }
  }
}

TEST_P(LocalTime, carries_over_what_is_beyond_its_range) {
  std::tm december{};
  december.tm_year = 125;
  december.tm_mon = 11;
  december.tm_mday = 1;
  std::tm thirteenth = december;
  thirteenth.tm_mon = 12;
  std::tm january{};
  january.tm_year = 126;
  january.tm_mday = 1;
  EXPECT_EQ(local_to_epoch_seconds(thirteenth), local_to_epoch_seconds(january));
  EXPECT_EQ(local_to_epoch_seconds(thirteenth) - local_to_epoch_seconds(december), 31 * 86400);
}

INSTANTIATE_TEST_SUITE_P(Of, LocalTime,
                         testing::Values("UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "IST-5:30",
                                         "NST3:30NDT,M3.2.0,M11.1.0", "XXX-14"));

}  // namespace
}  // namespace rmq::base
