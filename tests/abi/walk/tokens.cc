#include "tests/abi/walk/tokens.h"

#include <string>

#include "tests/abi/walk/finding.h"

namespace rmq::walk {

std::uint64_t Tokens::issue() {
  const std::uint64_t token = last_.fetch_add(1) + 1;
  if (token >= states_.size()) return 0;
  states_[token] = State::issued;
  return token;
}

void Tokens::refuse(std::uint64_t token) {
  if (states_[token].exchange(State::refused) == State::seen) {
    report_finding("the refused operation " + std::to_string(token) + " had an event");
  }
}

void Tokens::see(std::uint64_t token) {
  if (token == 0 || token >= states_.size()) {
    report_finding("an event has the token " + std::to_string(token) + ", which nobody gave");
  }
  switch (states_[token].exchange(State::seen)) {
    case State::issued:
      return;
    case State::unused:
      report_finding("an event came before its operation " + std::to_string(token));
    case State::seen:
      report_finding("operation " + std::to_string(token) + " had two events");
    case State::refused:
      report_finding("the refused operation " + std::to_string(token) + " has an event");
  }
}

}  // namespace rmq::walk
