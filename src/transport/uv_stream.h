// A TCP connection on libuv: no delay for small segments, no keep-alive (the heartbeats above do
// that). Bytes go out by a direct try first, and by one uv_write for what the kernel did not take.
// Owned by its user; loop thread only.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "transport/byte_stream.h"
#include "transport/loop.h"
#include "transport/uv_handle.h"

namespace rmq::transport {

class UvLoop;

class UvStream final : public ByteStream, private UvOwner, private TurnEndHandler {
 public:
  explicit UvStream(UvLoop& loop);
  // Takes the next connection of a listening handle; null and a code when that fails.
  static std::unique_ptr<UvStream> accept(UvLoop& loop, uv_stream_t* listening, int* uv_code);
  ~UvStream() override { close(); }

  void set_handler(ByteStreamHandler& handler) override;
  void connect(const SocketAddress& address) override;
  bool write(std::span<const base::Bytes> chunks) override;
  std::uint64_t bytes_taken() const override;
  void pause_reading() override;
  void resume_reading() override;
  void close() override;
  std::string local_address() const override;

 private:
  enum class State {
    kNew,         // -> kConnecting by connect; kOpen when accepted
    kConnecting,  // -> kOpen by the connect callback; kFailing
    kOpen,        // -> kFailing by a read or write error
    kFailing,     // the error is told at the end of the turn -> kClosed
    kClosed,      // by close(), or after on_closed
  };
  struct Block : UvHandleBlock<uv_tcp_t> {
    uv_connect_t connect{};
    uv_write_t write{};
    uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&handle); }
    static Block* of(void* uv_handle) {
      return static_cast<Block*>(block_of(static_cast<uv_handle_t*>(uv_handle)));
    }
  };

  void on_loop_closing() override;
  void on_turn_without_kernel() override;
  void on_turn_end() override;  // tells the error of kFailing
  int open_block();
  int descriptor() const;  // of the block; -1 before there is a socket
  void start_reading();
  void set_write_outstanding(bool is_outstanding);
  void fail_later(base::Error error);
  void fail(base::Error error);
  base::Error describe(int uv_code, const char* doing) const;
  base::Error lost_error() const;
  template <typename Action>
  static void enter(Block* block, Action action);

  static void on_connected(uv_connect_t* request, int uv_code);
  static void on_allocate(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer);
  static void on_bytes(uv_stream_t* handle, ssize_t size, const uv_buf_t* buffer);
  static void on_write_done(uv_write_t* request, int uv_code);

  UvLoop& loop_;
  std::unique_ptr<Block> block_;
  std::unique_ptr<TurnEndTask> failing_;
  ByteStreamHandler* handler_ = nullptr;
  State state_ = State::kNew;
  bool paused_ = false;
  bool write_outstanding_ = false;
  std::uint64_t bytes_handed_over_ = 0;
  std::string peer_;  // "ip:port"
  base::Error error_;
};

}  // namespace rmq::transport
