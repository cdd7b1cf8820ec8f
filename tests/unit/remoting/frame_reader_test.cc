#include "remoting/frame_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace rmq::remoting {
namespace {

// A frame of `size` bytes with an empty binary-looking header and a body of one letter.
std::string make_frame(std::size_t size, char letter) {
  std::string frame(size, letter);
  const auto length = static_cast<std::uint32_t>(size - 4);
  for (int i = 0; i < 4; ++i) frame[i] = static_cast<char>(length >> (24 - 8 * i));
  std::memset(&frame[4], 0, 4);
  return frame;
}

// Feeds at most `most` bytes; returns how many.
std::size_t feed(FrameReader& reader, std::string_view bytes, std::size_t most) {
  const base::MutableBytes space = reader.space();
  EXPECT_FALSE(space.empty());
  const std::size_t size = std::min({space.size(), bytes.size(), most});
  std::memcpy(space.data(), bytes.data(), size);
  reader.filled(size);
  return size;
}

TEST(FrameReader, gives_the_frames_of_any_stream_cut_anyhow_while_slabs_are_kept) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::string stream;
    std::vector<std::string> frames;
    for (int i = 0; i < 60; ++i) {
      const std::size_t most = random() % 10 == 0 ? 40000 : 500;
      frames.push_back(make_frame(8 + random() % most, static_cast<char>('a' + i % 26)));
      stream += frames.back();
    }
    FrameReader reader(8192);
    struct Kept {
      base::SlabRef slab;
      base::Bytes frame;
      std::size_t index;
    };
    std::vector<Kept> kept;
    std::size_t index = 0;
    for (std::size_t position = 0; position < stream.size();) {
      position += feed(reader, std::string_view(stream).substr(position),
                       random() % 3 == 0 ? 1 + random() % 10 : 1 + random() % 20000);
      for (;;) {
        const auto frame = reader.next();
        ASSERT_TRUE(frame.ok());
        if (frame.value().empty()) break;
        ASSERT_LT(index, frames.size());
        ASSERT_EQ(base::as_text(frame.value()), frames[index]);
        if (random() % 4 == 0) kept.push_back({reader.slab(), frame.value(), index});
        ++index;
      }
      if (random() % 5 == 0) kept.clear();
      for (const Kept& each : kept) ASSERT_EQ(base::as_text(each.frame), frames[each.index]);
    }
    EXPECT_EQ(index, frames.size());
  }
}

TEST(FrameReader, fills_the_same_slab_again_when_nobody_keeps_it) {
  FrameReader reader(8192);
  const std::string frame = make_frame(700, 'x');
  (void)reader.space();
  const void* slab = reader.slab()->data();
  for (int i = 0; i < 1000; ++i) {
    std::size_t position = 0;
    while (position < frame.size()) {
      position += feed(reader, std::string_view(frame).substr(position), 333);
      const auto next = reader.next();
      ASSERT_TRUE(next.ok());
      EXPECT_EQ(next.value().empty(), position < frame.size());
    }
    EXPECT_EQ(reader.slab()->data(), slab);
  }
}

TEST(FrameReader, comes_back_from_a_large_frame_to_its_slab) {
  FrameReader reader(8192);
  (void)reader.space();
  const void* slab = reader.slab()->data();
  const std::string large = make_frame(100000, 'x');
  for (std::size_t position = 0; position < large.size();) {
    position += feed(reader, std::string_view(large).substr(position), 5000);
    ASSERT_TRUE(position == large.size() || reader.next().value().empty());
  }
  EXPECT_EQ(reader.slab()->capacity(), large.size()) << "a slab of its own size";
  EXPECT_EQ(reader.next().value().size(), large.size());
  (void)reader.space();
  EXPECT_EQ(reader.slab()->data(), slab);
}

TEST(FrameReader, says_when_the_stream_is_spoilt) {
  FrameReader reader;
  feed(reader, std::string_view("\x7f\xff\xff\xff", 4), 4);
  const auto frame = reader.next();
  ASSERT_FALSE(frame.ok());
  EXPECT_EQ(frame.error().code, base::ErrorCode::BAD_FRAME);
}

TEST(FrameReader, forgets_half_a_frame_on_reset) {
  FrameReader reader;
  const std::string frame = make_frame(100, 'x');
  feed(reader, frame, 50);
  EXPECT_TRUE(reader.next().value().empty());
  reader.reset();
  feed(reader, frame, 100);
  EXPECT_EQ(reader.next().value().size(), 100u);
}

}  // namespace
}  // namespace rmq::remoting
