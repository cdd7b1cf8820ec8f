#include "consumer/decoding.h"

#include <new>

namespace rmq::consumer {

void Decoding::run() noexcept {
  if (is_forgotten_.load(std::memory_order_relaxed)) return;
  try {
    piece_ = decoder_->next_piece();
  } catch (const std::bad_alloc&) {
    piece_.reset();
  }
}

void Decoding::done() noexcept {
  if (handler_ != nullptr) handler_->on_decoded(std::move(decoder_), std::move(piece_));
}

}  // namespace rmq::consumer
