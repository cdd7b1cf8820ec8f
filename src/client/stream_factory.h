// Makes the streams of a runtime's connections: TCP, with TLS over it when the options say so. Loop
// thread, except make().
#pragma once

#include <memory>

#include "config/config.h"
#include "remoting/connection_options.h"
#include "transport/loop.h"
#include "transport/tls_context.h"

namespace rmq::client {

class StreamFactory final : public remoting::StreamFactory {
 public:
  // Reads certificates and keys; the error names the file.
  static base::Result<std::unique_ptr<StreamFactory>> make(const config::Config& config);

  // Before the first make_stream.
  void set_loop(transport::Loop& loop) { loop_ = &loop; }

  base::Result<std::unique_ptr<transport::ByteStream>> make_stream(
      const transport::HostPort& peer) override;

 private:
  transport::Loop* loop_ = nullptr;
  std::shared_ptr<const transport::TlsContext> tls_;  // null: plain
};

}  // namespace rmq::client
