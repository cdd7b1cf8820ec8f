#include "transport/memory_stream.h"

namespace rmq::transport {

void MemoryStream::set_handler(ByteStreamHandler& handler) {
  handler_ = &handler;
  if (connection_) connection_->set_handler(side_, handler);
}

void MemoryStream::connect(const SocketAddress& address) {
  if (connection_ || handler_ == nullptr) return;
  MemoryNetwork& network = loop_.network();
  SocketAddress local = loop_.host();
  local.port = network.next_port();
  connection_ = MemoryConnection::make(network, local, address);
  connection_->attach(side_, loop_);
  connection_->set_handler(side_, *handler_);
  connection_->set_paused(side_, paused_);
  connection_->start_connecting();
}

bool MemoryStream::write(std::span<const base::Bytes> chunks) {
  // A stream that has ended takes everything: its end was reported, nothing may follow.
  return !connection_ || connection_->write(side_, chunks);
}

void MemoryStream::set_paused(bool paused) {
  paused_ = paused;
  if (connection_) connection_->set_paused(side_, paused);
}

void MemoryStream::close() {
  if (!connection_) return;
  connection_->detach(side_);
  connection_.reset();
}

std::string MemoryStream::local_address() const {
  return connection_ && connection_->open(side_) ? connection_->address(side_).to_text()
                                                 : std::string();
}

base::Status MemoryListener::start() {
  base::Status status = loop_.network().add_listener(address_, *this);
  started_ = status.ok();
  return status;
}

MemoryListener::~MemoryListener() {
  if (started_) loop_.network().remove_listener(address_);
}

void MemoryListener::accept(std::shared_ptr<MemoryConnection> connection) {
  connection->attach(MemoryConnection::kServer, loop_);
  handler_.on_accept(std::make_unique<MemoryStream>(loop_, std::move(connection)));
}

}  // namespace rmq::transport
