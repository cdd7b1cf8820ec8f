// The part of Producer that has to do with transactions.
#include "producer/half_message.h"
#include "producer/producer.h"
#include "protocol/request_code.h"

namespace rmq::producer {

// Whoever answers the checks for those who sent before has sent nothing yet, and the brokers have
// to know its group.
void Producer::on_joined() {
  for (const std::string& topic : options_.transaction_topics) {
    transactions_.use();
    try {
      router_.keep_topic(topic);
    } catch (const std::bad_alloc&) {
      // The first send to the topic watches it.
    }
  }
}

client::ServedRequests Producer::served_requests() const {
  static constexpr client::ServedRequest kServed[] = {
      {protocol::RequestCode::CHECK_TRANSACTION_STATE, group_of_check,
       client::serve_by<Producer, &Producer::check_transaction>},
  };
  return {options_.group, kServed};
}

// Not while the producer goes, or when its user knows nothing of transactions: the broker asks
// again, and another member of the group.
void Producer::check_transaction(const wire::CommandView& command, client::ServerRequest& request) {
  if (life_.is_active() && transactions_.is_in_use()) transactions_.check(command, request);
}

void Producer::discard_withdrawn() noexcept {
  host_->core().flush_events();
  queue_->discard_withdrawn();
}

}  // namespace rmq::producer
