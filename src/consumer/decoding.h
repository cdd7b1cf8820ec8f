// One pull answer on its way to messages, off the loop: a job decodes one piece of it. Owned by the
// executor; known to its ProcessQueue until the piece is there, or until the queue forgets it.
#pragma once

#include <atomic>
#include <memory>

#include "client/batch_decoder.h"
#include "transport/loop.h"

namespace rmq::consumer {

class DecodingHandler {
 public:
  // Loop thread. `piece` is null when memory was too short.
  virtual void on_decoded(std::unique_ptr<client::BatchDecoder> decoder,
                          std::unique_ptr<client::MessageBatch> piece) noexcept = 0;

 protected:
  ~DecodingHandler() = default;
};

class Decoding final : public transport::Job {
 public:
  Decoding(DecodingHandler& handler, std::unique_ptr<client::BatchDecoder> decoder)
      : handler_(&handler), decoder_(std::move(decoder)) {}

  // Loop thread: the handler hears nothing more, and a piece that was not begun is not made.
  void forget() noexcept {
    handler_ = nullptr;
    is_forgotten_.store(true, std::memory_order_relaxed);
  }

 private:
  void run() noexcept override;
  void done() noexcept override;

  DecodingHandler* handler_;  // loop thread
  std::atomic<bool> is_forgotten_{false};
  std::unique_ptr<client::BatchDecoder> decoder_;
  std::unique_ptr<client::MessageBatch> piece_;
};

}  // namespace rmq::consumer
