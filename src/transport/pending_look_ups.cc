#include "transport/pending_look_ups.h"

#include <utility>

namespace rmq::transport {

struct PendingLookUps::Pending final : Resolution {
  Pending(std::shared_ptr<Questions> wanted, std::uint64_t its_number)
      : questions(std::move(wanted)), number(its_number) {}
  ~Pending() override { questions->erase(number); }
  std::shared_ptr<Questions> questions;
  std::uint64_t number;
};

std::unique_ptr<Resolution> PendingLookUps::add(Resolver::Done done, std::uint64_t* number) {
  *number = ++last_number_;
  auto pending = std::make_unique<Pending>(questions_, *number);
  questions_->emplace(*number, std::move(done));
  return pending;
}

void PendingLookUps::tell(std::uint64_t number, Answer answer) {
  const auto question = questions_->extract(number);
  if (question) question.mapped()(std::move(answer));
}

bool PendingLookUps::add_literal(std::uint64_t number, const HostPort& name) {
  SocketAddress address;
  if (!SocketAddress::parse_literal(name.host, name.port, &address)) return false;
  literals_.emplace_back(number, address);
  return true;
}

void PendingLookUps::answer_literals() noexcept {
  const auto literals = std::exchange(literals_, {});
  for (const auto& [number, address] : literals)
    answer(number, [&] { return std::vector<SocketAddress>{address}; });
}

void PendingLookUps::answer_from(std::uint64_t number, const Answer& shared,
                                 std::uint16_t port) noexcept {
  answer(number, [&]() -> Answer {
    if (!shared.ok()) return shared.error();
    std::vector<SocketAddress> addresses = shared.value();
    for (SocketAddress& address : addresses) address.port = port;
    return addresses;
  });
}

void PendingLookUps::refuse_for_memory(std::uint64_t number) noexcept {
  const auto question = questions_->extract(number);
  if (!question) return;
  try {
    question.mapped()(base::make_memory_error());
  } catch (const std::bad_alloc&) {
    question.mapped()(std::vector<SocketAddress>{});
  }
}

}  // namespace rmq::transport
