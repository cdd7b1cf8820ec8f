#include "base/compression.h"

#include <gtest/gtest.h>

namespace rmq::base {
namespace {

class EachCompression : public testing::TestWithParam<Compression> {};
INSTANTIATE_TEST_SUITE_P(Compression, EachCompression,
                         testing::Values(Compression::lz4, Compression::zstd, Compression::zlib));

std::string mixed_text(std::size_t bytes) {
  std::string text;
  for (std::uint32_t value = 1; text.size() < bytes; value = value * 1664525 + 1013904223) {
    text += value % 3 == 0 ? std::string(10, 'a') : std::string(1, static_cast<char>(value >> 24));
  }
  text.resize(bytes);
  return text;
}

TEST_P(EachCompression, gives_back_bodies_of_every_size_at_every_level) {
  for (const std::size_t bytes : {0u, 1u, 100u, 65536u, 300000u}) {
    const std::string text = mixed_text(bytes);
    for (const int level : {-5, 0, 5, 100}) {
      auto packed = compress(GetParam(), level, as_bytes(text));
      ASSERT_TRUE(packed.ok()) << packed.error().message;
      auto unpacked = decompress(GetParam(), as_bytes(packed.value()), bytes);
      ASSERT_TRUE(unpacked.ok()) << unpacked.error().message;
      EXPECT_EQ(unpacked.value(), text);
    }
  }
}

TEST_P(EachCompression, stops_a_bomb_at_the_bound) {
  auto packed = compress(GetParam(), 9, as_bytes(std::string(64 * 1024 * 1024, '\0')));
  ASSERT_TRUE(packed.ok());
  auto unpacked = decompress(GetParam(), as_bytes(packed.value()), 100000);
  ASSERT_FALSE(unpacked.ok());
  EXPECT_EQ(unpacked.error().code, ErrorCode::TOO_LARGE);
}

TEST_P(EachCompression, takes_exactly_the_bound_and_not_one_byte_less) {
  const std::string text = mixed_text(70000);
  auto packed = compress(GetParam(), 5, as_bytes(text));
  ASSERT_TRUE(packed.ok());
  EXPECT_TRUE(decompress(GetParam(), as_bytes(packed.value()), 70000).ok());
  auto refused = decompress(GetParam(), as_bytes(packed.value()), 69999);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::TOO_LARGE);
}

TEST_P(EachCompression, calls_cut_and_foreign_bytes_a_bad_body) {
  auto packed = compress(GetParam(), 5, as_bytes(mixed_text(5000)));
  ASSERT_TRUE(packed.ok());
  for (const std::size_t bytes : {std::size_t{0}, std::size_t{3}, packed.value().size() - 1}) {
    auto cut = decompress(GetParam(), as_bytes(packed.value().substr(0, bytes)), 1 << 20);
    ASSERT_FALSE(cut.ok()) << bytes;
    EXPECT_EQ(cut.error().code, ErrorCode::BAD_BODY);
  }
  EXPECT_EQ(decompress(GetParam(), as_bytes("no compression at all"), 1000).error().code,
            ErrorCode::BAD_BODY);
}

TEST(Lz4Compression, makes_blocks_that_javas_reader_takes) {
  auto packed = compress(Compression::lz4, 5, as_bytes(mixed_text(300'000)));  // several blocks
  ASSERT_TRUE(packed.ok());
  constexpr std::size_t kFlagsAt = 4;
  constexpr unsigned char kIndependentBlocks = 0x20;
  EXPECT_NE(static_cast<unsigned char>(packed.value()[kFlagsAt]) & kIndependentBlocks, 0);
}

}  // namespace
}  // namespace rmq::base
