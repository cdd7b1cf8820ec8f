#include "transport/tls_listener.h"

#include <utility>

namespace rmq::transport {
namespace {

constexpr std::chrono::seconds kHandshakeMax{10};
constexpr std::size_t kHandshakesMax = 1024;

}  // namespace

// One connection until it is open. Removes itself from within its stream's callbacks.
class TlsListener::Handshake final : public ByteStreamHandler, public TimerHandler {
 public:
  Handshake(TlsListener& listener, std::unique_ptr<TlsStream> stream)
      : listener_(listener),
        stream_(std::move(stream)),
        deadline_(listener.loop_.make_timer(*this)) {
    stream_->set_handler(*this);
    deadline_->arm(listener.loop_.now() + kHandshakeMax);
  }

  void on_open() override {
    ListenerHandler& handler = listener_.handler_;
    std::unique_ptr<TlsStream> stream = std::move(stream_);
    listener_.remove(*this);
    handler.on_accept(std::move(stream));
  }
  base::MutableBytes read_space() override { return {}; }  // nothing is read before on_open
  void on_read(std::size_t) override {}
  void on_written() override {}
  void on_closed(base::Error) override { listener_.remove(*this); }
  void on_timer() override { listener_.remove(*this); }

 private:
  TlsListener& listener_;
  std::unique_ptr<TlsStream> stream_;
  std::unique_ptr<Timer> deadline_;
};

TlsListener::TlsListener(Loop& loop, std::shared_ptr<const TlsContext> context,
                         ListenerHandler& handler)
    : loop_(loop), context_(std::move(context)), handler_(handler) {}

TlsListener::~TlsListener() = default;

base::Result<std::unique_ptr<Listener>> TlsListener::listen(
    Loop& loop, const SocketAddress& address, std::shared_ptr<const TlsContext> context,
    ListenerHandler& handler) {
  std::unique_ptr<TlsListener> made(new TlsListener(loop, std::move(context), handler));
  auto listener = loop.listen(address, *made);
  if (!listener.ok()) return listener.take_error();
  made->listener_ = listener.take_value();
  return std::unique_ptr<Listener>(std::move(made));
}

void TlsListener::on_accept(std::unique_ptr<ByteStream> stream) {
  auto secured = std::make_unique<TlsStream>(loop_, std::move(stream), context_, "a client");
  if (handshakes_.size() >= kHandshakesMax) return;  // closes it
  handshakes_.push_back(std::make_unique<Handshake>(*this, std::move(secured)));
}

void TlsListener::remove(Handshake& handshake) {
  std::erase_if(handshakes_, [&](const auto& each) { return each.get() == &handshake; });
}

}  // namespace rmq::transport
