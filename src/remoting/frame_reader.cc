#include "remoting/frame_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace rmq::remoting {

namespace {
// A read into less than this wastes a system call, unless it can complete the frame.
constexpr std::size_t kReadBytesMin = 4096;
constexpr std::size_t kSlabBytesMin = 2 * kReadBytesMin;
}  // namespace

FrameReader::FrameReader(std::size_t slab_bytes)
    : slab_bytes_(std::max(slab_bytes, kSlabBytesMin)) {}

base::MutableBytes FrameReader::space() {
  if (!slab_) slab_ = base::SlabRef::allocate(slab_bytes_);
  if (begin_ == end_ && slab_.unique()) begin_ = end_ = 0;

  const std::size_t rest = end_ - begin_;  // of the frame at begin_
  const std::size_t capacity = slab_->capacity();
  const bool fits =
      frame_bytes_ == 0 ? capacity - end_ >= kReadBytesMin : capacity - begin_ >= frame_bytes_;
  if (!fits || (capacity > slab_bytes_ && rest == 0)) {
    const std::size_t wanted = std::max(frame_bytes_, slab_bytes_);
    if (capacity == slab_bytes_ && wanted == slab_bytes_ && slab_.unique()) {
      std::memmove(slab_->data(), slab_->data() + begin_, rest);
      begin_ = 0;
      end_ = rest;
    } else if (wanted == slab_bytes_ && spare_.unique()) {
      move_to(std::exchange(spare_, {}));
    } else {
      move_to(base::SlabRef::allocate(wanted));
    }
  }
  return {slab_->data() + end_, slab_->capacity() - end_};
}

void FrameReader::move_to(base::SlabRef slab) {
  std::memcpy(slab->data(), slab_->data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  std::swap(slab, slab_);
  if (slab->capacity() == slab_bytes_ && slab_->capacity() > slab_bytes_) spare_ = std::move(slab);
}

base::Result<base::Bytes> FrameReader::next() {
  const base::Bytes unread =
      slab_ ? base::Bytes(slab_->data() + begin_, end_ - begin_) : base::Bytes();
  if (frame_bytes_ == 0) {
    base::Result<std::size_t> size = wire::frame_size(unread);
    if (!size.ok()) return size.take_error();
    frame_bytes_ = size.value();
  }
  if (frame_bytes_ == 0 || unread.size() < frame_bytes_) return base::Bytes();
  begin_ += frame_bytes_;
  return unread.first(std::exchange(frame_bytes_, 0));
}

void FrameReader::reset() {
  begin_ = end_ = frame_bytes_ = 0;
  if (slab_ && (!slab_.unique() || slab_->capacity() > slab_bytes_)) slab_.reset();
}

}  // namespace rmq::remoting
