#include "producer/ended_transactions.h"

#include <new>

namespace rmq::producer {

void EndedTransactions::add(const std::string& key, protocol::TransactionState state) noexcept {
  try {
    const auto [place, is_new] = states_.try_emplace(key, state);
    if (!is_new) return;
    try {
      order_.push_back(place);
    } catch (const std::bad_alloc&) {
      states_.erase(place);
      return;
    }
    if (order_.size() <= kMax) return;
    states_.erase(order_.front());
    order_.pop_front();
  } catch (const std::bad_alloc&) {
    // The user is asked again.
  }
}

std::optional<protocol::TransactionState> EndedTransactions::find(std::string_view key) const {
  const auto found = states_.find(key);
  if (found == states_.end()) return std::nullopt;
  return found->second;
}

}  // namespace rmq::producer
