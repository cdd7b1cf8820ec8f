// How the last transactions of a producer ended. A broker asks about one of them when the end was
// lost, or when it has not looked at it yet. The user's word is given once more.
//
// Loop thread only; owned by Transactions. Bounded: the oldest are forgotten, and the user is
// asked.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/end_transaction.h"

namespace rmq::producer {

class EndedTransactions {
 public:
  static constexpr std::size_t kMax = 16'384;

  // Without memory it is as if the transaction were forgotten.
  void add(const std::string& key, protocol::TransactionState state) noexcept;
  // Nothing when it is not known.
  std::optional<protocol::TransactionState> find(std::string_view key) const;
  void clear() noexcept {
    order_.clear();
    states_.clear();
  }

 private:
  using States = std::map<std::string, protocol::TransactionState, std::less<>>;  // by unique id

  States states_;
  std::deque<States::iterator> order_;  // the oldest first
};

}  // namespace rmq::producer
