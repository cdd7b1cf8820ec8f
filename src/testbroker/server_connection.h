// One accepted connection: cuts what arrives into frames, and gathers answers into one write per
// loop turn. All it keeps is bounded: a client that asks and never reads is first not read any
// more, and after a while cut off. What requests mean is its handler's business. Owned by Server;
// loop thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "testbroker/server_options.h"
#include "transport/byte_stream.h"
#include "wire/command.h"

namespace rmq::testbroker {

class ServerConnection;

class ServerConnectionHandler {
 public:
  // The view is valid during the call. The connection may be ended from here.
  virtual void on_frame(ServerConnection& connection, const wire::CommandView& command) = 0;
  // Output waits: flush() is wanted at the end of the turn.
  virtual void on_output(ServerConnection& connection) = 0;
  // The peer is not read until it has taken the output that waits: time to watch whether it does.
  virtual void on_output_full(ServerConnection& connection) = 0;
  // It is not read until resume(slow), which is wanted when `rest` has passed.
  virtual void on_slow_read(ServerConnection& connection, base::Duration rest) = 0;
  // It ended by itself. The connection must not be destroyed before the end of the turn.
  virtual void on_end(ServerConnection& connection, std::string_view why) = 0;

 protected:
  ~ServerConnectionHandler() = default;
};

class ServerConnection final : private transport::ByteStreamHandler {
 public:
  enum class Pause : std::uint8_t {
    output_full = 1,
    stalled = 2,
    server_paused = 4,
    cutting = 8,
    slow = 16,
    dumb = 32,
  };

  ServerConnection(std::uint64_t number, std::unique_ptr<transport::ByteStream> stream,
                   const ServerLimits& limits, ServerConnectionHandler& handler);
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;

  std::uint64_t number() const { return number_; }
  bool ended() const { return ended_; }
  std::uint64_t bytes_read() const { return bytes_read_; }
  std::uint64_t bytes_written() const { return bytes_written_; }  // taken by the stream
  std::size_t bytes_waiting() const { return writing_.size() + waiting_.size(); }
  std::size_t input_capacity() const { return input_capacity_; }

  void answer(const wire::Command& command);
  void send(std::string_view bytes);
  // What was sent so far still leaves, then the connection is cut; nothing more is read.
  void cut_when_written();
  // Cut once so many bytes have left in all.
  void cut_after_output(std::uint64_t bytes);
  // Leaves behind the next answer; when one waits like that already, this is its next answer.
  void send_behind_next(std::string_view bytes);
  void release_set_aside();  // what still waits for a next answer leaves
  // From now on at most so many bytes a second are read, at least 1.
  void set_read_rate(std::size_t bytes_per_second);
  // For ever: not read, and what is sent goes nowhere.
  void go_dumb();
  bool is_dumb() const { return is_paused(Pause::dumb); }
  void flush();
  void pause(Pause reason);
  void resume(Pause reason);
  bool is_paused(Pause reason) const { return (pauses_ & static_cast<unsigned>(reason)) != 0; }
  void close();  // at once, without on_end

 private:
  void on_open() override {}
  base::MutableBytes read_space() override;
  void on_read(std::size_t size) override;
  void on_written() override;
  void on_closed(base::Error error) override;

  void read_frames();
  bool read_one_frame();  // false: no more to do now
  void make_room();
  void add_set_aside();
  void note_output();
  void apply_output_limit();
  void after_write();
  void end(std::string_view why);

  const std::uint64_t number_;
  const ServerLimits& limits_;
  ServerConnectionHandler& handler_;
  wire::CommandReader reader_;

  std::unique_ptr<std::uint8_t[]> input_;
  std::size_t input_capacity_ = 0;
  std::size_t input_begin_ = 0;  // of what is not used yet
  std::size_t input_end_ = 0;

  std::string waiting_;  // not handed over yet
  std::string writing_;  // with the stream
  bool write_outstanding_ = false;
  std::string set_aside_;  // leaves behind the next answer
  bool cutting_ = false;
  std::optional<std::uint64_t> output_limit_;  // bytes that may still be sent

  unsigned pauses_ = 0;
  std::size_t read_rate_ = 0;  // bytes a second; 0: no limit
  bool reading_frames_ = false;
  bool ended_ = false;
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_written_ = 0;
  std::unique_ptr<transport::ByteStream> stream_;  // last: destroyed first
};

}  // namespace rmq::testbroker
