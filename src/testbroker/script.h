// What shall go wrong, and when: an ordered list of rules, each "these requests, of those the n-th:
// this fault". Of the rules that apply to a request the first one wins; all of them count it.
//
//   server.script().on(RequestCode::SEND_MESSAGE_V2).nth(3).then(fault::no_answer());
//   server.script().on(RequestCode::GET_ROUTEINFO_BY_TOPIC).on_connection(2).first(5).then(fault::error(1,
//   "not ready")); server.script().on_any().with_chance(0.01).then(fault::delay(5s));
//   server.script().on_connect().nth(2).then(fault::cut_after(100));
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <optional>

#include "protocol/request_code.h"
#include "testbroker/fault.h"
#include "transport/loop.h"

namespace rmq::testbroker {

class Rule {
 public:
  Rule& on_connection(std::uint64_t number);  // the n-th that the server accepted, from 1
  Rule& nth(std::uint64_t n);                 // one-based, counted from when the rule was made
  Rule& first(std::uint64_t n);
  Rule& from(std::uint64_t n);  // the n-th and all later ones
  Rule& every(std::uint64_t n);
  Rule& with_chance(double probability);  // by the loop's random source
  Rule& choose_as(const Rule& other);     // the choice above, all of it
  const Rule& then(Fault fault);

  std::uint64_t seen() const { return seen_; }  // requests that it was about
  std::uint64_t hits() const { return hits_; }  // of these, those that got its fault

 private:
  friend class Script;
  enum class Moment : std::uint8_t { request, connect };
  bool is_about(Moment moment, std::int32_t code, std::uint64_t connection) const;
  bool applies(transport::Random& random) const;  // to the request counted last

  Moment moment_ = Moment::request;
  std::optional<std::int32_t> code_;
  std::optional<std::uint64_t> connection_;
  std::uint64_t first_ = 1;
  std::uint64_t last_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t step_ = 1;
  double probability_ = 1;
  std::optional<Fault> fault_;
  std::uint64_t seen_ = 0;
  std::uint64_t hits_ = 0;
};

class Script {
 public:
  // The references stay valid until clear().
  Rule& on(std::int32_t request_code);
  Rule& on(protocol::RequestCode code) { return on(static_cast<std::int32_t>(code)); }
  Rule& on_any();
  Rule& on_connect();  // cut_after then counts all bytes to that client; garbage is sent at once
  void clear() { rules_.clear(); }
  std::size_t size() const { return rules_.size(); }

  Fault next_for_request(std::int32_t code, std::uint64_t connection, transport::Random& random);
  Fault next_for_connection(std::uint64_t connection, transport::Random& random);

 private:
  Fault take(Rule::Moment moment, std::int32_t code, std::uint64_t connection,
             transport::Random& random);
  std::deque<Rule> rules_;
};

}  // namespace rmq::testbroker
