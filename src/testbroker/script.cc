#include "testbroker/script.h"

#include <utility>

namespace rmq::testbroker {

Rule& Rule::on_connection(std::uint64_t number) {
  connection_ = number;
  return *this;
}

Rule& Rule::nth(std::uint64_t n) {
  first_ = last_ = n;
  return *this;
}

Rule& Rule::first(std::uint64_t n) {
  last_ = n;
  return *this;
}

Rule& Rule::from(std::uint64_t n) {
  first_ = n;
  return *this;
}

Rule& Rule::every(std::uint64_t n) {
  step_ = n == 0 ? 1 : n;
  return *this;
}

Rule& Rule::with_chance(double probability) {
  probability_ = probability;
  return *this;
}

Rule& Rule::choose_as(const Rule& other) {
  connection_ = other.connection_;
  first_ = other.first_;
  last_ = other.last_;
  step_ = other.step_;
  probability_ = other.probability_;
  return *this;
}

const Rule& Rule::then(Fault fault) {
  fault_ = std::move(fault);
  return *this;
}

bool Rule::is_about(Moment moment, std::int32_t code, std::uint64_t connection) const {
  return moment_ == moment && fault_ && code_.value_or(code) == code &&
         connection_.value_or(connection) == connection;
}

bool Rule::applies(transport::Random& random) const {
  if (seen_ < first_ || seen_ > last_ || seen_ % step_ != 0) return false;
  if (probability_ >= 1) return true;
  constexpr std::uint64_t kSteps = 1u << 30;
  return static_cast<double>(random.below(kSteps)) < probability_ * static_cast<double>(kSteps);
}

Rule& Script::on(std::int32_t request_code) {
  Rule& rule = on_any();
  rule.code_ = request_code;
  return rule;
}

Rule& Script::on_any() { return rules_.emplace_back(); }

Rule& Script::on_connect() {
  Rule& rule = on_any();
  rule.moment_ = Rule::Moment::connect;
  return rule;
}

Fault Script::next_for_request(std::int32_t code, std::uint64_t connection,
                               transport::Random& random) {
  return take(Rule::Moment::request, code, connection, random);
}

Fault Script::next_for_connection(std::uint64_t connection, transport::Random& random) {
  return take(Rule::Moment::connect, 0, connection, random);
}

Fault Script::take(Rule::Moment moment, std::int32_t code, std::uint64_t connection,
                   transport::Random& random) {
  Rule* winner = nullptr;
  for (Rule& rule : rules_) {
    if (!rule.is_about(moment, code, connection)) continue;
    ++rule.seen_;
    if (winner == nullptr && rule.applies(random)) winner = &rule;
  }
  if (winner == nullptr) return {};
  ++winner->hits_;
  return *winner->fault_;
}

}  // namespace rmq::testbroker
