#include "consumer/rebalance.h"

#include <algorithm>

#include "base/java_string_hash.h"
#include "protocol/consumer_list.h"
#include "protocol/request_frame.h"
#include "protocol/response_code.h"
#include "protocol/route_queues.h"

namespace rmq::consumer {
namespace {

constexpr base::Duration kInterval = std::chrono::seconds(20);
constexpr base::Duration kIntervalMin = std::chrono::seconds(1);
constexpr base::Duration kRetryInterval = std::chrono::seconds(3);

base::Result<std::vector<std::string>> read_members(base::Result<cluster::CallAnswer> answer,
                                                    const std::string& address) {
  if (!answer.ok()) return answer.take_error();
  const wire::CommandView& response = *answer.value().response;
  if (!protocol::is_success(response)) {
    return protocol::error_from_response(
        response, base::ServerRole::broker,
        static_cast<std::int32_t>(protocol::RequestCode::GET_CONSUMER_LIST_BY_GROUP), address);
  }
  auto members = protocol::parse_consumer_list(base::as_text(response.body));
  if (members.ok()) {
    std::vector<std::string>& ids = members.value();
    std::sort(ids.begin(), ids.end(), base::less_in_java);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  }
  return members;
}

}  // namespace

Rebalance::~Rebalance() { context_.core().deadlines().clear(due_); }

void Rebalance::request() {
  if (asked_ > 0) {
    is_wanted_again_ = true;
  } else if (last_run_ == base::Instant::min()) {
    set_due(context_.now());
  } else {
    set_due(std::max(context_.now(), last_run_ + kIntervalMin));
  }
}

void Rebalance::set_due(base::Instant due) {
  if (due_.is_queued() && due_.due() <= due) return;
  context_.core().deadlines().set(due_, due);
}

void Rebalance::on_deadline(remoting::Deadline&) { run(); }

void Rebalance::run() {
  calls_.forget_all();  // a round that has not come to its end by now never will
  last_run_ = context_.now();
  set_due(last_run_ + kInterval);
  has_failed_ = false;
  // One question per broker serves all topics that it was chosen for.
  std::map<std::string, std::vector<Topic>, std::less<>> questions;
  for (const auto& [topic, subscription] : context_.subscriptions) {
    const cluster::RoutePtr route = context_.core().routes().find(topic);
    if (!route || route->is_default) continue;
    const std::string_view address = choose_address(*route);
    if (!address.empty()) questions[std::string(address)].push_back({topic, route});
  }
  forget_gone_brokers();
  asked_ = questions.size();
  for (auto& [address, topics] : questions) ask(address, std::move(topics));
}

// Brokers that come back under other addresses leave nothing behind.
void Rebalance::forget_gone_brokers() {
  std::erase_if(forgotten_by_, [this](const std::string& address) {
    for (const auto& [topic, subscription] : context_.subscriptions) {
      const cluster::RoutePtr route = context_.core().routes().find(topic);
      if (!route) continue;
      for (const protocol::BrokerData& broker : route->data.brokers) {
        for (const auto& [id, known] : broker.addresses) {
          if (known == address) return false;
        }
      }
    }
    return true;
  });
}

// Every broker of a topic knows the whole group, for members register with all of them.
std::string_view Rebalance::choose_address(const cluster::Route& route) const {
  const auto& brokers = route.data.brokers;
  if (brokers.empty()) return {};
  const protocol::BrokerData& broker = brokers[failures_ % brokers.size()];
  return route.address_of(broker.broker_name, protocol::kMasterId, true);
}

void Rebalance::ask(const std::string& address, std::vector<Topic> topics) {
  remoting::Connection* connection = context_.core().connections().find(address);
  if (connection == nullptr) {
    has_failed_ = true;
    finish_one();
    return;
  }
  protocol::GetConsumerListRequest request;
  request.consumer_group = context_.options.group;
  calls_.start(
      *connection, protocol::make_frame(request), context_.now() + context_.options.request_timeout,
      [this, address, topics = std::move(topics)](base::Result<cluster::CallAnswer> answer) {
        take_answer(address, topics, std::move(answer));
      });
}

void Rebalance::take_answer(const std::string& address, const std::vector<Topic>& topics,
                            base::Result<cluster::CallAnswer> answer) {
  const auto members = read_members(std::move(answer), address);
  if (!members.ok()) {
    has_failed_ = true;
    // What is held stays.
    context_.log(event::LogLevel::warn, "rebalance", {topics.front().name, "", -1},
                 &members.error());
  } else {
    const std::vector<std::string>& ids = members.value();
    const bool is_member =
        std::find(ids.begin(), ids.end(), context_.host.client_id()) != ids.end();
    if (is_member) {
      forgotten_by_.erase(address);
    } else if (forgotten_by_.insert(address).second) {
      // The broker may have restarted, or is yet to hear of us: it hears now, and is asked again
      // before anything is given up.
      context_.core().heartbeats().announce_change();
      is_wanted_again_ = true;
      finish_one();
      return;
    }
    for (const Topic& topic : topics) divide(topic, ids);
  }
  finish_one();
}

void Rebalance::divide(const Topic& topic, const std::vector<std::string>& client_ids) {
  if (context_.find_subscription(topic.name) == nullptr) return;  // ended meanwhile
  auto queues = protocol::subscribe_queues(topic.route->data, topic.name);
  std::sort(queues.begin(), queues.end());
  auto part =
      strategy_.allocate({context_.options.group, context_.host.client_id(), queues, client_ids});
  if (part.ok()) {
    handler_.on_assigned(topic.name, part.value());
  } else {
    context_.log(event::LogLevel::warn, "allocate", {topic.name, "", -1}, &part.error());
  }
}

void Rebalance::finish_one() {
  if (--asked_ > 0) return;
  failures_ = has_failed_ ? failures_ + 1 : 0;
  if (has_failed_) set_due(last_run_ + kRetryInterval);
  if (std::exchange(is_wanted_again_, false)) request();
}

}  // namespace rmq::consumer
