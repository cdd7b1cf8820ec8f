// Bytes into a connection that has requests pending. The input is a program: it says what the peer
// sends, in which pieces, and what the client does meanwhile. Whatever it says, each submission
// ends exactly once, and the connection stays within its bounds.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "remoting/connection.h"
#include "tests/support/pipe_stream.h"
#include "tests/support/step_loop.h"

namespace rmq::remoting {
namespace {

void insist(bool holds) {
  if (!holds) std::abort();
}

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(data, size) {}
  bool is_empty() const { return rest_.empty(); }
  std::uint8_t take() {
    if (rest_.empty()) return 0;
    const std::uint8_t byte = rest_.front();
    rest_ = rest_.subspan(1);
    return byte;
  }
  std::string_view take_text(std::size_t size) {
    const base::Bytes taken = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return base::as_text(taken);
  }

 private:
  base::Bytes rest_;
};

struct FuzzRequest final : Request {
  void prepare(wire::Serialization serialization) {
    wire::Command command;
    command.serialization = serialization;
    command.code = 105;
    command.fields = {{"topic", "orders"}};
    bytes.clear();
    wire::append_frame(command, &bytes);
    frame = {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  }
  void on_response(const wire::CommandView& response, const base::SlabRef& slab) override {
    insist(static_cast<bool>(slab) && !oneway);
    std::size_t sum = response.body.size();
    for (const std::uint8_t byte : response.body) sum += byte;
    for (const wire::Field& field : response.fields) sum += field.name.size() + field.value.size();
    checksum += sum;
    ++ends;
  }
  void on_failure(base::Error error) override {
    insist(!error.message.empty());
    ++ends;
  }
  void on_sent() override {
    insist(oneway);
    ++ends;
  }
  std::string bytes;
  std::size_t checksum = 0;
  int submissions = 0;
  int ends = 0;
};

class Session final : public ConnectionHandler {
 public:
  explicit Session(std::uint8_t choice)
      : deadlines_(loop_),
        connection_(std::in_place, loop_, deadlines_, pipe_, *this, make_options(choice)) {
    for (std::size_t i = 0; i < kRequests; ++i) {
      requests_[i].prepare(i % 2 ? wire::Serialization::json : wire::Serialization::rocketmq);
      requests_[i].oneway = i == 0;
      requests_[i].fail_fast = i != 1;
      submit(requests_[i]);
    }
    settle();
  }

  void run(Input& input) {
    while (!input.is_empty()) {
      step(input);
      check();
    }
    connection_.reset();
    for (const FuzzRequest& request : requests_) insist(request.ends == request.submissions);
    insist(deadlines_.size() == 0);
  }

 private:
  static constexpr std::size_t kRequests = 6;

  static ConnectionOptions make_options(std::uint8_t choice) {
    return {.peer = {"10.0.0.2", 10911},
            .idle_timeout = base::milliseconds(choice & 1 ? 500 : 0),
            .write_timeout = base::milliseconds(1000),
            .keep_open = (choice & 2) != 0,
            .requests_max = choice & 4 ? 2u : 100u,
            .quarantine_max = 8,
            .waiting_requests_max = 4,
            .slab_bytes = 8192};
  }

  void submit(FuzzRequest& request) {
    if (request.is_pending()) return;
    ++request.submissions;
    request.deadline = loop_.now() + base::milliseconds(3000);
    connection_->submit(request);
  }

  void settle() {
    for (int i = 0; i < 3; ++i) {
      loop_.step();
      if (pipe_.is_connecting()) pipe_.open();
    }
  }

  void step(Input& input) {
    const std::uint8_t operation = input.take();
    FuzzRequest& request = requests_[(operation >> 4) % kRequests];
    switch (operation % 12) {
      case 0:
        submit(request);
        break;
      case 1:
        connection_->cancel(request);
        break;
      case 2:
        settle();
        break;
      case 3:
        loop_.turn_clock(base::milliseconds(100) * (operation >> 4));
        settle();
        break;
      case 4:
        pipe_.is_stalled = (operation & 16) != 0;
        break;
      case 5:
        pipe_.finish_write();
        break;
      case 6:
        if (pipe_.is_open()) {
          pipe_.fail(base::make_error(base::ErrorCode::RESET, "closed by the peer"));
        }
        break;
      case 7:
        answer(input.take(), 1 + (operation >> 4));
        break;
      case 8: {
        std::string frame;
        wire::append_frame(wire::Command(), &frame);
        (void)connection_->send_response(connection_->session(), frame);
        break;
      }
      default: {  // raw bytes
        const std::size_t most = 1 + (operation >> 4);
        const std::size_t size = input.take();
        pipe_.feed(input.take_text(size), most * most);
        break;
      }
    }
  }

  // A well-formed answer to some request that was written.
  void answer(std::uint8_t choice, std::size_t most) {
    std::vector<std::int32_t> opaques;
    for (std::size_t position = 0; position < pipe_.written.size();) {
      const base::Bytes rest = base::as_bytes(pipe_.written).subspan(position);
      const auto size = wire::frame_size(rest);
      insist(size.ok() && size.value() > 0 && size.value() <= rest.size());
      const auto command = reader_.read(rest.first(size.value()));
      insist(command.ok());
      if (!command.value().is_response()) opaques.push_back(command.value().opaque);
      position += size.value();
    }
    if (opaques.empty()) return;
    wire::Command response;
    response.serialization = choice & 1 ? wire::Serialization::json : wire::Serialization::rocketmq;
    response.opaque = opaques[(choice / 4) % opaques.size()];
    response.flag = choice & 2 ? 0 : wire::kFlagResponse;
    response.body.assign(choice, 'b');
    std::string frame;
    wire::append_frame(response, &frame);
    pipe_.feed(frame, most * most * most);
  }

  void check() {
    std::size_t pending = 0;
    for (const FuzzRequest& request : requests_) {
      pending += request.is_pending() ? 1 : 0;
      insist(request.ends + (request.is_pending() ? 1 : 0) == request.submissions);
    }
    insist(connection_->pending() == pending);
    insist(connection_->waiting() <= 4);
    if (pipe_.written.size() > 100000) pipe_.written.clear();
  }

  void on_state_changed(Connection&, ConnectionState from, ConnectionState to,
                        const base::Error*) override {
    insist(from != to && from != ConnectionState::closed);
  }
  void on_server_request(const wire::CommandView&, const base::SlabRef& slab,
                         Connection&) override {
    insist(static_cast<bool>(slab));
  }

  testing::StepLoop loop_;
  testing::PipeStreams pipe_;
  Deadlines deadlines_;
  FuzzRequest requests_[kRequests];
  std::optional<Connection> connection_;
  wire::CommandReader reader_;
};

}  // namespace
}  // namespace rmq::remoting

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rmq::remoting::Input input(data, size);
  rmq::remoting::Session session(input.take());
  session.run(input);
  return 0;
}
