// Finds out which queues are this consumer's: asks brokers for the members of the group and divides
// each topic's queues among them (protocol.md 10.3). At once after a change that somebody saw, and
// every 20 s for changes that nobody saw; never more often than once a second.
//
// All members ask the same broker where they can, for brokers list members differently for a while.
// A broker that has just restarted is asked last. That broker hears of the members one after the
// other, and would hand the queues of all to the first.
//
// A list is odd when it names a member twice, or has lacked one that counted for a few seconds. Its
// broker holds a dead connection or has lost one, and other brokers have not. If members divided by
// different lists, some queues would be nobody's and others would have two holders. So members that
// see an odd list ask the other brokers too, in the order of their names. All members divide by the
// first list that is not odd, or else by that of the first broker.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "cluster/call_set.h"
#include "consumer/absent_brokers.h"
#include "consumer/allocate_strategy.h"
#include "consumer/assignment.h"
#include "consumer/consumer_context.h"
#include "remoting/deadlines.h"

namespace rmq::consumer {

class Rebalance final : public Assignment, private remoting::DeadlineHandler {
 public:
  Rebalance(ConsumerContext& context, std::unique_ptr<AllocateStrategy> strategy,
            AssignmentHandler& handler)
      : context_(context),
        strategy_(std::move(strategy)),
        handler_(handler),
        due_(*this),
        calls_(context.core().decorator()) {}
  ~Rebalance() override;

  // Before a broker knows this member, the member would not be in the list that is divided by.
  void request(Cause cause) override;

 private:
  // The parts of one topic that the strategy has yet to tell, or has told.
  struct Sharing {
    std::size_t missing = 0;
    AllocateStrategy::Queues assigned{};
    bool has_others = false;
  };

  // A topic whose members are asked for in this round.
  struct Topic {
    std::string name;
    cluster::RoutePtr route;
    std::vector<const cluster::Endpoint*> asked{};  // of the route
    // The odd list of the first broker by name that gave one; empty: none did.
    std::vector<std::string> odd_list{};
    std::string odd_list_by{};
  };

  void on_deadline(remoting::Deadline& deadline) override;
  // A round as soon as the last one is over and a second old.
  void run_soon();
  void run();
  void begin_again_soon() noexcept;
  using Questions = std::map<cluster::EndpointPtr, std::vector<Topic>, cluster::ByNumber>;
  void ask_all(Questions questions);
  void ask(const cluster::EndpointPtr& broker, std::vector<Topic> topics);
  // A broker to ask; the least is the best.
  struct Choice {
    base::Instant known_since;  // the same for all that have known this client for long enough
    std::int32_t turn;          // the same number in every member
    std::string_view address;
    cluster::Endpoint* endpoint;  // of that address
    auto operator<=>(const Choice&) const = default;
  };

  using Answer = base::Result<std::vector<std::string>>;  // the client ids of the group
  void take_answer(cluster::Endpoint& broker, std::vector<Topic>& topics, Answer answer);
  // Nothing: this broker's list is not to be divided by, or not yet.
  std::optional<std::vector<std::string>> read_list(cluster::Endpoint& broker,
                                                    const std::string& topic, Answer answer);
  bool is_odd(cluster::Endpoint& broker, const std::vector<std::string>& client_ids);
  static void take_odd(const cluster::Endpoint& broker, const std::vector<std::string>& client_ids,
                       Topic& topic);
  bool knows_too_few(cluster::Endpoint& broker, const std::vector<std::string>& client_ids);
  bool is_early_to_believe(base::Instant since);
  bool is_first_time_forgotten(cluster::Endpoint& broker);
  void divide(const Topic& topic, const std::vector<std::string>& client_ids);
  void take_part(const std::string& topic, Sharing& sharing,
                 base::Result<AllocateStrategy::Queues> part);
  void assign(const std::string& topic, const Sharing& sharing);
  void finish_one();
  void end_round();
  void set_due(base::Instant due) noexcept;
  cluster::Endpoint* choose_broker(const cluster::Route& route);
  cluster::Endpoint* choose_next(const Topic& topic);

  ConsumerContext& context_;
  const std::unique_ptr<AllocateStrategy> strategy_;
  AssignmentHandler& handler_;
  remoting::Deadline due_;
  base::Instant last_run_{base::Instant::min()};
  cluster::CallSet calls_;
  std::size_t asked_ = 0;  // brokers that have not answered in this round
  bool is_wanted_again_ = false;
  bool is_registered_ = false;  // with any broker
  // By topic. What the strategy says of an earlier division finds its sharing gone.
  std::map<std::string, std::shared_ptr<Sharing>, std::less<>> sharings_;
  std::size_t failures_ = 0;  // rounds in a row in which a broker failed; chooses another one
  bool has_failed_ = false;   // in this round
  using Brokers = std::set<cluster::EndpointPtr, cluster::ByNumber>;
  Brokers forgotten_by_;              // that did not list this client when last asked
  std::vector<std::string> members_;  // by which queues were divided in earlier rounds
  std::vector<std::string> members_of_this_round_;
  // Brokers whose list has lacked one of members_ since then.
  std::map<cluster::EndpointPtr, base::Instant, cluster::ByNumber> lacking_since_;
  AbsentBrokers absent_brokers_;
  std::vector<Choice> choices_;  // scratch of choose_broker
};

}  // namespace rmq::consumer
