// What the world does meanwhile: a broker that goes and comes, a process without descriptors.
#include <dirent.h>
#include <sys/resource.h>

#include <algorithm>
#include <cstdlib>

#include "tests/abi/walk/walker.h"

namespace rmq::walk {
namespace {

rlimit descriptor_limits() {
  rlimit limits{};
  getrlimit(RLIMIT_NOFILE, &limits);
  return limits;
}

// Room for a few more descriptors than the highest that is open.
void lower_descriptor_limit(Walker& walker) {
  static std::mutex mutex;  // readdir's position, and one change at a time
  std::lock_guard lock(mutex);
  rlim_t highest = 0;
  if (DIR* folder = ::opendir("/proc/self/fd")) {
    while (const dirent* entry = ::readdir(folder)) {
      highest = std::max<rlim_t>(highest, std::strtoul(entry->d_name, nullptr, 10));
    }
    ::closedir(folder);
  }
  rlimit limits = descriptor_limits();
  limits.rlim_cur = std::min<rlim_t>(highest + 1 + walker.below(8), limits.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limits);
}

void lift_descriptor_limit(Walker&) { lift_descriptors(); }

void disturb_broker(Walker& walker) {
  static constexpr const char* kCommands[] = {"cut broker-a", "crash broker-a 20ms",
                                              "pause broker-a", "resume broker-a",
                                              "resume broker-a"};
  rmq_testbroker_command(walker.world.broker, kCommands[walker.below(std::size(kCommands))],
                         nullptr, 0, nullptr);
}

}  // namespace

void lift_descriptors() {
  rlimit limits = descriptor_limits();
  limits.rlim_cur = std::min<rlim_t>(limits.rlim_max, 4096);
  setrlimit(RLIMIT_NOFILE, &limits);
}

void add_trouble_actions(std::vector<Action>& actions) {
  actions.push_back({"few descriptors", 1, lower_descriptor_limit});
  actions.push_back({"enough descriptors", 8, lift_descriptor_limit});
  actions.push_back({"a disturbed broker", 2, disturb_broker});
}

}  // namespace rmq::walk
