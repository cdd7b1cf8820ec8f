// Bytes in, whole frames out, without copying them.
#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/error.h"
#include "base/slab.h"
#include "wire/command.h"

namespace rmq::remoting {

// Cuts the stream of one connection into frames that lie whole in a reference-counted slab. Frames
// share slabs of slab_bytes; one that does not fit moves (with what came of it already) to a slab
// of its own size. A slab that nobody else refers to is filled again, so that steady use allocates
// nothing; one that somebody keeps is left to them. Owned by one connection; loop thread only.
class FrameReader {
 public:
  explicit FrameReader(std::size_t slab_bytes = 64 * 1024);

  // Where the next bytes may go, at least one. Only after next() said that it needs more. Throws
  // std::bad_alloc.
  base::MutableBytes space();
  // So many bytes of the last space() were filled.
  void filled(std::size_t size) { end_ += size; }

  // The next whole frame with its length word, in slab(); empty when more bytes are needed;
  // BAD_FRAME when the stream is spoilt.
  base::Result<base::Bytes> next();
  const base::SlabRef& slab() const { return slab_; }
  // Once next() needs more: how many bytes of the next frame came, and which. frame_bytes() is how
  // many it will have, 0 until its length word came.
  std::size_t unfinished_bytes() const { return end_ - begin_; }
  base::Bytes unfinished() const {
    return slab_ ? base::Bytes(slab_->data() + begin_, end_ - begin_) : base::Bytes();
  }
  std::size_t frame_bytes() const { return frame_bytes_; }

  // Forgets what was read (the connection has closed).
  void reset();

 private:
  void move_to(base::SlabRef slab);

  std::size_t slab_bytes_;
  base::SlabRef slab_;
  base::SlabRef spare_;          // a shared slab that was left for a large one, to come back to
  std::size_t begin_ = 0;        // of the frame that is being read
  std::size_t end_ = 0;          // of what was filled
  std::size_t frame_bytes_ = 0;  // of the frame at begin_; 0: not known yet
};

}  // namespace rmq::remoting
