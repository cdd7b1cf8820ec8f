// At rest each broker lists each living member of a group once, and nobody else.
#include <algorithm>

#include "tests/property/consumer_process.h"
#include "tests/property/invariant.h"

namespace rmq::sim {
namespace {

class ListedOnce final : public Invariant {
 public:
  using Invariant::Invariant;

  std::string name_unsettled() override {
    for (const GroupPlan& group : world().groups) {
      std::vector<std::string> members;
      for (const auto& process : world().consumers) {
        if (process->group().name == group.name && process->is_member()) {
          members.push_back(process->client_id());
        }
      }
      std::sort(members.begin(), members.end());
      for (std::size_t i = 0; i < world().broker_count(); ++i) {
        std::vector<std::string> listed = world().broker(i).clients().client_ids(group.name);
        std::sort(listed.begin(), listed.end());
        if (listed != members) {
          return "broker " + std::to_string(i) + " lists " + std::to_string(listed.size()) +
                 " connections for the " + std::to_string(members.size()) + " members of " +
                 group.name;
        }
      }
    }
    return {};
  }
};

const Registration<InvariantKind> kListedOnce{{"listed_once", make_invariant<ListedOnce>}};

}  // namespace
}  // namespace rmq::sim
