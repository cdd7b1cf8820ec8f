#include "transport/inline_resolver.h"

namespace rmq::transport {

std::unique_ptr<Resolution> InlineResolver::resolve(const HostPort& name, Done done) {
  std::uint64_t number = 0;
  auto resolution = pending_.add(std::move(done), &number);
  questions_.emplace_back(number, name);
  turn_end_->schedule();
  return resolution;
}

void InlineResolver::on_turn_end() {
  const auto questions = std::exchange(questions_, {});
  for (const auto& [number, name] : questions) {
    if (!pending_.wanted(number)) continue;
    pending_.answer(number, [&]() -> PendingLookUps::Answer {
      SocketAddress literal;
      if (!SocketAddress::parse_literal(name.host, name.port, &literal)) return look_up_(name);
      return std::vector<SocketAddress>{literal};
    });
  }
}

}  // namespace rmq::transport
