#include "tests/property/run.h"

#include <algorithm>
#include <cstdio>
#include <set>
#include <string_view>
#include <utility>

#include "tests/property/consumer_process.h"
#include "tests/property/invariant.h"
#include "tests/property/memory_count.h"
#include "tests/property/producer_process.h"
#include "tests/property/transitions.h"
#include "tests/property/workload.h"
#include "tests/support/simulated_tls.h"

namespace rmq::sim {
namespace {

constexpr base::Duration kSecond = std::chrono::seconds(1);
// How often invariants look: seldom enough to be quick, often enough for users' answers to fall in
// between.
constexpr base::Duration kLook = std::chrono::milliseconds(250);
// From the end of the faults: two minutes until brokers forget a client that lost its power, ten
// seconds until they look, a rebalance, and the delays of messages that come again.
constexpr base::Duration kSettleMax = std::chrono::seconds(400);
constexpr base::Duration kCloseMax = std::chrono::seconds(70);

class Run {
 public:
  Run(const Plan& plan, Statistics& statistics, Narration narration)
      : plan_(plan), statistics_(statistics), narration_(narration), world_(plan.seed, plan.shape) {
    world_.has_faults = !plan.faults.empty();
    for (const InvariantKind& kind : all_kinds<InvariantKind>()) {
      invariants_.emplace_back(kind.name, kind.make(world_));
    }
  }

  RunResult run() {
    start();
    while (world_.network.now() < end_of_trouble_) turn_on();
    settle();
    close();
    conclude();
    count();
    return std::move(result_);
  }

 private:
  void start() {
    end_of_trouble_ = world_.now() + plan_.shape.troubled;
    std::size_t i = 0;
    for (const WorkloadKind& kind : all_kinds<WorkloadKind>()) {
      world_.workloads.push_back(kind.make(world_, plan_.workload_seeds[i++]));
      world_.workloads.back()->start();
    }
    for (const PlannedFault& fault : plan_.faults) {
      world_.after(fault.at, [this, &fault] {
        Draw draw(fault.seed);
        world_.had_faults = true;
        fault.kind->inject(world_, draw, fault.duration);
        if (injected_.insert(fault.kind->name).second) {
          statistics_.add(std::string("fault.") + fault.kind->name);
        }
        statistics_.add("faults");
      });
    }
  }

  void turn_on() {
    world_.network.advance(kLook);
    for (const auto& [name, invariant] : invariants_) invariant->look();
  }

  void settle() {
    world_.is_ending = true;
    world_.end_faults();
    for (const auto& workload : world_.workloads) workload->end();
    const base::Instant begin = world_.now();
    std::string unsettled = name_unsettled();
    while (!unsettled.empty() && world_.now() - begin < kSettleMax) {
      turn_on();
      std::string now_unsettled = name_unsettled();
      if (narration_ != Narration::none && now_unsettled != unsettled) {
        std::printf("  %lld s after the faults: %s\n",
                    static_cast<long long>((world_.now() - begin) / kSecond),
                    now_unsettled.empty() ? "all is at rest" : now_unsettled.c_str());
      }
      unsettled = std::move(now_unsettled);
    }
    result_.settled_after = world_.now() - begin;
    if (!unsettled.empty()) result_.violations.push_back("at rest: " + unsettled);
  }

  std::string name_unsettled() {
    for (const auto& [name, invariant] : invariants_) {
      std::string text = invariant->name_unsettled();
      if (!text.empty()) return name + ": " + text;
    }
    return {};
  }

  void close() {
    for (const auto& producer : world_.producers) producer->end(kSecond);
    for (const auto& consumer : world_.consumers) consumer->end(kSecond);
    const auto all_gone = [this] {
      for (const auto& producer : world_.producers) {
        if (!producer->is_gone()) return false;
      }
      for (const auto& consumer : world_.consumers) {
        if (!consumer->is_gone()) return false;
      }
      return true;
    };
    if (!world_.network.run_until(all_gone, kCloseMax)) {
      result_.violations.emplace_back("closing: a process is still there after 70 s");
    }
    for (const auto& producer : world_.producers) producer->poll();
    for (const auto& consumer : world_.consumers) consumer->poll();
  }

  void conclude() {
    for (const auto& [name, invariant] : invariants_) {
      invariant->conclude();
      for (const std::string& violation : invariant->violations()) {
        result_.violations.push_back(name + ": " + violation);
      }
    }
    for (const std::string& mistake : world_.ledger.mistakes) {
      result_.violations.push_back("seen: " + mistake);
    }
    // The bytes of TLS are random.
    result_.trace_hash = plan_.shape.has_tls ? 0 : world_.network.trace_hash();
  }

  void count() {
    const Ledger& ledger = world_.ledger;
    statistics_.add("seeds");
    statistics_.add("trace", result_.trace_hash);  // of all runs in any order
    statistics_.add("worlds.tls", plan_.shape.has_tls);
    statistics_.add("worlds.large", plan_.shape.has_large_bodies());
    statistics_.add("network_events", world_.network.trace_count());
    for (const SendRecord& send : ledger.sends) {
      statistics_.add("sends.large", send.body.size() > WorldShape::kLargeBytes);
      statistics_.add(send.is_oneway                                 ? "sends.oneway"
                      : send.is_applied                              ? "sends.applied"
                      : send.outcome == base::Outcome::not_applied   ? "sends.not_applied"
                      : send.outcome == base::Outcome::maybe_applied ? "sends.maybe"
                                                                     : "sends.applied_with_error");
    }
    for (const auto& [group, records] : ledger.groups) {
      for (const auto& [key, record] : records) {
        statistics_.add("messages.consumed", record.consumed > 0);
        statistics_.add("messages.consumed_again", record.consumed > 1);
      }
    }
    statistics_.add("deliveries", ledger.deliveries);
    statistics_.add("answers.stale", ledger.stale_answers);
    statistics_.add("events.error", ledger.background_errors);
    statistics_.add("operations", ledger.operations.size());
    statistics_.add("checked.messages", ledger.checked_messages);
    statistics_.add("checked.messages_exempt", ledger.exempt_messages);
    statistics_.add("checked.offsets", ledger.checked_offsets);
    statistics_.add("checked.ordered", ledger.checked_ordered);
    statistics_.add("checked.last_offsets", ledger.checked_last_offsets);
    const auto simulated = world_.now() - base::Instant(std::chrono::hours(1));
    statistics_.add("simulated_s", static_cast<std::uint64_t>(simulated / kSecond));
    statistics_.keep_max("settled_s", static_cast<std::uint64_t>(result_.settled_after / kSecond));
  }

  const Plan& plan_;
  Statistics& statistics_;
  const Narration narration_;
  World world_;
  std::vector<std::pair<std::string, std::unique_ptr<Invariant>>> invariants_;
  base::Instant end_of_trouble_{};
  std::set<std::string_view> injected_;
  RunResult result_;
};

}  // namespace

// How many blocks a copy of the value takes.
template <typename T>
std::int64_t count_blocks_of(const T& value) {
  const std::int64_t before = count_blocks();
  const T copy = value;
  return count_blocks() - before;
}

RunResult run(const Plan& plan, Statistics& statistics, Narration narration) {
  const std::int64_t before = count_blocks();
  Statistics counted;
  RunResult result;
  {
    Run one(plan, counted, narration);
    count_transitions(&counted);
    result = one.run();
  }
  for (const std::string& name : count_transitions(nullptr)) {
    result.violations.push_back("transitions: no description of " + name);
  }
  const std::int64_t left =
      count_blocks() - before - count_blocks_of(counted) - count_blocks_of(result);
  if (left != 0) {
    result.violations.push_back("memory: " + std::to_string(left) + " blocks are left");
  }
  statistics.merge(counted);
  return result;
}

void warm_up() {
  Statistics ignored;
  test::simulated_tls();
  run(Plan::draw(0), ignored);
}

Plan shrink(Plan plan, const std::string& violation) {
  const std::string name = violation.substr(0, violation.find(':'));
  for (std::size_t i = plan.faults.size(); i-- > 0;) {
    Plan fewer = plan;
    fewer.faults.erase(fewer.faults.begin() + static_cast<std::ptrdiff_t>(i));
    Statistics ignored;
    const std::vector<std::string> found = run(fewer, ignored).violations;
    const bool is_same = std::any_of(found.begin(), found.end(), [&](const std::string& text) {
      return text.substr(0, text.find(':')) == name;
    });
    if (is_same) plan = std::move(fewer);
  }
  return plan;
}

}  // namespace rmq::sim
