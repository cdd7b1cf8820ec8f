// A listening TCP socket on libuv, for the test broker. Owned by its user; loop thread only.
#pragma once

#include <memory>

#include "transport/byte_stream.h"
#include "transport/loop.h"
#include "transport/uv_handle.h"

namespace rmq::transport {

class UvLoop;

class UvListener final : public Listener, private UvOwner, private TimerHandler {
 public:
  static base::Result<std::unique_ptr<Listener>> listen(UvLoop& loop, const SocketAddress& address,
                                                        ListenerHandler& handler);
  ~UvListener() override;
  SocketAddress address() const override { return address_; }

 private:
  UvListener(UvLoop& loop, ListenerHandler& handler);
  int start(const SocketAddress& address);
  int open_socket(const SocketAddress& address, int* descriptor);
  void close();
  void on_loop_closing() override { close(); }
  void on_timer() override;
  void accept_one();
  void rest();
  static void on_connection(uv_stream_t* handle, int uv_code);

  UvLoop& loop_;
  ListenerHandler& handler_;
  SocketAddress address_;
  std::unique_ptr<Timer> retry_;
  std::unique_ptr<UvHandleBlock<uv_tcp_t>> block_;
};

}  // namespace rmq::transport
