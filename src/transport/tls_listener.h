// Accepts TLS connections: waits for each handshake and hands on the streams that made it. For the
// test broker.
#pragma once

#include <list>
#include <memory>

#include "transport/loop.h"
#include "transport/tls_stream.h"

namespace rmq::transport {

class TlsListener final : public Listener, private ListenerHandler {
 public:
  static base::Result<std::unique_ptr<Listener>> listen(Loop& loop, const SocketAddress& address,
                                                        std::shared_ptr<const TlsContext> context,
                                                        ListenerHandler& handler);
  ~TlsListener() override;
  SocketAddress address() const override { return listener_->address(); }

 private:
  class Handshake;

  TlsListener(Loop& loop, std::shared_ptr<const TlsContext> context, ListenerHandler& handler);
  void on_accept(std::unique_ptr<ByteStream> stream) override;
  void remove(Handshake& handshake);

  Loop& loop_;
  const std::shared_ptr<const TlsContext> context_;
  ListenerHandler& handler_;
  std::list<std::unique_ptr<Handshake>> handshakes_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace rmq::transport
