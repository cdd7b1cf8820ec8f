// Handlers that note what they hear, for the tests of streams.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "transport/loop.h"

namespace rmq::transport {

// Owns a stream and notes everything; hooks let a test act from inside a callback.
class RecordingStream final : public ByteStreamHandler {
 public:
  explicit RecordingStream(std::unique_ptr<ByteStream> wanted) : stream(std::move(wanted)) {
    stream->set_handler(*this);
  }

  void on_open() override {
    ++opened;
    if (when_open) when_open();
  }
  base::MutableBytes read_space() override { return {space, space_bytes}; }
  void on_read(std::size_t size) override {
    received.append(reinterpret_cast<const char*>(space), size);
    ++reads;
    if (when_read) when_read();
  }
  void on_written() override {
    ++written;
    if (when_written) when_written();
  }
  void on_closed(base::Error error) override {
    ++closed;
    end = std::move(error);
    if (when_closed) when_closed();
  }

  // `text` must outlive the write.
  bool write(std::string_view text) {
    const base::Bytes chunk = base::as_bytes(text);
    return stream->write({&chunk, 1});
  }
  base::ErrorCode end_code() const { return end ? end->code : base::ErrorCode::OK; }

  std::unique_ptr<ByteStream> stream;
  std::uint8_t space[65536] = {};
  std::size_t space_bytes = sizeof space;
  std::string received;
  int opened = 0;
  int reads = 0;
  int written = 0;
  int closed = 0;
  std::optional<base::Error> end;
  std::function<void()> when_open, when_read, when_written, when_closed;
};

class RecordingListener final : public ListenerHandler {
 public:
  void on_accept(std::unique_ptr<ByteStream> stream) override {
    accepted.push_back(std::make_unique<RecordingStream>(std::move(stream)));
    if (when_accepted) when_accepted(*accepted.back());
  }

  std::vector<std::unique_ptr<RecordingStream>> accepted;
  std::function<void(RecordingStream&)> when_accepted;
};

struct CountingTimer final : TimerHandler {
  void on_timer() override {
    ++fired;
    if (when_fired) when_fired();
  }
  int fired = 0;
  std::function<void()> when_fired;
};

struct CountingTurnEnd final : TurnEndHandler {
  void on_turn_end() override {
    ++ran;
    if (when_run) when_run();
  }
  int ran = 0;
  std::function<void()> when_run;
};

struct CountingWakeUp final : WakeUpHandler {
  void on_wake_up() override {
    ++woken;
    if (when_woken) when_woken();
  }
  int woken = 0;
  std::function<void()> when_woken;
};

}  // namespace rmq::transport
